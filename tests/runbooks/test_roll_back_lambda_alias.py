"""roll-back-lambda-alias: what it promises at night.

The embedded cloud has nothing provisioned: what is, is scripted after the Lambda API reference,
GetProvisionedConcurrencyConfig (statuses IN_PROGRESS, READY, FAILED; ProvisionedConcurrencyConfigNotFoundException).
"""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.functions import ALIAS, a_function, alarm, pointed, with_versions

NAME = "roll-back-lambda-alias"
NONE = Refusal("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found", 404)

Event = Callable[[str], dict[str, Any]]


@pytest.fixture
def function(house: House) -> str:
    """A function with three versions, its alias at the third, and nothing provisioned."""
    return with_versions(house, a_function(house), 3)


def provisioned(house: House, of: dict[str, int] | None = None, *, ready: bool = True) -> None:
    """What each qualifier has provisioned, an alias or a version; once the alias moved, it is ``ready`` or not."""

    def answer(parameters: Any) -> Any:
        wanted = (of or {}).get(parameters["Qualifier"])
        if wanted is None:
            return NONE
        moved = bool(house.scripted.changes())
        return {
            "RequestedProvisionedConcurrentExecutions": wanted,
            "AvailableProvisionedConcurrentExecutions": wanted if ready or not moved else 0,
            "Status": "READY" if ready or not moved else "IN_PROGRESS",
        }

    house.scripted.script("lambda", "GetProvisionedConcurrencyConfig", answer)


def start(house: House, function: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, function=function, **{"alias": ALIAS, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start(house, with_versions(house, a_function(house), 2))
    assert ended["outcome"] == "succeeded"


def test_it_points_the_alias_to_the_version_before(house: House, function: str) -> None:
    """With the revision that it read: who moved the alias since is not overrun."""
    revision = house.crew.client("lambda").get_alias(FunctionName=function, Name=ALIAS)["RevisionId"]
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert pointed(house, function) == ("2", {})
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert (sent["FunctionVersion"], sent["RevisionId"]) == ("2", revision)
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["all calls go there"]


def test_a_version_that_was_deleted_is_passed_over(house: House, function: str) -> None:
    house.crew.client("lambda").delete_function(FunctionName=function, Qualifier="2")
    _, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert pointed(house, function) == ("1", {})


def test_a_version_can_be_named(house: House, function: str) -> None:
    _, ended = start(house, function, version="1")
    assert ended["outcome"] == "succeeded"
    assert pointed(house, function) == ("1", {})


def test_all_pages_of_versions_are_looked_through(house: House, function: str) -> None:
    """AWS lists fifty at a time; the one before may be on the last page."""
    pages = {None: (["$LATEST", "1"], "next"), "next": (["2", "3"], None)}

    def listed(parameters: Any) -> Any:
        versions, more = pages[parameters.get("Marker")]
        return {"Versions": [{"Version": each} for each in versions], **({"NextMarker": more} if more else {})}

    house.scripted.script("lambda", "ListVersionsByFunction", listed)
    _, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert pointed(house, function) == ("2", {})


def test_a_version_that_is_tried_out_gets_no_more_calls(house: House, function: str) -> None:
    """What has most of the calls is what was there before: the alias stays at it."""
    routing = {"AdditionalVersionWeights": {"3": 0.1}}
    house.crew.client("lambda").update_alias(
        FunctionName=function, Name=ALIAS, FunctionVersion="2", RoutingConfig=routing
    )
    _, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert pointed(house, function) == ("2", {})
    assert house.scripted.changes() == ["lambda:UpdateAlias"]


def test_a_plan_changes_nothing_and_shows_both_ways(house: House, function: str) -> None:
    planned = house.plan(NAME, function=function, alias=ALIAS)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    (back,) = [each for each in line["undo"] if each["verb"] == "change"]
    assert (line["parameters"]["FunctionVersion"], back["parameters"]["FunctionVersion"]) == ("2", "3")
    assert house.scripted.changes() == []


def test_an_alias_that_does_not_exist_is_not_applicable(house: House, function: str) -> None:
    _, ended = start(house, function, alias="nobody")
    assert ended["outcome"] == "not_applicable"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"version": "3"}, "does not point to 3 alone already"),
        ({"version": "9"}, "look at version 9"),
        ({"version": "$LATEST"}, "$LATEST is a published version"),
    ],
    ids=["it is there already", "there is no such version", "it is not published"],
)
def test_nothing_is_done_where_there_is_nothing_to_do(
    house: House, function: str, given: dict[str, str], why: str
) -> None:
    _, ended = start(house, function, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_the_first_version_has_none_before_it(house: House) -> None:
    _, ended = start(house, with_versions(house, a_function(house), 1))
    assert ended["outcome"] == "not_applicable"
    assert "there is a version before it" in ended["words"]


def test_an_alias_of_what_is_not_published_is_left_alone(house: House, function: str) -> None:
    """$LATEST has no version before it: nobody knows what it was."""
    house.crew.client("lambda").update_alias(FunctionName=function, Name=ALIAS, FunctionVersion="$LATEST")
    _, ended = start(house, function)
    assert ended["outcome"] == "not_applicable"


def test_a_version_that_sleeps_is_left_alone(house: House, function: str) -> None:
    """Lambda puts what nobody calls for weeks to sleep: its first calls fail."""
    house.scripted.script("lambda", "GetFunctionConfiguration", lambda _: {"State": "Inactive"})
    _, ended = start(house, function)
    assert ended["outcome"] == "not_applicable"
    assert "version 2 can be called at once" in ended["words"]


@pytest.mark.parametrize(
    ("of", "outcome"),
    [({"3": 5}, "not_applicable"), ({"3": 5, "2": 4}, "not_applicable"), ({"3": 5, "2": 5}, "succeeded")],
    ids=["none", "less", "as much"],
)
def test_what_is_provisioned_for_the_newer_version_must_be_for_the_older(
    house: House, function: str, of: dict[str, int], outcome: str
) -> None:
    """It belongs to a version and does not move along."""
    provisioned(house, of)
    _, ended = start(house, function)
    assert ended["outcome"] == outcome


@pytest.mark.parametrize(("ready", "outcome"), [(True, "succeeded"), (False, "ineffective")])
def test_what_the_alias_itself_has_provisioned_must_be_ready_again(
    house: House, function: str, ready: bool, outcome: str
) -> None:
    """It moves along, and takes its time; past the deadline the older version goes on, cold."""
    provisioned(house, {ALIAS: 5}, ready=ready)
    _, ended = start(house, function)
    assert ended["outcome"] == outcome
    assert pointed(house, function) == ("2", {})
    assert house.scripted.changes() == ["lambda:UpdateAlias"]


def test_an_alias_that_somebody_moved_since_is_left_as_it_is(house: House, function: str) -> None:
    """AWS compares the revision, and refuses: there is nothing to undo."""
    house.scripted.answer("lambda", "UpdateAlias", Refusal("PreconditionFailedException", status=412))
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "PreconditionFailedException"
    assert "undone" not in house.closing(run)
    assert pointed(house, function) == ("3", {})


def test_aws_is_told_the_revision_that_was_looked_at(house: House, function: str) -> None:
    """Moto compares none, so what is sent is looked at (Lambda API reference, UpdateAlias, RevisionId)."""
    looked_at = house.crew.client("lambda").get_alias(FunctionName=function, Name=ALIAS)["RevisionId"]
    start(house, function)
    assert [sent.parameters.get("RevisionId") for sent in house.scripted.sent if sent.operation == "UpdateAlias"] == [
        looked_at
    ]


def refuse_after_the_change(house: House, times: int) -> None:
    """So many looks at the alias are refused once it was moved."""
    left = list(range(times))
    refused = Refusal("AccessDeniedException", status=403)
    house.scripted.script(
        "lambda", "GetAlias", lambda _: refused if house.scripted.changes() and left and not left.pop() else None
    )


def test_an_error_after_the_change_points_it_back(house: House, function: str) -> None:
    """With its weights, and with the revision that it has then."""
    refuse_after_the_change(house, 1)
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["point it to version 2"]
    assert pointed(house, function) == ("3", {})


def test_the_undo_leaves_alone_what_somebody_moved_meanwhile(house: House, function: str) -> None:
    """A person is told instead."""
    refuse_after_the_change(house, 1)

    def moves(*_: Any) -> None:
        house.crew.client("lambda").update_alias(FunctionName=function, Name=ALIAS, FunctionVersion="1")

    house.scripted.after("lambda", "UpdateAlias", moves)
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert "nobody moved it since" in house.closing(run)["not_undone"][0]["words"]
    assert pointed(house, function) == ("1", {})


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, function: str) -> None:
    house.scripted.lose_reply("lambda", "UpdateAlias")
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["lambda:UpdateAlias"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_errors_of_the_alias_find_it_and_those_of_the_whole_function_do_not(
    house: House, function: str, event: Event
) -> None:
    """CloudWatch names the alias with its function: checkout:live."""
    by_alias = {"FunctionName": function, "Resource": f"{function}:{ALIAS}"}
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), "Errors", by_alias))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    assert pointed(house, function) == ("2", {})
    answer, _ = house.crew.event(alarm(house, event("asg-cpu-high"), "Errors", {"FunctionName": function}))
    assert answer.kind == "left"
