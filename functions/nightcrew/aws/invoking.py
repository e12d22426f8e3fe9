"""Invoking a Lambda function: what must be known of it before, and what its answer says.

Lambda API reference, Invoke; developer guide, "Invoking a function synchronously" and "How Lambda handles errors and
retries with asynchronous invocation" (two more tries, unless the version's own configuration says otherwise).
"""

from typing import Any

from nightcrew.aws.checked import without_secrets
from nightcrew.aws.placeholder import Planned

USUAL_RETRIES = 2


def invocable(answer: Any) -> dict[str, Any]:
    """A GetFunctionConfiguration answer: ``{"ready", "timeout", "sha", "logs"}``; ``timeout`` in seconds, ``sha`` of
    its code, ``logs`` where what it prints stands. Nothing of its environment, which may hold secrets.
    """
    ready = answer.get("State", "Active") == "Active" and answer.get("LastUpdateStatus", "Successful") == "Successful"
    return {
        "ready": ready,
        "timeout": int(answer.get("Timeout", 3)),
        "sha": answer.get("CodeSha256"),
        "logs": (answer.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{answer['FunctionName']}",
    }


def retries(answer: Any) -> int:
    """How often Lambda calls again by itself after an error, from a GetFunctionEventInvokeConfig answer."""
    found = answer.get("MaximumRetryAttempts")
    return USUAL_RETRIES if found is None else int(found)


def answered(answer: Any) -> dict[str, Any]:
    """An Invoke answer: ``{"ok", "error", "version"}``. Neither what the function gave back nor what it printed: both
    may hold anything.
    """
    error = answer.get("FunctionError")
    return {"ok": not error, "error": without_secrets(error, 40) or None, "version": answer.get("ExecutedVersion")}


def said_of(made: Any) -> str:
    """Why an invocation did not end well, in words for a title; nothing where it did, and in a plan."""
    if isinstance(made, Planned) or made["ok"]:
        return ""
    return f" ({made['error']}; its own log says more)"
