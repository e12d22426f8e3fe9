"""Systems Manager Automation: what its answers say of a document, and of what became of an execution.

Statuses: API reference, AutomationExecution and StepExecution. A document's JSON: Automation user guide, "Data elements
and parameters"; the answers are eventually consistent.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from nightcrew.aws.checked import like, object_of, without_secrets
from nightcrew.aws.document_parameters import misfit, value_in
from nightcrew.aws.placeholder import Planned, holds_planned

ROLES = "nightcrew-automation-"
"""How the names of the roles begin that a document may run as: a remediator may pass no other."""

WELL = frozenset({"Success", "CompletedWithSuccess"})
OVER = WELL | {
    "Cancelled",
    "ChangeCalendarOverrideRejected",
    "CompletedWithFailure",
    "Exited",
    "Failed",
    "Rejected",
    "TimedOut",
}
_ASKS = frozenset({"PendingApproval", "PendingChangeCalendarOverride", "Waiting"})
_STEPS = 20
_REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


def only_document(answer: Any) -> dict[str, Any]:
    """A DescribeDocument answer: ``{"type", "status", "version", "hash"}``; ``version`` is a number, as text."""
    found = answer["Document"]
    return {
        "type": found.get("DocumentType"),
        "status": found.get("Status"),
        "version": str(found["DocumentVersion"]),
        "hash": f"{found.get('HashType', '')}:{found.get('Hash', '')}",
    }


def as_called(given: Mapping[str, Sequence[str]]) -> Callable[[Any], dict[str, Any]]:
    """For a GetDocument answer in JSON: what the document is when it is called with these parameters.

    ``{"role", "approvals", "misfit"}``: the role that it runs as, None where it names none; the steps in which it asks
    a person itself; the first parameter that does not fit what it declares, with what is allowed, or "".
    """

    def called(answer: Any) -> dict[str, Any]:
        document = object_of(answer["Content"])
        declared: dict[str, Any] = document.get("parameters") or {}
        role = str(document.get("assumeRole") or "")
        reference = _REFERENCE.fullmatch(role.strip())
        if reference is not None:
            role = value_in(declared, given, reference[1])
        steps = document.get("mainSteps") or []
        return {
            "role": role or None,
            "approvals": [str(step.get("name")) for step in steps if step.get("action") == "aws:approve"][:_STEPS],
            "misfit": misfit(declared, given) or "",
        }

    return called


def may_be_passed(role: str | None) -> bool:
    """Whether a remediator may let a document run as this role, by its name."""
    return bool(role) and str(role).rpartition("/")[2].startswith(ROLES) and ":role/" in str(role)


def execution_id(answer: Any) -> dict[str, Any]:
    """For a DescribeAutomationExecutions answer to our own tag: ``{"id"}``, None where there is none yet."""
    found = answer["AutomationExecutionMetadataList"]
    return {"id": str(found[0]["AutomationExecutionId"]) if found else None}


def execution(answer: Any) -> dict[str, Any]:
    """A GetAutomationExecution answer: ``{"status", "over", "ok", "asks", "steps", "failure"}``.

    ``asks`` names the steps that wait for a person, in words for a title, or is ""; ``steps`` are the last twenty with
    their statuses, and nothing of what they took or gave; ``failure`` is its message, without what looks like a secret.
    """
    found = answer["AutomationExecution"]
    status, steps = str(found["AutomationExecutionStatus"]), found.get("StepExecutions") or []
    waiting = [f"{step.get('StepName')} ({step.get('Action')})" for step in steps if step.get("StepStatus") in _ASKS]
    if not waiting and status in _ASKS:
        waiting = ["it"]
    return {
        "status": status,
        "over": status in OVER,
        "ok": status in WELL,
        "asks": f", once a person answers in Systems Manager: {', '.join(waiting)} waits" if waiting else "",
        "steps": [f"{step.get('StepName')}: {step.get('StepStatus')}" for step in steps][-_STEPS:],
        "failure": without_secrets(found.get("FailureMessage")),
    }


def ended_or_asks(seen: Mapping[str, Any]) -> bool:
    """Whether there is something to tell: it has ended, or waits for a person."""
    return bool(seen["over"] or seen["asks"])


def asking(seen: Any) -> str:
    """Who is waited for, in words for a title; nothing in a plan, where nobody knows."""
    return "" if isinstance(seen, Planned) else str(seen["asks"])


def why_not(seen: Any) -> str:
    """Why an execution did not end well, in words for a title; nothing where it did, and in a plan."""
    if isinstance(seen, Planned) or seen["ok"]:
        return ""
    return aside(": ".join(each for each in (seen["status"], seen["failure"]) if each))


def aside(words: str) -> str:
    """Words in brackets, for the end of a title; nothing for none."""
    return f" ({words})" if words else ""


def goes_on(seen: Any) -> bool:
    """Whether an execution is still to be stopped; a plan, which has not begun it, takes it that it is."""
    return isinstance(seen, Planned) or not seen["over"]


def uuid_of(token: str) -> str:
    """A run's token of 32 characters in the form that ClientToken wants (API reference, StartAutomationExecution)."""
    if holds_planned(token):
        return token
    return "-".join((token[:8], token[8:12], token[12:16], token[16:20], token[20:32]))


DocumentName = Annotated[str, like(r"[A-Za-z0-9_.-]{3,128}", "the name of an Automation document", "RestartCheckout")]
"""The name of an Automation document of one's own account: AWS's and other accounts' cannot carry one's tags."""
