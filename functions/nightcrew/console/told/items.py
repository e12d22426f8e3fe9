"""A run's steps as lines of a page: what only looked stands together, what changed something stands out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from nightcrew.console.told.exactly import exactly
from nightcrew.console.told.sizes import size
from nightcrew.console.when import when
from nightcrew.knowledge.names import named
from nightcrew.knowledge.story.seen import CHANGES
from nightcrew.knowledge.story.step import OPEN, Step
from nightcrew.ledger.entries import ENDINGS, Entry

LOOKS = ("read", "require", "hold")
TOGETHER = 40
"""Looks that stand together at most."""

LONG = timedelta(seconds=30)
"""A gap between two lines that is worth a word."""

_COUNTED = (
    ("hold", "hold of its groups", "holds of its groups"),
    ("read", "read", "reads"),
    ("require", "requirement", "requirements"),
)


@dataclass(frozen=True)
class Item:
    """A line. ``state`` is as of a step, or another word where there is nothing to judge; ``gap`` is how long nothing
    was written before it; ``asked`` and ``answer`` are what was sent to AWS and what came back, exactly; ``looks`` are
    the steps that stand together.
    """

    verb: str
    title: str
    at: datetime | None
    state: str
    entry: int
    ended: datetime | None = None
    until: datetime | None = None
    gap: timedelta | None = None
    call: str = ""
    asked: str = ""
    answer: str = ""
    undo: str = ""
    words: tuple[str, ...] = ()
    looks: tuple[Step, ...] = ()

    @property
    def length(self) -> timedelta | None:
        """How long it took, where that is worth a word."""
        spent = self.ended - self.at if self.ended is not None and self.at is not None else timedelta(0)
        return spent if spent >= timedelta(seconds=1) else None

    @property
    def size(self) -> int:
        """About how many bytes of a page it takes."""
        told = [self.title, self.call, self.asked, self.answer, self.undo, *self.words]
        told += [text for step in self.looks for text in (step.title, *step.details, *step.result)]
        return size(told) + 700 + 300 * len(self.looks)


def items(entries: Sequence[Entry], steps: Sequence[Step]) -> list[Item]:
    """The whole story, from why it began to how it ended. What a gate refused at once has none."""
    told = [*_began(entries[0]), *_lines(steps)] if entries and entries[0].kind != "refusal" else []
    told += [_ended(entry) for entry in entries if entry.kind in ENDINGS and told]
    return list(_with_gaps(told))


def goes_on(told: Sequence[Item]) -> Item | None:
    """What the run is at, as far as its entries tell."""
    return next((each for each in reversed(told) if each.state == OPEN), None)


def _began(entry: Entry) -> list[Item]:
    if entry.kind != "opening":
        return [Item("odd", "what was before is not there any more", entry.at, "failed", entry.number)]
    by_nobody = entry.body.get("break_glass")
    title = "by nobody: the ledger was out of reach" if by_nobody else "the gates let it start"
    admitted = Item("admit", title, entry.at, "open to doubt" if by_nobody else "done", entry.number)
    alarm = entry.body.get("alarm")
    alarm = alarm if isinstance(alarm, Mapping) else {}
    at = when(alarm.get("at"))
    if at is None or at > entry.at:
        return [admitted]
    verb = "event" if alarm.get("event") else "alarm"
    return [Item(verb, str(alarm.get("name", "?")), at, "heard", entry.number), admitted]


def _ended(entry: Entry) -> Item:
    body = entry.body
    outcome, gate = str(body.get("outcome", "?")), body.get("gate")
    words = (named(str(body["words"])),) if body.get("words") else ()
    verb, title = ("refuse", f"by the gate {gate}") if gate else ("close", outcome)
    return Item(verb, title, entry.at, "ended", entry.number, words=words)


def _lines(steps: Sequence[Step]) -> Iterator[Item]:
    for looks, together in groupby(steps, lambda step: step.verb in LOOKS):
        found = tuple(together)
        if looks:
            yield from (_looked(found[first : first + TOGETHER]) for first in range(0, len(found), TOGETHER))
        else:
            yield from map(_line, found)


def _looked(looks: tuple[Step, ...]) -> Item:
    times = [step.at for step in looks if step.at is not None]
    counts = [(sum(step.verb == verb for step in looks), one, many) for verb, one, many in _COUNTED]
    title = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
    failed = tuple(_missed(step) for step in looks if step.state == "failed")
    at, ended = (times[0], times[-1]) if times else (None, None)
    return Item("look", title, at, "failed" if failed else "done", looks[0].entry, ended, words=failed, looks=looks)


def _missed(step: Step) -> str:
    return f"it does not hold that {step.title}" if step.verb == "require" else ": ".join([step.title, *step.result])


def _line(step: Step) -> Item:
    words = [*step.result, *(step.details if step.verb == "later" else ())]
    line = Item(
        step.verb,
        step.title.removeprefix("undo: ") if step.verb == "undo" else step.title,
        step.at,
        step.state,
        step.entry,
        step.ended,
        step.until,
        call=step.call,
        words=tuple(named(each) for each in words),
    )
    if step.verb not in CHANGES:
        return line
    answer = exactly(step.value) if step.value not in (None, {}, []) else ""
    asked = exactly(step.parameters) if step.parameters is not None else ""
    return replace(line, asked=asked, answer=answer, undo=step.undo)


def _with_gaps(told: Sequence[Item]) -> Iterator[Item]:
    before: datetime | None = None
    for each in told:
        gap = each.at - before if each.at is not None and before is not None else timedelta(0)
        yield replace(each, gap=gap) if gap >= LONG else each
        before = each.ended or each.at or before
