"""The replay: a recorded history goes through the real dispatcher, over tables in memory, on a clock that stands at the
time of each signal.

Matching, policy, admission with every gate, the second try when a gate ends, hold and closing are those of the night.
Only the run itself is supposed (``supposing``).
"""

import heapq
import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.admission.follow_ups import due_now
from nightcrew.admission.policy import Level, Policy, Setting, Settings
from nightcrew.admission.request import AlarmSeen
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.backtest.decisions import Decision, verdict_of
from nightcrew.dispatch.backtest.events import configuration_of, event_of
from nightcrew.dispatch.backtest.memory import ReplayStore
from nightcrew.dispatch.backtest.recorded import Change, Recorded
from nightcrew.dispatch.backtest.supposing import Supposed, SupposedRun
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.sweep import sweep
from nightcrew.engine.installation import Installation
from nightcrew.errors import BadEvent, Forbidden
from nightcrew.signals import Signal, signal_from

SWEEP = timedelta(minutes=1)
"""How often the sweeper looks."""

_END, _SIGNAL, _SWEEP = range(3)
"""What comes first of what comes at the same time: a run's end, then signals, then the sweep."""


@dataclass(frozen=True)
class Played:
    """Every decision in order, and ``waiting``: second tries that would have come after the history's end."""

    decisions: tuple[Decision, ...]
    waiting: int


class Lifted(Policy):
    """The same policy, were every runbook ``auto``: what the other gates say shows under it."""

    @classmethod
    def of(cls, policy: Policy) -> "Lifted":
        """The policy without its autonomy."""
        kept = {each.name: getattr(policy, each.name) for each in fields(policy)}
        return cls(**{**kept, "ceiling": None})

    def settings_for(self, *about: str, **more: Any) -> Settings:
        """As policy says, but for autonomy."""
        return replace(super().settings_for(*about, **more), autonomy=Setting(Level.AUTO, "supposed"))


@dataclass
class HandClock:
    """Stands where the replay puts it."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Heard:
    """A change of state with the signal that comes in for it; or ``wrong``, why its event cannot be read."""

    change: Change
    signal: Signal | None
    wrong: str = ""


def heard(recorded: Recorded) -> list[Heard]:
    """What comes in, in order: each change as an event, read as intake reads it."""
    configurations = {name: configuration_of(each.described) for name, each in recorded.alarms.items()}
    found: list[Heard] = []
    for change in recorded.changes:
        event = event_of(change, recorded.alarms[change.alarm], configurations[change.alarm])
        try:
            found.append(Heard(change, signal_from(event)))
        except BadEvent as unreadable:
            found.append(Heard(change, None, str(unreadable)))
    return found


def play(
    recorded: Recorded,
    signals: Sequence[Heard],
    catalog: Catalog,
    policy: Policy,
    supposed: Supposed,
    progress: Callable[[int], None] = lambda count: None,
) -> Played:
    """Play ``signals``, which are what ``heard`` of the history. The same ones under the same policy are decided
    equally each time.
    """
    return _Replay(recorded, signals, catalog, policy, supposed).play(progress)


@dataclass
class _Replay:
    recorded: Recorded
    signals: Sequence[Heard]
    catalog: Catalog
    policy: Policy
    supposed: Supposed
    decisions: list[Decision] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = HandClock(self.recorded.since)
        self.store = ReplayStore()
        self.news: list[str] = []
        self.runs: dict[str, SupposedRun] = {}
        self.states: dict[str, str] = {}
        self.by_contributors = self.recorded.by_contributors
        self.agenda: list[tuple[datetime, int, int, str]] = []
        self.numbers = itertools.count(1)
        installation = Installation(
            self.store, self.catalog, self.policy, _no_cloud, self.clock, news=lambda kind, what: self.news.append(kind)
        )
        # A Change Calendar's past cannot be asked for here: it counts as open, and the output says so.
        self.dispatcher = Dispatcher(installation, self._start, calendar=_open, budgets=_unspent, new_id=self._run_id)

    def play(self, progress: Callable[[int], None]) -> Played:
        for number, each in enumerate(self.signals):
            self._until(each.change.at, _SIGNAL)
            self.clock.at = each.change.at
            self._signal(each)
            if number % 100 == 0:
                progress(number)
        self._until(self.recorded.until, _SWEEP)
        return Played(tuple(self.decisions), self.store.count_open("retry"))

    def _until(self, at: datetime, before: int) -> None:
        while self.agenda and self.agenda[0][:2] <= (at, before):
            self.clock.at, what, _, name = heapq.heappop(self.agenda)
            if what == _END:
                self.runs[name].end(self.supposed.outcome)
            else:
                self._sweep()

    def _signal(self, heard: Heard) -> None:
        change, alarm = heard.change, self.recorded.alarms[heard.change.alarm]
        contributor = change.contributor.id if change.contributor else None
        if contributor is None:
            self.states[alarm.arn] = change.state
        self.news.clear()
        if heard.signal is None:
            answer, claim = Answer("left", heard.wrong, reason="bad-event"), f"{alarm.arn} {change.at}"
        else:
            answer, claim = self.dispatcher.signal(heard.signal), heard.signal.claim
        beside = contributor is None and change.alarm in self.by_contributors
        if change.state == "ALARM" and not beside:
            self._decided(answer, change.alarm, claim, contributor)

    def _sweep(self) -> None:
        """The real sweep; it starts what is due in the order in which it finds it."""
        due = due_now(self.store, "retry", self.clock.at)
        if not due:
            return
        self.news.clear()
        swept = sweep(self.dispatcher, lambda arn, name: self.states.get(arn))
        answers = iter(swept.started)
        for each in due:
            alarm = AlarmSeen.from_dict(each.what["alarm"])
            about = alarm.name, alarm.claim, alarm.contributor
            if each.name in swept.dropped:
                words = f"it was no longer in ALARM when {each.what['gate']} ended"
                resource = str(each.what["resource"])
                self._decided(Answer("left", words, None, each.runbook, resource), *about, second=True)
            else:
                self._decided(next(answers), *about, second=True)
        # As many as a page of the index holds: the next sweep starts the others.
        self._later(_SWEEP, self.clock.at + SWEEP, "the rest")

    def _decided(
        self, answer: Answer, alarm: str, claim: str, contributor: str | None, *, second: bool = False
    ) -> None:
        run = self.runs.get(answer.run or "") if answer.kind == "admitted" else None
        verdict = "over" if second and answer.kind == "left" else verdict_of(answer, asks=bool(run and run.asks))
        self.decisions.append(
            Decision(
                at=self.clock.at,
                alarm=alarm,
                verdict=verdict,
                words=answer.words,
                claim=claim,
                contributor=contributor,
                runbook=answer.runbook,
                resource=answer.resource,
                gate=answer.gate,
                reason=answer.reason,
                until=answer.until,
                run=answer.run if run else None,
                ends=run.ends if run else None,
                second=second,
                told=answer.kind == "refused" if second else "refused" in self.news,
                figures=answer.figures,
            )
        )
        if answer.until is not None:
            self._later(_SWEEP, _next_minute(answer.until), claim)

    def _start(self, name: str) -> None:
        if name in self.runs:
            # Asking twice starts it once, as with a durable execution.
            return
        run = SupposedRun.begin(name, self.dispatcher.installation, self.supposed)
        self.runs[name] = run
        self._later(_END, run.ends, name)

    def _later(self, what: int, at: datetime, name: str) -> None:
        heapq.heappush(self.agenda, (at, what, next(self.numbers), name))

    def _run_id(self, now: datetime) -> str:
        # The same at each replay; the number is what is random at night.
        return f"{now:%Y%m%d-%H%M%S}-{next(self.numbers):08}"


def _next_minute(at: datetime) -> datetime:
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == at else whole + SWEEP


def _no_cloud(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
    del permissions, family
    raise Forbidden(f"{who} may not ask AWS about {resource}: a backtest asks nothing but CloudWatch's history")


def _open(calendar: str, now: datetime) -> None:
    del calendar, now


def _unspent(slo: str, now: datetime) -> float:
    del slo, now
    return 1.0  # what was left then, nobody tells
