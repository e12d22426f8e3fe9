"""A run in one line: what the indexes hold of it, written from a closing or a refusal and read back for a page of
history.

An index item is kept well below 350 bytes, so that a page of 20 runs costs one read unit (8 KB, eventually
consistent). So the words and the actor are cut here, and the duration stands for the start; the entry's body holds
them whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.ledger.cases import case_attributes

SHOWN = (
    "runbook",
    "resource",
    "symptom",
    "outcome",
    "took",
    "actor",
    "words",
    "gate",
)  # in each index, beside its keys
MOST_WORDS = 38  # bytes: with them a usual closing stays below a write unit
MOST_ACTOR = 30  # bytes
RUNNING = "running"  # the outcome of a run that is still open
BY_HAND = "by hand:"  # how the symptom of a run begins that a person started
BREAK_GLASS = "break-glass:"  # how the symptom of a run under break-glass begins: so that the indexes tell it


@dataclass(frozen=True)
class Row:
    """A run, or a refusal, in one line.

    ``words`` and ``actor`` may be cut short. ``gate`` is a refusal's. A running one has the outcome "running", no
    ``ended``, and the time at which its lock's ``lease`` ends.
    """

    run: str
    runbook: str
    resource: str
    symptom: str | None
    outcome: str
    started: datetime | None
    ended: datetime | None
    actor: str
    words: str
    gate: str | None = None
    lease: datetime | None = None
    number: int = field(default=0, compare=False)
    """Of the entry that it comes from: where all of its words are."""

    @property
    def break_glass(self) -> bool:
        """Whether it ran, or was refused, on somebody's own machine, while the ledger could not be reached."""
        return (self.symptom or "").startswith(BREAK_GLASS)

    @property
    def duration(self) -> timedelta | None:
        """From opening to closing; None while it runs."""
        return self.ended - self.started if self.started is not None and self.ended is not None else None

    @classmethod
    def from_index(cls, item: Mapping[str, Any]) -> "Row":
        """From an item of one of the ledger's indexes."""
        ended = moment(item["ended"].partition("#")[0])
        return cls(
            run=item["run"],
            runbook=item.get("runbook", ""),
            resource=item.get("resource", ""),
            symptom=item.get("symptom"),
            outcome=item.get("outcome", ""),
            started=ended - timedelta(seconds=item["took"]) if "took" in item else None,
            ended=ended,
            actor=item.get("actor", ""),
            words=item.get("words", ""),
            gate=item.get("gate"),
            number=int(item.get("number", 0)),
        )

    @classmethod
    def from_lock(cls, item: Mapping[str, Any]) -> "Row":
        """From a lock's item (``res#ARN``) in the index of what is open."""
        started = item.get("started")
        return cls(
            run=item["owner"],
            runbook=item.get("runbook", ""),
            resource=item["key"].partition("#")[2],
            symptom=item.get("symptom"),
            outcome=RUNNING,
            started=moment(started) if started else None,
            ended=None,
            actor=item.get("actor", ""),
            words="",
            lease=moment(item["lease"]),
        )


def index_attributes(run: str, at: datetime, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an ending carries beside its fields, so that the indexes find and show it. Follows from the entry alone."""
    values: dict[str, Any] = {name: _text(body.get(name)) for name in SHOWN if name != "took"}
    values["words"] = _cut(values["words"], MOST_WORDS)
    values["actor"] = _cut(values["actor"], MOST_ACTOR, keep_end=True)  # of an ARN the end tells who
    values["took"] = _seconds(body.get("started"), at)
    values["week"] = week(at)
    # The tail of the run's id orders those that ended in the same millisecond.
    values["ended"] = f"{stamp(at)}#{run[-6:]}"
    # An index refuses an empty key, and what is not there costs nothing.
    return {name: value for name, value in values.items() if value not in ("", None)} | case_attributes(body)


def record_attributes(kind: str, run: str, at: datetime, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a lesson, a root or a spell carries, so that the indexes of history find it under a partition of its own:
    all of a kind under the week ``lesson``, a run's under the resource ``lesson:RUN``, a symptom's under
    ``lesson:SYMPTOM``.
    """
    about = {name: _text(body.get(name)) for name in ("run", "symptom")}
    values = {
        "week": kind,
        "ended": f"{stamp(at)}#{run[-6:]}",
        "resource": f"{kind}:{about['run']}" if about["run"] else "",
        "symptom": f"{kind}:{about['symptom']}" if about["symptom"] else "",
    }
    return {name: value for name, value in values.items() if value}


def week(at: datetime) -> str:
    """The ISO week of a moment in UTC: ``2026-W47``."""
    year, number, _ = moment(stamp(at)).isocalendar()
    return f"{year}-W{number:02}"


def _seconds(started: Any, at: datetime) -> float | None:
    try:
        seconds = (moment(stamp(at)) - moment(_text(started))).total_seconds()
    except ValueError:
        return None
    return round(max(seconds, 0.0), 3)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cut(text: str, most: int, *, keep_end: bool = False) -> str:
    if len(text.encode()) <= most:
        return text
    left = most - len("…".encode())
    if keep_end:
        return "…" + text.encode()[-left:].decode(errors="ignore")
    return text.encode()[:left].decode(errors="ignore") + "…"
