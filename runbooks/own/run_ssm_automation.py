"""Run a team's own SSM Automation document, under the same gates as any other runbook."""

from datetime import timedelta
from typing import Any

from nightcrew import FROM_CALL, Family, Risk, Run, calls, runbook
from nightcrew.aws.alarm_state import AlarmName, TargetGroupArn
from nightcrew.aws.any_resource import ResourceArn
from nightcrew.aws.automation import DocumentName, asking, ended_or_asks, execution, why_not
from nightcrew.aws.checked import JsonObject
from runbooks.own.automations import checked_document, follow, is_there, start_of, stop
from runbooks.own.proofs import prove_all, require_something_to_prove

ssm = calls("ssm")

UNDOES = timedelta(minutes=8)
"""An undo document has so long: all undos together have 15 minutes."""


@runbook(
    family=FROM_CALL,
    risk=FROM_CALL,
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=4),
    permissions=[
        "cloudwatch:DescribeAlarms",
        "elasticloadbalancing:DescribeTargetHealth",
        "ssm:DescribeAutomationExecutions",
        "ssm:DescribeDocument",
        "ssm:GetAutomationExecution",
        "ssm:GetDocument",
        "ssm:ListTagsForResource",
        "ssm:StartAutomationExecution",
        "ssm:StopAutomationExecution",
        "tag:GetResources",
    ],
)
def run_ssm_automation(
    run: Run,
    target: ResourceArn,
    document: DocumentName,
    family: Family,
    parameters: JsonObject = "{}",
    risk: Risk = "data-loss",
    version: int | None = None,
    undo_document: DocumentName | None = None,
    undo_parameters: JsonObject | None = None,
    undo_version: int | None = None,
    alarm_ok: AlarmName | None = None,
    healthy_targets: TargetGroupArn | None = None,
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Starts the document, follows it to its end, and stops it where the run is cancelled or `within` is over.

    What it changes, and what people notice, its team knows. `target` is the ARN of what it acts on: that is locked,
    cools down, and keeps the history. `family` and `risk` are the call's to say. Until the document's owner says by its
    tags `nightcrew:family` and `nightcrew:risk` that it is less than `data-loss`, it counts as that, and two people
    approve it. It needs the tag `nightcrew=managed`, and a role of its own (`assumeRole`) whose name begins with
    `nightcrew-automation-`. No alarm can name a document: only a person or a binding of policy does.

    `parameters` is a JSON object, checked against what the document declares. It stands in the ledger, so it must hold
    no secret: give the name of one, and let the document read it. Without `version` the default version is taken; which
    one that was, and its hash, stand in the ledger, and what was approved for one version is not done with another.

    It cannot be taken back, so a person approves it where it starts, unless `undo_document` names a document that takes
    it back; that one gets `undo_parameters`, or else the same ones. A document that fails, is stopped, or is too late
    is taken back so. Where it asks a person itself (`aws:approve`), the run says so, and waits for that answer too.

    Proved are the execution's own success, and whatever `alarm_ok` and `healthy_targets` name: an alarm that must be
    OK, and is not yet; a target group that must have healthy targets and no ill one.

    Whether it was started is looked up by a tag that only this run's execution has.
    """
    doing = checked_document(run, document, version, parameters, family=family, risk=risk)
    undoing = None
    if undo_document is not None:
        given = parameters if undo_parameters is None else undo_parameters
        undoing = checked_document(run, undo_document, undo_version, given, family=family, risk=risk)
    require_something_to_prove(run, alarm_ok, healthy_targets)

    title = f"start {document}"
    start, ours = start_of(run, doing, title)

    def stop_it() -> None:
        stop(run, ours)

    def stop_it_and_run_the_undo_document() -> None:
        stop(run, ours)
        if undoing is None:
            return
        undo, found = start_of(run, undoing, "start the undo document")
        run.change("start the undo document", undo, took_effect=(found, is_there), pick=_id)
        state = follow(run, found, "the undo document's execution shows")
        seen = run.wait_until(
            "the undo document has ended", state, lambda seen: seen["over"], within=min(within, UNDOES), pick=execution
        )
        run.require(f"the undo document ended well{why_not(seen)}", seen["ok"])

    if undoing is None:
        run.change(title, start, undo=stop_it, irreversible=True, took_effect=(ours, is_there), pick=_id)
    else:
        run.change(title, start, undo=stop_it_and_run_the_undo_document, took_effect=(ours, is_there), pick=_id)
    state = follow(run, ours, "its execution shows")
    seen = run.wait_until("it has ended, or a person must answer", state, ended_or_asks, within=within, pick=execution)
    ended = run.wait_until(
        f"it has ended{asking(seen)}", state, lambda seen: seen["over"], within=within, pick=execution
    )
    run.require(f"{document} ended well{why_not(ended)}", ended["ok"])
    run.prove("its execution's status is Success", state, lambda seen: seen["ok"], within=within, pick=execution)
    prove_all(run, alarm_ok, healthy_targets, within=within)
    return f"{doing} ended well, about {target.split(':', 5)[5]}"


def _id(answer: Any) -> Any:
    return {"execution": answer["AutomationExecutionId"]}
