"""Move an application to its other Region, by the team's own ARC Region switch plan."""

from datetime import timedelta
from typing import Any, Literal

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call, Place
from nightcrew.aws.region_switch import (
    REGION,
    PlanName,
    evaluated,
    execution,
    executions,
    plan_arn,
    plan_of,
    started,
)

arc = calls("arc-region-switch")

LISTED = timedelta(minutes=5)


@runbook(
    family="failover",
    risk="data-loss",
    by_hand=timedelta(minutes=45),
    deadline=timedelta(hours=4),
    permissions=[
        "arc-region-switch:CancelPlanExecution",
        "arc-region-switch:GetPlanEvaluationStatus",
        "arc-region-switch:GetPlanExecution",
        "arc-region-switch:GetPlanInRegion",
        "arc-region-switch:ListPlanExecutions",
        "arc-region-switch:StartPlanExecution",
    ],
)
def switch_region(
    run: Run,
    plan: PlanName,
    to: str,
    mode: Literal["graceful", "ungraceful"] = "graceful",
    within: timedelta = timedelta(hours=1),
) -> str:
    """Has ARC execute the plan that activates the Region `to`: what that does, and to whom, stands in its workflow.

    `graceful` waits for replication, and wants both Regions well. `ungraceful` is for when the other one is lost: ARC
    skips steps that need it, and what had not been replicated is lost. All is asked of the Region `to`, so neither the
    other one nor the control plane is needed. A step of the plan may want an approval in ARC itself: it is waited for.

    Left alone: a plan whose evaluation is not clean, that is being executed, that does not have exactly two Regions of
    which one is active, or whose Region `to` is the active one already by what was executed last.

    A plan that fails, stands at a step that failed, or is not through in time, is cancelled. If it was graceful, the
    opposite plan is executed then, and the old Region is active again; if not, it may be lost, and a person goes on.
    """
    run.require(f"{to} is a Region", REGION.fullmatch(to))
    arn, here = plan_arn(run.resource, plan), Place(to)
    before = run.read("find the plan", arc.get_plan_in_region(arn=arn).at(here), pick=plan_of)
    run.require("of its Regions one is active", before["approach"] == "activePassive" and len(before["regions"]) == 2)
    run.require(f"{to} is one of them", to in before["regions"])
    (other,) = [each for each in before["regions"] if each != to]
    about = arc.get_plan_evaluation_status(planArn=arn, maxResults=100).at(here)
    seen = run.read("look at its evaluation", about, pick=evaluated)
    run.require(f"its evaluation is clean, and not {seen['state']} {seen['warnings']}", seen["clean"])
    listed = arc.list_plan_executions(planArn=arn, maxResults=100).at(here)
    past = run.read("look what was executed", listed, pick=executions)
    run.require("no execution of it is under way", not past["under_way"])
    run.require(f"{to} is not active already", (past["activated"] or before["primary"]) != to)

    comment = f"nightcrew:run {run.id}"

    def ours(answer: Any) -> dict[str, Any]:
        return started(answer, comment)

    def switch_back() -> None:
        found = run.wait_until("find our execution", listed, lambda seen: seen["id"], within=LISTED, pick=ours)
        if not found["ended"]:
            asked = arc.cancel_plan_execution(planArn=arn, executionId=found["id"], comment=comment).at(here)
            run.change("cancel our execution", asked, took_effect=(listed, lambda answer: ours(answer)["ended"]))
            state = _state(arn, found["id"], here)
            run.wait_until("it has stopped", state, lambda seen: seen["ended"], within=LISTED, pick=execution)
        run.require("the other Region is not lost: the mode was graceful", mode == "graceful")
        words = f"{comment}, back"
        again = arc.list_plan_executions(planArn=arn, maxResults=100).at(Place(other))

        def back(answer: Any) -> dict[str, Any]:
            return started(answer, words)

        run.change(
            f"activate {other} again",
            _activate(arn, other, mode, words),
            took_effect=(again, lambda answer: back(answer)["id"] is not None),
        )
        made = run.wait_until("it is listed", again, lambda seen: seen["id"], within=LISTED, pick=back)
        state = _state(arn, made["id"], Place(other))
        run.wait_until(f"{other} is active again", state, lambda seen: seen["well"], within=within, pick=execution)

    run.change(
        f"activate {to}",
        _activate(arn, to, mode, comment),
        undo=switch_back,
        took_effect=(listed, lambda answer: ours(answer)["id"] is not None),
    )
    made = run.wait_until("its execution is listed", listed, lambda seen: seen["id"], within=LISTED, pick=ours)
    state = _state(arn, made["id"], here)
    done = run.wait_until("it has run, or stands", state, lambda seen: seen["over"], within=within, pick=execution)
    run.require(f"it ran through, and is not {done['state']}", done["well"])
    run.prove(f"ARC says that it is completed: {to} is active", state, lambda seen: seen["well"], pick=execution)
    return f"{plan} is active in {to} now, and was in {other}"


def _activate(arn: str, region: str, mode: str, comment: str) -> Call:
    started = arc.start_plan_execution(
        planArn=arn, targetRegion=region, action="activate", mode=mode, comment=comment, latestVersion="true"
    )
    return started.at(Place(region))


def _state(arn: str, execution_id: str, place: Place) -> Call:
    return arc.get_plan_execution(planArn=arn, executionId=execution_id, maxResults=100).at(place)
