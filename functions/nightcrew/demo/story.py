"""The night that ``nightcrew demo`` plays: its chapters, in order, and how each is to end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from nightcrew.demo import safety
from nightcrew.demo.drill_chapter import drilled
from nightcrew.demo.events import HERE, Event, named
from nightcrew.demo.fleet import TABLE
from nightcrew.demo.gameday_chapter import rehearsed
from nightcrew.demo.stage import Played, Stage
from nightcrew.errors import Unknown


@dataclass(frozen=True)
class Chapter:
    """One thing that happens, so long ``after`` the one before: an event that comes in, a person's start, or an
    ``act`` of its own, told in ``reason``.

    ``promised`` is how it is to end; the demo fails where it ends otherwise.
    """

    title: str
    promised: str
    event: str = ""
    after: timedelta = timedelta(0)
    anew: bool = False
    about: str | None = None
    runbook: str = ""
    reason: str = ""
    act: Callable[[Stage, Path], Played] | None = None


NIGHT = (
    Chapter("An instance stops answering", "cured", "ec2-status-check"),
    Chapter("The same event is delivered a second time", "claim", "ec2-status-check-duplicate"),
    Chapter(
        "Two minutes later it stops answering again",
        "cool-down",
        "ec2-status-check",
        after=timedelta(minutes=2),
        anew=True,
    ),
    Chapter("Checkout runs out of CPU", "cured", "asg-cpu-high", after=timedelta(minutes=4)),
    Chapter("The database's writer is slow to commit", "cured", "aurora-writer-latency", after=timedelta(minutes=3)),
    Chapter(
        "Paid orders are gone, and no runbook answers by itself",
        "left",
        "dynamodb-orders-missing",
        after=timedelta(minutes=6),
        about=TABLE,
    ),
    Chapter(
        "Ada restores the table beside it, as it was before",
        "succeeded",
        after=timedelta(minutes=8),
        runbook="restore-dynamodb-table",
        reason="1,824 paid orders are missing",
    ),
    Chapter(
        f"A storm: the same alarm comes in {safety.STORM} times",
        "cured",
        after=timedelta(minutes=5),
        reason="an instance stops answering, and the bus delivers its alarm again and again",
        act=safety.storm,
    ),
    Chapter(
        "The workers run out of CPU, and policy wants a person to agree",
        "waiting",
        after=timedelta(minutes=4),
        reason="the run plans, asks, and waits",
        act=safety.asks,
    ),
    Chapter(
        "Meanwhile Ada restarts one of the workers",
        "lock",
        after=timedelta(minutes=2),
        reason="another runbook, on a member of the group that the waiting run has",
        act=safety.locked,
    ),
    Chapter(
        "Bob, who is on call, approves the plan",
        "cured",
        after=timedelta(minutes=1),
        reason="the waiting run goes on",
        act=safety.approves,
    ),
    Chapter(
        "An instance is stopped, and the account's vCPU limit does not let it start again",
        "failed",
        after=timedelta(minutes=9),
        reason="what was changed is taken back",
        act=safety.undone,
    ),
    Chapter(
        "Ada halts everything",
        "halt",
        after=timedelta(minutes=6),
        reason="an alarm comes in, and nothing moves",
        act=safety.halted,
    ),
    Chapter(
        "A game day: an experiment makes a web server unreachable",
        "cured",
        after=timedelta(minutes=20),
        reason="a fault on purpose; what follows is watched, and the fault is taken back",
        act=rehearsed,
    ),
    Chapter(
        "When it is quiet again, Ada drills that the orders can be restored, and how fast",
        "succeeded",
        after=timedelta(minutes=15),
        reason="what was restored is looked at, measured and deleted",
        act=drilled,
    ),
)


@dataclass
class Night:
    """How it went: each chapter with what became of it."""

    played: list[tuple[Chapter, Played]] = field(default_factory=list)

    @property
    def as_promised(self) -> bool:
        """Whether every chapter ended as it was to end."""
        return len(self.played) == len(NIGHT) and all(chapter.promised == played.end for chapter, played in self.played)

    def ends(self) -> dict[str, int]:
        """How often what happened: ``{"cured": 3, "claim": 1, …}``."""
        counted: dict[str, int] = {}
        for _, played in self.played:
            counted[played.end] = counted.get(played.end, 0) + 1
        return counted

    def saved(self, by_hand: Callable[[str], timedelta]) -> list[tuple[str, timedelta, timedelta]]:
        """For each run that ended well: its runbook, how long people take (its author's estimate), how long it took."""
        return [
            (str(played.answer.runbook), by_hand(str(played.answer.runbook)), played.took)
            for _, played in self.played
            if played.end in {"cured", "succeeded"} and played.took is not None
        ]


def script(events: Path) -> dict[str, Event]:
    """The events that the night plays, by name. Raises Unknown where one is missing."""
    return {chapter.event: named(chapter.event, events) for chapter in NIGHT if chapter.event}


def play(stage: Stage, events: Path = HERE) -> Night:
    """Play the whole night. Raises Unknown where the events cannot be found: before anything was played."""
    read = script(events)
    stage.fleet.whole()
    night = Night()
    for number, chapter in enumerate(NIGHT, start=1):
        stage.clock.sleep(chapter.after.total_seconds())
        stage.tell("chapter", number=number, title=chapter.title)
        if chapter.act is not None:
            played = chapter.act(stage, events)
        elif chapter.event:
            played = stage.event(read[chapter.event], anew=chapter.anew, about=chapter.about)
            if chapter.about == TABLE:
                stage.fleet.lost_orders(stage.clock.now())
        else:
            played = _by_hand(stage, chapter)
        night.played.append((chapter, played))
    return night


def _by_hand(stage: Stage, chapter: Chapter) -> Played:
    before = stage.clock.now() - chapter.after - timedelta(minutes=5)
    parameters: dict[str, Any] = {"table": TABLE.rsplit("/", 1)[-1], "to": before.replace(microsecond=0).isoformat()}
    if chapter.runbook not in stage.crew.installation.catalog:
        raise Unknown(f"the catalog has no {chapter.runbook}")
    return stage.person(chapter.runbook, parameters, chapter.reason)
