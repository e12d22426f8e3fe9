"""Where anchors are read, as people name it; and what an audit found, in words and as JSON."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.cli.account import Account
from nightcrew.cli.asked import Asked
from nightcrew.clock import moment
from nightcrew.errors import BadInput
from nightcrew.knowledge.amounts import counted
from nightcrew.ledger.anchors import Anchors, Bucket, Folder
from nightcrew.ledger.audit import Audit
from nightcrew.ledger.roots import last_due

S3 = "s3://"
SHOWN = 5
"""Runs that are named on a line; ``--json`` has them all."""

_JOB = timedelta(hours=2)
"""How late the day's job may be."""

anchors_option = click.option(
    "--anchors",
    metavar="WHERE",
    help="s3://BUCKET with the anchored roots, or a directory with a copy of them.",
)


def anchors_of(
    asked: Asked, where: str | None, clients: ClientMaker | None, *, offline: bool = False
) -> Anchors | None:
    """The anchors there; None where none are named. Raises BadInput, NotHere."""
    if where is None:
        return None
    if not where.startswith(S3):
        return Folder(Path(where))
    if offline:
        raise BadInput("--anchors", where, "with --export nothing is asked of AWS; copy them: aws s3 sync s3://… DIR")
    name, _, prefix = where.removeprefix(S3).partition("/")
    return Bucket((clients or Account(asked.region, asked.profile))("s3", READING), name, prefix)


def looked_at(found: Audit) -> str:
    """What was looked at: ``3 runs and refusals, 9 entries, 2 daily roots``."""
    told = found.to_dict()
    runs, entries = int(told["runs"]), int(told["entries"])
    lessons = [counted(told["lessons"], "lesson")] if told["lessons"] else []
    words = [*([counted(runs, "run", "runs and refusals")] if runs or not lessons else []), *lessons]
    words.append(counted(entries, "entry", "entries"))
    if told["open"]:
        words.append("still open" if runs == 1 else f"{told['open']} of them still open")
    if told["break_glass"]:
        words.append("under break-glass" if runs == 1 else f"{told['break_glass']} of them under break-glass")
    if told["roots"]:
        words.append(counted(told["roots"], "daily root"))
    if told["anchors"]:
        words.append(counted(told["anchors"], "anchor"))
    return ", ".join(words)


def hint(asked: Asked, place: object) -> None:
    """Where a stack's roots are anchored, for who did not ask for that."""
    where = getattr(place, "outputs", {}).get("Anchors")
    if where:
        asked.output.hint("The roots of this stack are anchored: the same, with", f"  --anchors {where}")


def tell(asked: Asked, found: Audit, now: datetime | None) -> None:
    """For people: each break, the verdict, and what it does not cover. ``now`` is None where it is an export."""
    out = asked.output
    for each in found.breaks:
        out.print(out.mark("failed", f"{_place(each.run, each.number)}: {each.what}"))
    if found.breaks:
        touched = len({each.run for each in found.breaks})
        out.print(f"{looked_at(found)}: {counted(len(found.breaks), 'break')} in {counted(touched, 'run')}")
    else:
        out.print(out.mark("succeeded", f"{found.verdict}: {looked_at(found)}"))
    for line in _beside(found, now):
        out.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def _beside(found: Audit, now: datetime | None) -> Iterable[str]:
    late = [each.run for each in found.looked if each.late]
    if late:
        yield f"came after the root of its day (uploaded after break-glass, or added by somebody): {_some(late)}"
    if found.anchors is not None:
        if found.not_anchored and not found.breaks:
            only = "" if found.verdict == "consistent" else ", so only consistent"
            yield f"not anchored yet{only}: {_some(found.not_anchored)}"
        if found.last_root is not None and (found.last_anchor or "") < found.last_root:
            last = f"is of {found.last_anchor}" if found.last_anchor else "is older than what was looked at"
            yield f"the last anchor {last}: later roots are not anchored"
        open_ = [each for each in found.anchors if now is not None and each.locked is not None and each.locked < now]
        if open_:
            # The lock is told to who may read it; so this may mean no more than that.
            yield f"{counted(len(open_), 'anchor')} not under Object Lock, as far as s3:GetObjectRetention tells"
    due = None if now is None else last_due(now - _JOB)
    if due is not None and found.last_root is not None and found.last_root < str(due):
        yield f"the last root is of {found.last_root}: the day's job did not run since, or roots were removed"


def since_of(run: str, stored: list[dict[str, Any]], usual: datetime) -> datetime:
    """From when on roots may name a run: since the day on which it ended, or began where nothing is left of it."""
    readers: tuple[Callable[[], datetime], ...] = (
        lambda: moment(str(stored[-1]["at"])),
        lambda: datetime.strptime(run[:8], "%Y%m%d").replace(tzinfo=UTC),
    )
    for read in readers:
        try:
            return min(usual, read().replace(hour=0, minute=0, second=0, microsecond=0))
        except (ValueError, LookupError):
            continue
    return usual


def _place(run: str, number: int) -> str:
    return run if number < 0 else f"{run}, entry {number}"


def _some(runs: Iterable[str]) -> str:
    every = list(runs)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
