"""All checks, one after the other: what one may not look at is unknown, and the next goes on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from nightcrew.cli.doctoring import arriving, asking, nightly, roles, ruling, serving, stored, telling, working
from nightcrew.cli.doctoring.finding import DEPLOY, PUT_BACK, Finding, ok, problem, unknown
from nightcrew.cli.doctoring.patient import Absent, Missing, NotAllowed, Patient
from nightcrew.cli.stack import OUTPUTS, QUEUES
from nightcrew.errors import Unreachable

Check = Callable[[], Iterable[Finding]]
"""Looks at one thing."""

EXPECTED = (*OUTPUTS, *QUEUES, "WatchTopic", "ExecutorRole", "Api", "ViewerAccess", "OperatorAccess", "ApproverAccess")
"""Outputs that are read somewhere."""


def deployed(patient: Patient) -> Iterator[Finding]:
    """The stack is deployed, with its outputs."""
    status = str(patient.described["StackStatus"])
    missing = [each for each in EXPECTED if each not in patient.outputs]
    if missing:
        yield problem(f"it has no output {', '.join(missing)}", DEPLOY)
    if status.endswith("_IN_PROGRESS"):
        yield unknown(f"it is being deployed ({status}): what follows may change", "ask again when it is through")
    elif "ROLLBACK" in status or "FAILED" in status:
        yield problem(
            f"its last deployment failed ({status})",
            f"aws cloudformation describe-stack-events --stack-name {patient.name}",
        )
    elif not missing:
        yield ok(f"{status}, and all outputs are there")


CHECKS: Sequence[tuple[str, Callable[[Patient], Iterable[Finding]]]] = (
    ("stack", deployed),
    ("tables", stored.shapes),
    ("tables", stored.backups),
    ("tables", stored.expiry),
    ("rules", arriving.rules),
    ("queues", arriving.queues),
    ("queues", arriving.dead_letters),
    ("intake", arriving.intake),
    ("executor", working.executor),
    ("sweeper", working.sweeper),
    ("sweeper", working.swept),
    ("days", nightly.job),
    ("days", nightly.kept),
    ("anchors", nightly.locked),
    ("api", serving.api),
    ("roles", roles.trusted),
    ("roles", roles.assumable),
    ("policy", ruling.policy),
    ("news", telling.subscribed),
    ("alarms", telling.watching),
    ("clock", asking.clock),
    ("you", asking.rights),
)
"""By what they are about, in the order in which an alarm goes through them."""


def examine(patient: Patient, only: str | None = None) -> list[Finding]:
    """What all checks find, or those about one thing."""
    return [found for name, check in CHECKS if only in (None, name) for found in looked(name, partial(check, patient))]


def looked(name: str, check: Check) -> Iterator[Finding]:
    """What a check finds. What it may not or cannot ask is unknown."""
    found = iter(check())
    while True:
        try:
            each = next(found)
        except StopIteration:
            return
        except NotAllowed as denied:
            each = unknown(f"you may not ask: {denied}", f"allow {denied.action}, or ask somebody who may")
        except Missing as gone:
            each = problem(f"AWS does not know it: {gone}", PUT_BACK)
        except Absent as absent:
            each = problem(str(absent), DEPLOY)
        except Unreachable as silent:
            each = unknown(f"AWS did not answer: {silent}", "ask again")
        yield replace(each, check=name)
