"""An SSM Automation document as a run sees to it: read, started once, followed, stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.automation import (
    ROLES,
    as_called,
    aside,
    execution,
    execution_id,
    goes_on,
    may_be_passed,
    only_document,
    uuid_of,
)
from nightcrew.aws.calls import Call
from nightcrew.aws.checked import object_of
from nightcrew.aws.document_parameters import given_in
from nightcrew.aws.owners_word import document_tags
from nightcrew.aws.tags import RUN_TAG, listed
from runbooks.own.proofs import require_owner_allows

ssm = calls("ssm")

SHOWS = timedelta(minutes=2)
"""So long an execution may take to show: the API is eventually consistent."""

STOPS = timedelta(minutes=5)


@dataclass(frozen=True)
class Document:
    """One version of a document, and what it is called with; versions never change."""

    name: str
    version: str
    given: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


def checked_document(run: Run, name: str, version: int | None, parameters: str, *, family: str, risk: str) -> Document:
    """Read a document, and pin its version. Ends the run where it may not be run so."""
    given = given_in(object_of(parameters))
    wanted: dict[str, Any] = {"DocumentVersion": str(version)} if version else {}
    found = run.read(f"find {name}", ssm.describe_document(Name=name, **wanted), pick=only_document)
    run.require("it is an Automation document", found["type"] == "Automation")
    run.require("it is active", found["status"] == "Active")
    tags = ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)
    require_owner_allows(run, run.read(f"the tags of {name}", tags, pick=document_tags), family, risk)
    text = ssm.get_document(Name=name, DocumentVersion=found["version"], DocumentFormat="JSON")
    called = run.read(f"read {name}, version {found['version']}", text, pick=as_called(given))
    run.require(f"the parameters are as the document declares them{aside(called['misfit'])}", not called["misfit"])
    run.require(f"it runs as a role of its own, whose name begins with {ROLES}", may_be_passed(called["role"]))
    return Document(name, found["version"], given)


def start_of(run: Run, document: Document, title: str) -> tuple[Call, Call]:
    """The call that starts it once, and the read that finds the execution by a tag which nothing else has.

    AWS says of ClientToken that it "can't be reused" (API reference, StartAutomationExecution), and not what a repeat
    is answered: so it is a second wall, and the tag is what tells.
    """
    token = run.token(title)
    own = f"{RUN_TAG}:{token}"
    given: dict[str, Any] = {"Parameters": {key: list(value) for key, value in document.given.items()}}
    start = ssm.start_automation_execution(
        DocumentName=document.name,
        DocumentVersion=document.version,
        ClientToken=uuid_of(token),
        Tags=listed({RUN_TAG: run.id, own: document.name}),
        **(given if document.given else {}),
    )
    return start, ssm.describe_automation_executions(Filters=[{"Key": "TagKey", "Values": [own]}])


def is_there(answer: Any) -> bool:
    """Whether the read by our tag found the execution."""
    return execution_id(answer)["id"] is not None


def follow(run: Run, ours: Call, title: str) -> Call:
    """The read that follows the execution, once it shows."""
    found = run.wait_until(title, ours, lambda seen: seen["id"] is not None, within=SHOWS, pick=execution_id)
    return ssm.get_automation_execution(AutomationExecutionId=found["id"])


def stop(run: Run, ours: Call) -> None:
    """Stop the execution where it still goes on: what it has done by then stays."""
    state = follow(run, ours, "find the execution")
    if goes_on(run.read("see whether it still goes on", state, pick=execution)):
        stopping = ssm.stop_automation_execution(
            AutomationExecutionId=state.parameters["AutomationExecutionId"], Type="Cancel"
        )
        run.change("stop the execution", stopping, took_effect=(state, _is_stopping))
    run.wait_until("it has stopped", state, lambda seen: seen["over"], within=STOPS, pick=execution)


def _is_stopping(answer: Any) -> bool:
    seen = execution(answer)
    return bool(seen["over"] or seen["status"] == "Cancelling")
