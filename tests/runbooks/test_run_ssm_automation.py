"""run-ssm-automation: what it promises at night."""

import re
from typing import Any

import pytest

from nightcrew.admission.cancelling import cancel
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from nightcrew.ledger.entries import Entry
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.own import (
    MANAGED,
    a_document,
    a_target,
    a_target_group,
    an_alarm,
    start_document,
    started,
    turns_ok,
)

NAME = "run-ssm-automation"
START = "ssm:StartAutomationExecution"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start_document(
        house, a_document(house), alarm_ok=an_alarm(house), healthy_targets=a_target_group(house), within="1s"
    )
    assert ended["outcome"] == "ineffective"
    _, ended = start_document(house, a_document(house, "aws:sleep"), within="1s")
    assert ended["outcome"] == "failed"


def test_a_document_runs_once_and_its_success_is_the_proof(house: House) -> None:
    """The version and its hash stand in the ledger, and the execution has the run's tag."""
    document = a_document(house)
    run, ended = start_document(house, document, parameters="{}")
    assert ended["outcome"] == "succeeded"
    (execution,) = started(document)
    assert execution["Tags"]["nightcrew:run"] == run
    assert (execution["DocumentVersion"], bool(UUID.fullmatch(execution["Token"]))) == ("1", True)
    found = next(fact["value"] for fact in house.facts(run) if fact.get("read") == f"find {document}")
    assert found["version"] == "1"
    assert re.fullmatch(r"Sha256:[0-9a-f]{64}", found["hash"])
    proof = next(fact for fact in house.facts(run) if "proved" in fact)
    assert (proof["proved"], proof["value"]["steps"]) == ("its execution's status is Success", ["step1: Success"])


def test_a_plan_changes_nothing_and_shows_how_it_is_taken_back(house: House) -> None:
    document, back = a_document(house), a_document(house)
    about = {"target": a_target(house), "family": "restart", "risk": "disruptive"}
    planned = house.plan(NAME, document=document, undo_document=back, **about)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert (line["parameters"]["DocumentName"], line["parameters"]["DocumentVersion"]) == (document, "1")
    undo = [step["title"] for step in line["undo"] if step["verb"] == "change"]
    assert undo == ["stop the execution", "start the undo document"]
    assert (house.scripted.changes(), started(document)) == ([], [])


def test_without_an_undo_document_a_person_approves_the_start(house: House) -> None:
    """What it does cannot be taken back, whatever policy says."""
    document = a_document(house)
    about: dict[str, Any] = {"target": a_target(house), "family": "restart", "risk": "disruptive", "within": "1m"}
    run, ended = start_decided(house, NAME, document=document, **about)
    assert ended["outcome"] == "succeeded"
    asked = next(fact for fact in house.facts(run) if "asked" in fact)
    assert (asked["asked"], asked["decision"]) == (f"approve: start {document}", "approved")
    _, ended = start_decided(house, NAME, approve=False, **{**about, "document": document, "target": a_target(house)})
    assert (ended["outcome"], len(started(document))) == ("declined", 1)


def test_what_nobody_described_counts_as_data_loss_and_two_people_approve_it(house: House) -> None:
    document, back = a_document(house, tags=MANAGED), a_document(house, tags=MANAGED)
    about: dict[str, Any] = {
        "target": a_target(house),
        "family": "failover",
        "document": document,
        "undo_document": back,
    }
    run, ended = start_decided(house, NAME, within="1m", **about)
    assert ended["outcome"] == "succeeded"
    asked = next(fact for fact in house.facts(run) if "asked" in fact)
    assert (asked["asked"], len(asked["by"])) == ("approve the plan", 2)


def test_parameters_reach_the_document_as_lists_of_texts(house: House) -> None:
    declared = {"Hosts": {"type": "StringList"}, "Hard": {"type": "Boolean", "default": False}}
    document = a_document(house, parameters=declared)
    _, ended = start_document(house, document, parameters='{"Hosts": ["a", "b"], "Hard": true}', undo_parameters="{}")
    assert ended["outcome"] == "succeeded"
    assert started(document)[0]["Parameters"] == {"Hosts": ["a", "b"], "Hard": ["true"]}


def test_what_the_caller_named_proves_it_too(house: House) -> None:
    alarm, group = an_alarm(house), a_target_group(house)
    turns_ok(house, alarm, "ssm", "StartAutomationExecution")
    run, ended = start_document(house, a_document(house), alarm_ok=alarm, healthy_targets=group)
    assert ended["outcome"] == "succeeded"
    proofs = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    targets = f"{group.split('/')[1]} has healthy targets, and no ill one"
    assert proofs == ["its execution's status is Success", targets, f"{alarm} is OK"]


def test_a_document_that_ends_well_and_does_not_help_is_ineffective(house: House) -> None:
    document = a_document(house)
    _, ended = start_document(house, document, alarm_ok=an_alarm(house), within="1s")
    assert (ended["outcome"], len(started(document))) == ("ineffective", 1)


def test_a_document_that_is_too_late_is_stopped_and_taken_back(house: House) -> None:
    """The deadline passed."""
    document, back = a_document(house, "aws:executeScript", "aws:sleep"), a_document(house)
    run, ended = start_document(house, document, undo_document=back, within="1s")
    assert (ended["outcome"], "not within" in ended["words"]) == ("failed", True)
    assert [each["AutomationExecutionStatus"] for each in started(document)] == ["Cancelled"]
    assert [each["AutomationExecutionStatus"] for each in started(back)] == ["Success"]
    assert house.closing(run)["undone"] == [f"start {document}"]


def test_a_document_that_failed_is_not_stopped_and_says_why_without_its_secrets(house: House) -> None:
    document, back = a_document(house), a_document(house)
    message = "Step timed out: login with password=hunter2 failed"

    def fails(asked: Any, answer: dict[str, Any]) -> None:
        found = answer["AutomationExecution"]
        if found["DocumentName"] == document:
            found.update(AutomationExecutionStatus="Failed", FailureMessage=message)

    house.scripted.after("ssm", "GetAutomationExecution", fails)
    run, ended = start_document(house, document, undo_document=back)
    assert ended["outcome"] == "failed"
    assert "(Failed: Step timed out: login with password=redacted failed)" in ended["words"]
    assert house.scripted.changes() == [START, START]
    assert len(started(back)) == 1
    assert "hunter2" not in str([entry.body for entry in house.entries(run)])


def test_a_document_that_asks_a_person_says_so(house: House) -> None:
    """aws:approve: it waits, and so does the run."""
    document = a_document(house, "aws:approve")
    run, ended = start_document(house, document, within="1s")
    assert ended["outcome"] == "failed"
    words = "it has ended, once a person answers in Systems Manager: step1 (aws:approve) waits"
    assert words in [fact.get("waited") for fact in house.facts(run)]
    assert words in ended["words"]


def test_a_cancelled_run_stops_its_document(house: House) -> None:
    document, crew = a_document(house, "aws:sleep"), house.crew
    cancelled: list[str] = []

    def cancels(asked: Any, answer: Any) -> None:
        if not cancelled:
            cancelled.append(str(started(document)[0]["Tags"]["nightcrew:run"]))
            cancel(crew.store, cancelled[0], by="ada", reason="wrong night", now=crew.installation.clock.now())

    house.scripted.after("ssm", "GetAutomationExecution", cancels)
    _, ended = start_document(house, document)
    assert ended["outcome"] == "cancelled"
    assert started(document)[0]["AutomationExecutionStatus"] == "Cancelled"


def test_a_refused_start_leaves_nothing_to_undo(house: House) -> None:
    """API reference, StartAutomationExecution: AutomationExecutionLimitExceededException."""
    code = "AutomationExecutionLimitExceededException"
    house.scripted.script("ssm", "StartAutomationExecution", lambda _: Refusal(code))
    run, ended = start_document(house, a_document(house))
    assert (ended["outcome"], house.closing(run)["error"]["code"]) == ("failed", code)
    assert "undone" not in house.closing(run)


def test_an_execution_that_cannot_be_stopped_calls_a_person(house: House) -> None:
    house.scripted.script("ssm", "StopAutomationExecution", lambda _: Refusal("AccessDeniedException"))
    run, ended = start_document(house, a_document(house, "aws:sleep"), within="1s")
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert "AccessDeniedException" in left["words"]


def how(entries: list[dict[str, Any]], title: str) -> Any:
    """How the ledger says that a change was made."""
    return next(fact["how"] for fact in entries if fact.get("changed") == title)


def test_a_lost_reply_is_looked_up_by_the_runs_own_tag(house: House) -> None:
    document = a_document(house)
    house.scripted.lose_reply("ssm", "StartAutomationExecution")
    run, ended = start_document(house, document)
    assert (ended["outcome"], len(started(document))) == ("succeeded", 1)
    assert how(house.facts(run), f"start {document}") == "looked: it had taken effect"


def test_a_start_that_never_came_is_sent_again_with_the_same_token(house: House) -> None:
    document = a_document(house)
    house.scripted.answer("ssm", "StartAutomationExecution", Refusal("InternalServerError", status=500))
    run, ended = start_document(house, document)
    assert (ended["outcome"], len(started(document))) == ("succeeded", 1)
    assert how(house.facts(run), f"start {document}") == "looked: it had not; called"
    sent = [each for each in house.scripted.sent if each.operation == "StartAutomationExecution"]
    assert len({each.parameters["ClientToken"] for each in sent}) == 1


def test_it_has_no_trigger_and_its_family_is_the_calls(house: House) -> None:
    found = house.crew.installation.catalog[NAME]
    assert (found.triggers, len(found.families)) == ((), 4)
    called = found.called({"family": "restore", "risk": "costly"})
    assert (called.family, called.risk, found.called({"family": "restore"}).risk) == ("restore", "costly", "data-loss")
    with pytest.raises(BadParameter, match="restart, scale-out, failover, restore"):
        found.called({"family": "reboot"})


def opening(entries: list[Entry]) -> dict[str, Any]:
    """What the opening entry says."""
    return dict(entries[0].body)


def test_what_it_acts_on_is_what_it_locks_and_whose_history_it_is(house: House) -> None:
    target = a_target(house)
    run, _ = start_document(house, a_document(house), target=target)
    assert opening(house.entries(run))["resource"] == target
