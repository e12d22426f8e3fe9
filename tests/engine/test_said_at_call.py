"""A runbook whose calls say their family: policy, approvals and the role that acts follow the call."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import FROM_CALL, Family, Risk, Run, runbook
from nightcrew.admission.approvals import find
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.pages import files, root_of
from nightcrew.authoring.roles import actions_of
from nightcrew.authoring.runbook import FAMILIES, Runbook
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import Crew, crew
from nightcrew.engine.ways import Roles, clouds
from nightcrew.errors import BadDeclaration, BadParameter
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, settings

ROLES = "arn:aws:iam::123456789012:role/nightcrew-remediator-{family}-eu-west-1"
POLICY = """
defaults: {breaker: 10000}
rules:
  - {when: {family: restart}, autonomy: auto}
  - {when: {family: restore}, autonomy: approve}
  - {when: {family: failover, risk: costly}, autonomy: approve}
"""
DECLARED: dict[str, Any] = {
    "by_hand": timedelta(minutes=1),
    "permissions": ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
}


def hides(run: Run, queue: Queue, family: Family, risk: Risk = "data-loss") -> str:
    """Hides messages for longer."""
    run.change("set it", hide_for(queue, 60))
    run.prove("it is set", settings(queue), bool, within=timedelta(minutes=1))
    return "well"


HIDES = runbook(family=FROM_CALL, risk=FROM_CALL, **DECLARED)(hides)
Starts = Callable[..., tuple[str, dict[str, Any] | None]]


@pytest.fixture
def night(house: House) -> Crew:
    """A crew that assumes roles, as the deployed one does."""
    catalog = Catalog([HIDES])
    return crew(
        load(POLICY, "policy.yaml"),
        clients=house.crew.clients,
        clock=SkippingClock(),
        catalog=catalog,
        clouds=clouds(house.scripted, catalog, Roles(ROLES)),
    )


def assumed(house: House) -> list[str]:
    """The families whose roles were taken."""
    arns = [str(each.parameters["RoleArn"]) for each in house.scripted.sent if each.operation == "AssumeRole"]
    return [arn.split("-remediator-")[1].removesuffix("-eu-west-1") for arn in arns]


def test_the_role_that_acts_is_the_one_of_the_calls_family(house: House, night: Crew) -> None:
    _, ended = night.person("hides", queue=a_queue(house, "said-role"), family="restart", risk="low")
    assert ended is not None
    assert ended.result["outcome"] == "succeeded"
    assert set(assumed(house)) == {"restart"}


@pytest.mark.parametrize(
    ("family", "risk", "people"),
    [("restore", "low", 1), ("failover", "costly", 1), ("restart", "data-loss", 2)],
)
def test_policy_and_approvals_are_those_of_the_call(
    house: House, night: Crew, family: str, risk: str, people: int
) -> None:
    """Whoever says the worst risk, or nothing, asks two people, whatever policy says of the family."""
    answer = night.dispatcher.person(
        "hides",
        {"queue": a_queue(house, f"said-{family}"), "family": family, "risk": risk},
        actor="arn:aws:iam::123456789012:user/ada",
        account="123456789012",
        region="eu-west-1",
    )
    assert answer.run is not None
    ended = night.engine.drive(answer.run, until=night.installation.clock.now())
    assert ended.status == "WAITING"
    asked = find(night.store, answer.run)
    assert asked is not None
    assert asked.wanted == people


def test_a_family_that_there_is_not_is_refused_before_anything_is_admitted(house: House, night: Crew) -> None:
    with pytest.raises(BadParameter, match="restart, scale-out, failover, restore"):
        night.person("hides", queue=a_queue(house, "said-wrong"), family="reboot")
    with pytest.raises(BadParameter, match="family"):
        night.person("hides", queue=a_queue(house, "said-nothing"))


def test_each_familys_role_has_what_it_declares() -> None:
    """Whichever a call says."""
    for family in FAMILIES:
        assert actions_of(family, [HIDES]) == tuple(DECLARED["permissions"])


def test_until_a_call_says_it_the_worst_risk_holds_and_the_catalog_says_so() -> None:
    assert (HIDES.family in FAMILIES, HIDES.families, HIDES.risk) == (True, FAMILIES, "data-loss")
    assert HIDES.called({"family": "restore", "risk": "low"}).families == FAMILIES


def test_a_call_cannot_say_what_the_function_does_not_take() -> None:
    def silent(run: Run, queue: Queue, family: str) -> None:
        """Says nothing."""

    with pytest.raises(BadDeclaration, match="family: Family"):
        runbook(family=FROM_CALL, risk="low", **DECLARED)(silent)


def test_a_fixed_family_stays_what_it_is(catalog: Catalog) -> None:
    found: Runbook = catalog["restart-ec2-instance"]
    assert found.called({"family": "restore"}) is found
    assert found.families == ("restart",)


def test_the_list_has_them_once(catalog: Catalog) -> None:
    text = next(text for path, text in files(catalog, root_of("runbooks")).items() if path.name == "CATALOG.md")
    assert "## each call says its family" in text
    assert text.count("| [run-ssm-automation](") == 1
