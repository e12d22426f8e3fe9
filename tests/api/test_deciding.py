"""Approve, decline, cancel: whoever asked does not approve, and a plan is named by its hash."""

import pytest

from tests.api.desk import APPROVER, BOTH, OPERATOR, Office, Said


@pytest.fixture
def asks(careful: Office, instance: str) -> tuple[Office, str, str]:
    """A run that waits for an approval, and its plan's hash."""
    run = str(careful.start(instance_id=instance).body["run"])
    careful.until_it_asks(run)
    waiting = careful.get("/approvals")
    assert [each["run"] for each in waiting] == [run]
    return careful, run, waiting[0]["hash"]


def decide(office: Office, run: str, what: str, by: str = APPROVER, **body: str) -> Said:
    return office.ask("POST", f"/runs/{run}/{what}", body, by=by)


def test_what_waits_has_its_plan_and_its_requester(asks: tuple[Office, str, str]) -> None:
    office, _, _ = asks
    waiting = office.get("/approvals")[0]
    assert waiting["requester"] == OPERATOR
    assert [line["call"] for line in waiting["lines"]] == ["ec2:StopInstances", "ec2:StartInstances"]


def test_an_approved_run_goes_on(asks: tuple[Office, str, str]) -> None:
    office, run, plan = asks
    said = decide(office, run, "approve", plan=plan, reason="go")
    assert (said.status, said.body["outcome"], said.body["decided"]["by"]) == (200, "running", [APPROVER])
    office.carry(run)
    assert office.get(f"/runs/{run}")["outcome"] == "succeeded"
    assert office.get("/approvals") == []


def test_approving_twice_is_one_approval(asks: tuple[Office, str, str]) -> None:
    office, run, plan = asks
    first, second = (decide(office, run, "approve", plan=plan) for _ in range(2))
    assert (second.status, second.body["decided"]) == (200, first.body["decided"])


def test_another_plan_is_not_approved(asks: tuple[Office, str, str]) -> None:
    office, run, plan = asks
    other = ("0" if plan[0] != "0" else "1") + plan[1:]
    said = decide(office, run, "approve", plan=other)
    assert (said.status, said.body["field"]) == (422, "plan")
    assert len(office.get("/approvals")) == 1


def test_a_plan_must_be_named(asks: tuple[Office, str, str]) -> None:
    office, run, _ = asks
    assert decide(office, run, "approve").body["field"] == "plan"
    assert decide(office, run, "approve", plan="").body["field"] == "plan"


def test_whoever_asked_for_it_does_not_approve_it(careful: Office, instance: str) -> None:
    """Though they are an approver, too."""
    run = careful.start(by=BOTH, instance_id=instance).body["run"]
    careful.until_it_asks(run)
    plan = careful.get("/approvals")[0]["hash"]
    said = decide(careful, run, "approve", by=BOTH, plan=plan)
    assert (said.status, said.body["gate"]) == (409, "approval")
    assert "another person" in said.body["detail"]


def test_a_declined_run_changes_nothing(asks: tuple[Office, str, str]) -> None:
    office, run, _ = asks
    assert decide(office, run, "decline", reason="not now").status == 200
    office.carry(run)
    assert office.get(f"/runs/{run}")["outcome"] == "declined"
    assert office.house.scripted.changes() == []


def test_a_no_has_a_reason(asks: tuple[Office, str, str]) -> None:
    office, run, _ = asks
    assert decide(office, run, "decline").body["field"] == "reason"


def test_who_decides_late_is_told_so(asks: tuple[Office, str, str]) -> None:
    office, run, plan = asks
    decide(office, run, "decline", reason="no")
    said = decide(office, run, "approve", plan=plan)
    assert (said.status, "declined already" in said.body["detail"]) == (409, True)


def test_a_run_that_asks_nothing_is_404(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    assert decide(office, run, "approve", plan="0" * 64).status == 404


def test_a_cancelled_run_ends_as_cancelled(asks: tuple[Office, str, str]) -> None:
    office, run, _ = asks
    said = decide(office, run, "cancel", by=OPERATOR, reason="never mind")
    assert (said.status, said.body["over"]) == (200, False)
    office.carry(run)
    assert office.get(f"/runs/{run}")["outcome"] == "cancelled"


def test_cancelling_what_is_over_is_no_error(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    office.carry(run)
    said = decide(office, run, "cancel", by=OPERATOR, reason="x")
    assert (said.status, said.body["over"]) == (200, True)


def test_cancelling_what_there_is_not_is_404(office: Office) -> None:
    assert decide(office, "20261121-030004-k3f9qa2m", "cancel", by=OPERATOR, reason="x").status == 404
