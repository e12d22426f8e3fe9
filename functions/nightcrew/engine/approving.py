"""A run that must be approved: it plans, asks, and plans again, so that what was approved is what will be done."""

from collections.abc import Callable
from typing import Any

from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level
from nightcrew.authoring.endings import Declined, Ending, Failed, NotApplicable
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.plan import plan
from nightcrew.authoring.runbook import Runbook

ROUNDS = 3
"""A world that moves faster than people approve: after so many rounds the run gives up."""

SHOWN = 20

Known = Callable[[], dict[str, Any]]
"""What past runs tell about this one, as JSON; it raises nothing."""


def nothing() -> dict[str, Any]:
    """Nothing is known."""
    return {}


def people_wanted(runbook: Runbook, level: Level) -> int:
    """How many people must agree: two where data can be lost, one where policy says so, else none."""
    if runbook.risk == "data-loss":
        return 2
    return 1 if level is Level.APPROVE else 0


def approve_first(run: LiveRun, request: Request, runbook: Runbook, wanted: int, known: Known = nothing) -> None:
    """Ask before anything is changed. Raises Declined, or what the plan ended with (not applicable, failed).

    What is ``known`` of the like stands beside the plan, and is no part of what is approved: it is looked up once.
    """
    planned = _plan(run, request, runbook, 1)
    past = run.step("what past runs tell", known)
    seen: list[str] = []
    for round_ in range(1, ROUNDS + 1):
        lines = [{key: line[key] for key in line if key != "hashed"} for line in planned["lines"]]
        question = {"hash": planned["hash"], "lines": lines, "wanted": wanted, "seen": seen, "known": past}
        title = "approve the plan" if round_ == 1 else f"approve the plan, again {round_ - 1}"
        run.ask(title, question)
        again = _plan(run, request, runbook, round_ + 1)
        if again["hash"] == planned["hash"]:
            return
        seen = _difference(planned["lines"], again["lines"])
        planned = again
    raise Declined(f"what would be done changed {ROUNDS} times while people looked at it")


def _plan(run: LiveRun, request: Request, runbook: Runbook, number: int) -> dict[str, Any]:
    def body() -> dict[str, Any]:
        made = plan(
            runbook, runbook.form.validate(request.parameters), request.resource, run.work.cloud, run.work.clock
        )
        kept = ("title", "call", "parameters", "undo", "hashed")
        lines = [{key: line[key] for key in kept if key in line} for line in made.changes[:SHOWN]]
        return {"hash": made.hash, "lines": lines, "outcome": made.outcome, "words": made.words, "ends": made.ends}

    made: dict[str, Any] = run.step(f"plan it, {number}", body)
    if made["outcome"] != "planned":
        raise _end(made)
    return made


def _end(made: dict[str, Any]) -> Ending:
    return (NotApplicable if made["outcome"] == "not_applicable" else Failed)(str(made["words"]))


def _difference(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """What changed between two plans, in lines for people. Of what the runbook keeps secret a line's own hash tells."""
    old = {str(line["title"]): line for line in before}
    new = {str(line["title"]): line for line in after}
    gone = [f"no longer: {title}" for title in old if title not in new]
    come = [f"new: {title}" for title in new if title not in old]
    moved = [
        f"{title}: {' became '.join(str(each[title]['parameters']) for each in (old, new))}"
        for title in new
        if title in old and new[title] != old[title]
    ]
    return [*gone, *come, *moved]
