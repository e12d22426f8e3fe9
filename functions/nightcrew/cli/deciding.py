"""Deciding about a run: what a person sees before, and what follows: the answer is sent to where the run waits, and the
run is carried on, since on this machine nobody else does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.admission.approvals import Approval, find
from nightcrew.api.approvals import data as data  # noqa: PLC0414  what waits is the same JSON everywhere
from nightcrew.api.approvals import over as over  # noqa: PLC0414
from nightcrew.api.approvals import resource_of as resource_of  # noqa: PLC0414
from nightcrew.cli import planned, rows
from nightcrew.cli.asked import Asked
from nightcrew.cli.output import Output
from nightcrew.cli.place import Demo, catalog_of
from nightcrew.cli.resources import short, whereabouts
from nightcrew.cli.reviewing import recall
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import whole
from nightcrew.cli.values import compact
from nightcrew.durations import in_words
from nightcrew.errors import Refused, Unknown
from nightcrew.ledger.history import history, opening, tail
from nightcrew.ledger.store import Store

if TYPE_CHECKING:
    from nightcrew.cli.carrying import Carried
    from nightcrew.cli.stack import Stack

LATELY = 5
"""How much of a resource's history whoever decides is shown."""

as_option: Callable[..., Any] = click.option(
    "--as", "as_", metavar="NAME", help="In the demo, which one person plays alone: who decides."
)


def show(approval: Approval, store: Store, now: datetime, output: Output) -> None:
    """The question as whoever decides sees it: the plan, what changed in it, and the history of the resource."""
    entry = opening(store, approval.run)
    resource = resource_of(entry)
    where = whereabouts(resource)
    output.print(
        Text.assemble((approval.runbook, "bold"), " on ", (short(resource), "bold"), (f"  ({where})", "dim")), ""
    )
    output.print(pairs(_about(approval, entry.body if entry is not None else {}, now)))
    output.print("", Text("It would", style="bold"), plan_lines(approval.question.get("lines", ())))
    if approval.question.get("seen"):
        output.print("", Text("What changed since people looked at it", style="bold"))
        output.print(*(Text(f"  {line}", style="yellow") for line in approval.question["seen"]))
    if approval.question.get("known"):
        output.print("", Text("What past runs tell", style="bold underline"))
        output.print(*recall.shown(approval.question["known"], now, output))
    past = history(store, now=now, resource=resource, limit=LATELY).rows if resource else ()
    output.print("", Text(f"What happened to {short(resource)} lately", style="bold"))
    output.print(*(rows.listed(past, now, output) if past else [Text("  nothing that the ledger knows of")]))
    output.print()


def _about(approval: Approval, body: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, RenderableType]]:
    yield "run", Text(approval.run)
    yield "asked by", Text(approval.requester)
    if body.get("reason") or body.get("why"):
        yield "why", Text(str(body.get("reason") or body["why"]))
    left = approval.deadline - now
    yield "deadline", Text(f"{whole(approval.deadline)} ({remaining(left.total_seconds())})")
    if approval.wanted > 1 or approval.approvers:
        approved = f"; approved by {', '.join(approval.approvers)}" if approval.approvers else ""
        yield "people", Text(f"{approval.wanted} must approve{approved}")
    yield "plan", Text(approval.hash[:12])


def remaining(seconds: float) -> str:
    """``in 29 min``, or that it is over."""
    return f"in {in_words(timedelta(seconds=int(seconds)))}" if seconds > 0 else "over"


def plan_lines(lines: Any) -> RenderableType:
    """The changes of a plan, each with its exact parameters and how it is taken back."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for line in lines:
        made.add_row(Text("  change", style="bold yellow"), Text(str(line.get("title", "")), style="bold"))
        call = Text.assemble((str(line.get("call", "")), "cyan"), " ", compact(line.get("parameters", {})))
        made.add_row("", Padding(call, (0, 0, 0, 2)))
        if "undo" in line:
            made.add_row("", Padding(Text.assemble(("undo: ", "dim"), planned.undo(line["undo"])), (0, 0, 0, 2)))
    return made


def answered(
    run: str, answers: Callable[[], tuple[str | None, Any]], asked: Asked, place: "Stack | Demo"
) -> dict[str, Any] | None:
    """Decide, answer where the run waits, and carry it on, or follow it; None where it waits on (for another person).

    ``answers`` decides, and tells the callback and its value. Returns the run's end (or where it waits again) as JSON.
    """
    if over(place.store, run) and _undecided(place.store, run):
        raise Refused("approval", f"run {run} is over already: there is nothing to decide any more")
    callback, value = answers()
    if callback is None:
        return None
    if isinstance(place, Demo):
        done = _carried(run, callback, value, asked, place)
    else:
        done = _followed(run, callback, value, asked, place)
    return {**done.to_dict(), "code": done.code}


def _followed(run: str, callback: str, value: Any, asked: Asked, stack: "Stack") -> "Carried":
    from nightcrew.cli.following import follow

    last = tail(stack.store, run)
    if not stack.answer(callback, value):
        asked.output.note(f"note: {run} did not wait there any more; what was decided stands in its question")
    done = follow(stack, run, asked, after=last.number if last is not None else -1)
    done.tell(asked)
    return done


def _carried(run: str, callback: str, value: Any, asked: Asked, demo: Demo) -> "Carried":
    from nightcrew.cli.carrying import watched  # the demo's cloud takes a second to load
    from nightcrew.cli.resuming import Resuming
    from nightcrew.engine.local import Journal

    with watched(demo, asked, catalog_of(asked)) as crew, closing(Journal(demo.served.journal, demo.clock)) as journal:
        with suppress(Unknown):  # another machine's journal: ``resume`` says so
            crew.installation.answer(callback, value)
        return Resuming(crew, journal, demo, asked).resume(run)


def _undecided(store: Store, run: str) -> bool:
    asked = find(store, run)
    return asked is not None and asked.decided is None
