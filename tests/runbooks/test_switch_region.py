"""switch-region: what it promises at night. States: Region switch API reference, GetPlanExecution."""

from dataclasses import replace
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.region_switches import AWAY, HOME, SERVICE, Plan, a_plan, stands

NAME = "switch-region"
START, CANCEL = f"{SERVICE}:StartPlanExecution", f"{SERVICE}:CancelPlanExecution"


@pytest.fixture
def plan(house: House) -> Plan:
    """A plan that was never executed."""
    return a_plan(house)


def start(house: House, plan: Plan, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that activates the other Region; who must agree does."""
    return start_decided(house, NAME, **{"plan": plan.name, "to": AWAY, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    assert start(house, a_plan(house))[1]["outcome"] == "succeeded"
    stands(house, AWAY, "pausedByFailedStep")
    assert start(house, a_plan(house))[1]["outcome"] == "failed"


def test_it_activates_the_other_region_and_proves_that_the_plan_is_completed(house: House, plan: Plan) -> None:
    run, ended = start(house, plan)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [START]
    assert plan.executed() == [(AWAY, "graceful", "completed")]
    (proof,) = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proof == f"ARC says that it is completed: {AWAY} is active"
    assert ended["words"] == f"{plan.name} is active in {AWAY} now, and was in {HOME}"


def test_all_is_asked_of_the_region_that_is_to_be_active(house: House, plan: Plan) -> None:
    """The other one may be lost."""
    start(house, plan)
    assert all(AWAY in each.endpoint for each in house.scripted.sent)


def test_it_is_waited_for_while_it_runs_and_wants_an_approval(house: House, plan: Plan) -> None:
    stands(house, AWAY, "inProgress", "pendingManualApproval", "completed")
    run, ended = start(house, plan)
    assert ended["outcome"] == "succeeded"
    (tries,) = [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "it has run, or stands"]
    assert tries == 3


def test_back_and_forth(house: House, plan: Plan) -> None:
    """What was executed last tells which Region is active."""
    start(house, plan)
    house.crew.installation.clock.sleep(3600)
    assert start(house, plan, to=HOME)[1]["outcome"] == "succeeded"
    assert [region for region, _, _ in plan.executed()] == [AWAY, HOME]


@pytest.mark.parametrize("mode", ["graceful", "ungraceful"])
def test_a_plan_changes_nothing_and_shows_what_is_executed(house: House, plan: Plan, mode: str) -> None:
    planned = house.plan(NAME, plan=plan.name, to=AWAY, mode=mode)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    asked = {key: line["parameters"][key] for key in ("planArn", "targetRegion", "action", "mode")}
    assert asked == {"planArn": plan.arn, "targetRegion": AWAY, "action": "activate", "mode": mode}
    assert line["unknown"] == "looked at"
    assert house.scripted.changes() == []
    assert plan.executed() == []


def not_applicable(house: House, plan: Plan, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, plan, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("to", "why"),
    [(HOME, f"{HOME} is not active already"), ("eu-north-1", "is one of them"), ("Dublin", "Dublin is a Region")],
    ids=["active already", "another Region", "no Region"],
)
def test_where_it_cannot_go_it_does_not(house: House, plan: Plan, to: str, why: str) -> None:
    not_applicable(house, plan, why, to=to)


def test_a_plan_that_does_not_exist_is_not_applicable(house: House, plan: Plan) -> None:
    not_applicable(house, replace(plan, arn=f"{plan.arn[:-6]}aaaaaa"), "find the plan")


def test_a_plan_in_which_both_regions_are_active_is_left_alone(house: House) -> None:
    not_applicable(house, a_plan(house, "activeActive"), "of its Regions one is active")


WARNING = {"workflow": {"action": "activate"}, "version": "1", "stepName": "scale", "warningMessage": "no such group"}


@pytest.mark.parametrize(
    ("state", "status", "runs"),
    [("actionRequired", "resolved", False), ("passed", "active", False), ("passed", "resolved", True)],
)
def test_only_a_plan_whose_evaluation_is_clean_is_executed(
    house: House, plan: Plan, state: str, status: str, runs: bool
) -> None:
    """API reference, GetPlanEvaluationStatus."""
    warning = {**WARNING, "warningStatus": status, "warningUpdatedTime": "2026-11-21T03:00:00Z"}
    answer = {"planArn": plan.arn, "evaluationState": state, "warnings": [warning]}
    house.scripted.script(SERVICE, "GetPlanEvaluationStatus", lambda _: answer)
    if runs:
        assert start(house, plan)[1]["outcome"] == "succeeded"
    else:
        not_applicable(house, plan, "its evaluation is clean")


def test_a_plan_that_is_being_executed_is_left_alone(house: House, plan: Plan) -> None:
    house.crew.client(SERVICE).start_plan_execution(planArn=plan.arn, targetRegion=AWAY, action="activate")
    stands(house, AWAY, "pausedByOperator")
    not_applicable(house, plan, "no execution of it is under way")


def test_a_refused_execution_leaves_nothing_to_undo(house: House, plan: Plan) -> None:
    house.scripted.answer(SERVICE, "StartPlanExecution", Refusal("IllegalStateException"))
    run, ended = start(house, plan)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "IllegalStateException"
    assert "undone" not in house.closing(run)
    assert plan.executed() == []


def test_a_step_that_fails_is_cancelled_and_the_opposite_plan_executed(house: House, plan: Plan) -> None:
    stands(house, AWAY, "pausedByFailedStep", steps=[{"name": "scale", "status": "failed"}])
    run, ended = start(house, plan)
    assert ended["outcome"] == "failed"
    assert "it ran through, and is not pausedByFailedStep" in ended["words"]
    assert house.closing(run)["undone"] == [f"activate {AWAY}"]
    assert house.scripted.changes() == [START, CANCEL, START]
    assert plan.executed() == [(AWAY, "graceful", "canceled"), (HOME, "graceful", "completed")]
    seen = next(fact["value"] for fact in house.facts(run) if fact.get("waited") == "it has run, or stands")
    assert seen["steps"] == {"scale": "failed"}


def test_what_is_not_through_in_time_is_cancelled_and_executed_back(house: House, plan: Plan) -> None:
    """The deadline passed."""
    stands(house, AWAY, "inProgress")
    run, ended = start(house, plan)
    assert ended["outcome"] == "failed"
    assert "it has run, or stands: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == [f"activate {AWAY}"]
    assert [state for _, _, state in plan.executed()] == ["canceled", "completed"]


def test_one_that_failed_by_itself_needs_no_cancel(house: House, plan: Plan) -> None:
    stands(house, AWAY, "failed")
    assert start(house, plan)[1]["outcome"] == "failed"
    assert house.scripted.changes() == [START, START]


def test_where_the_other_region_may_be_lost_nobody_goes_back_and_a_person_is_called(house: House, plan: Plan) -> None:
    stands(house, AWAY, "pausedByFailedStep")
    run, ended = start(house, plan, mode="ungraceful")
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert "the other Region is not lost" in left["words"]
    assert plan.executed() == [(AWAY, "ungraceful", "canceled")]


def test_a_lost_reply_is_looked_at_and_no_second_execution_started(house: House, plan: Plan) -> None:
    """By the run's id, which is the execution's comment."""
    house.scripted.lose_reply(SERVICE, "StartPlanExecution")
    run, ended = start(house, plan)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [START]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert len(plan.executed()) == 1


def test_no_alarm_starts_it_by_itself(house: House) -> None:
    """A team binds it to its own alarm on a whole Region."""
    assert house.crew.installation.catalog[NAME].triggers == ()
