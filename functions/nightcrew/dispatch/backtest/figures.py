"""The figures that a team decides by: what policy would have done, and what the gates alone would have."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.backtest.decisions import Decision
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Played
from nightcrew.dispatch.backtest.spells import Began, Spells, lengths, spells
from nightcrew.dispatch.backtest.supposing import Supposed


@dataclass(frozen=True)
class Tally:
    """How often what was decided: by verdict, and by label (for a refusal its gate, where nothing was done the
    reason). ``second`` are the second tries, by verdict.
    """

    verdicts: Mapping[str, int]
    labels: Mapping[str, int]
    second: Mapping[str, int]
    told: int
    """How often people are told that something was refused, and is theirs."""
    at_stake: timedelta
    """How long the alarms at which a run starts lasted in people's hands: what there is to be gained."""

    @classmethod
    def of(cls, decisions: Iterable[Decision], lasted: Mapping[Began, timedelta]) -> "Tally":
        """Count them; ``lasted`` has the length of each spell that ended."""
        told = list(decisions)
        first = [each for each in told if not each.second]
        return cls(
            dict(Counter(each.verdict for each in first)),
            dict(Counter(each.label for each in first)),
            dict(Counter(each.verdict for each in told if each.second)),
            sum(each.told for each in told),
            _at_stake(told, lasted),
        )


@dataclass(frozen=True)
class Both:
    """Two tallies of the same signals: by policy, and were every runbook ``auto``."""

    by_policy: Tally
    if_auto: Tally


@dataclass(frozen=True)
class AlarmFigures:
    """One alarm: how often it fired, how long it lasted in people's hands, and what became of it. ``why`` is in words
    why nothing answers it, where nothing does.
    """

    name: str
    fired: int
    lasted: Spells
    runbooks: tuple[str, ...]
    tallies: Both
    why: str = ""


@dataclass(frozen=True)
class RunbookFigures:
    """One runbook, over all alarms that it answers; a run of it is supposed to take ``takes``."""

    name: str
    alarms: int
    fired: int
    lasted: Spells
    tallies: Both
    takes: timedelta


@dataclass(frozen=True)
class GateFigures:
    """One gate: how often it refused, second tries among them; and its last refusal, for its words."""

    name: str
    by_policy: int
    if_auto: int
    example: Decision


@dataclass(frozen=True)
class Figures:
    """Everything that is counted. ``quiet`` alarms did nothing in all the time."""

    tallies: Both
    runbooks: tuple[RunbookFigures, ...]
    gates: tuple[GateFigures, ...]
    alarms: tuple[AlarmFigures, ...]
    lasted: Spells
    fired: int
    quiet: int

    @property
    def answered(self) -> tuple[AlarmFigures, ...]:
        """The alarms that a runbook answers, whether it may or not."""
        return tuple(each for each in self.alarms if each.runbooks)

    @property
    def unknown(self) -> tuple[AlarmFigures, ...]:
        """The alarms that fired and that no runbook knows, the longest in people's hands first."""
        found = [each for each in self.alarms if not each.runbooks and "unknown" in each.tallies.by_policy.verdicts]
        return tuple(sorted(found, key=lambda each: (-each.lasted.total, -each.fired, each.name)))

    @property
    def left(self) -> tuple[AlarmFigures, ...]:
        """The alarms that fired and that are left to others: to a scaling policy, to their children, to people."""
        return tuple(each for each in self.alarms if each.fired and each not in (*self.answered, *self.unknown))


def figures(recorded: Recorded, policy: Played, lifted: Played, catalog: Catalog, supposed: Supposed) -> Figures:
    """Count. ``policy`` is the play by policy, ``lifted`` the one in which every runbook is ``auto``."""
    lasted, each_lasted = spells(recorded), lengths(recorded)

    def count(decisions: Iterable[Decision]) -> Tally:
        return Tally.of(decisions, each_lasted)

    by_alarm = [_by(play, lambda each: each.alarm) for play in (policy, lifted)]
    by_runbook = [_by(play, lambda each: each.runbook or "") for play in (policy, lifted)]
    alarms = [
        _alarm(name, lasted.get(name, Spells()), [play.get(name, []) for play in by_alarm], count)
        for name in recorded.alarms
    ]
    heard = [each for each in alarms if each.fired or each.lasted.open_since]
    heard.sort(key=lambda each: (-each.fired, -each.lasted.total, each.name))
    names = sorted({name for each in heard for name in each.runbooks})
    return Figures(
        tallies=Both(count(policy.decisions), count(lifted.decisions)),
        runbooks=tuple(
            RunbookFigures(
                name=name,
                alarms=sum(name in each.runbooks for each in heard),
                fired=sum(not each.second for each in by_runbook[0].get(name, ())),
                lasted=sum((each.lasted for each in heard if name in each.runbooks), Spells()),
                tallies=Both(*(count(play.get(name, ())) for play in by_runbook)),
                takes=supposed.length(catalog[name]),
            )
            for name in names
        ),
        gates=tuple(_gates(policy, lifted)),
        alarms=tuple(heard),
        lasted=sum((each.lasted for each in heard), Spells()),
        fired=sum(each.fired for each in heard),
        quiet=len(alarms) - len(heard),
    )


def _at_stake(decisions: Sequence[Decision], lasted: Mapping[Began, timedelta]) -> timedelta:
    fired = {each.claim: each for each in decisions if not each.second}
    started = {each.claim for each in decisions if each.verdict in ("run", "ask")} & fired.keys()
    begun = {(fired[claim].alarm, fired[claim].contributor, fired[claim].at) for claim in started}
    return sum((lasted.get(each, timedelta()) for each in begun), timedelta())


def _alarm(
    name: str, lasted: Spells, plays: Sequence[Sequence[Decision]], count: Callable[[Iterable[Decision]], Tally]
) -> AlarmFigures:
    by_policy = plays[0]
    runbooks = tuple(dict.fromkeys(each.runbook for each in by_policy if each.runbook))
    return AlarmFigures(
        name=name,
        fired=sum(not each.second for each in by_policy),
        lasted=lasted,
        runbooks=runbooks,
        tallies=Both(*map(count, plays)),
        why=by_policy[-1].words if by_policy and not runbooks else "",
    )


def _gates(policy: Played, lifted: Played) -> Iterator[GateFigures]:
    """The gates that refused something, the busiest were everything auto first."""
    refusals = [[each for each in play.decisions if each.verdict == "refused"] for play in (policy, lifted)]
    counts = [Counter(each.gate for each in play) for play in refusals]
    latest = {str(each.gate): each for play in refusals for each in play}
    for name in sorted(latest, key=lambda gate: (-counts[1][gate], -counts[0][gate], gate)):
        yield GateFigures(name, counts[0][name], counts[1][name], latest[name])


def _by(played: Played, key: Callable[[Decision], str]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for each in played.decisions:
        found.setdefault(key(each), []).append(each)
    return found
