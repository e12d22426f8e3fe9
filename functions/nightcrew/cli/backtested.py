"""A backtest for people: what would have happened, which gates refused, and which alarms nobody answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from rich.text import Text

from nightcrew.cli.output import UNBOUNDED, Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import ONE_LINE, listed
from nightcrew.dispatch.backtest.decisions import Decision
from nightcrew.dispatch.backtest.figures import AlarmFigures, Tally
from nightcrew.dispatch.backtest.spells import Spells
from nightcrew.dispatch.backtest.told import Backtest
from nightcrew.durations import in_words

VERDICTS = {
    "run": ("cured", "run by itself"),
    "ask": ("waiting", "ask people first"),
    "suggest": ("planned", "only suggest it to people"),
    "observe": ("planned", "only write it down"),
    "refused": ("refused", "be refused by a gate"),
    "unknown": ("not_applicable", "do nothing: no runbook knows the alarm"),
    "left": ("not_applicable", "do nothing: it is left to others"),
}
"""The mark and the words of each verdict, in the order in which people are told."""

_LASTED = ("median", "longest", "still")
"""How long an alarm lasted in people's hands, and how often it still does."""

MOST = 25
"""Alarms of one kind on a terminal."""

_MINUTE = timedelta(minutes=1)


def show(told: Backtest, output: Output, *, decisions: bool) -> None:
    """Print all of it; with ``decisions`` each of them, too."""
    figures = told.figures
    output.print(*_head(told, output), "")
    output.print(*_verdicts(told, output))
    output.print(*_footnote(output))
    if figures.gates:
        output.print("", *_gates(told, output))
    if figures.runbooks:
        output.print("", *_runbooks(told, output))
    for title, alarms, more in (
        ("alarms that a runbook answers", figures.answered, _became),
        ("alarms that no runbook knows", figures.unknown, _why),
        ("alarms that are left to others", figures.left, _why),
    ):
        if alarms:
            output.print("", *_alarms(title, alarms, more, output))
    if decisions:
        output.print("", *_each(told, output))
    output.print("", *_small("Supposed", told.suppositions, output), *_small("Not known", told.unknowns, output))


def _head(told: Backtest, output: Output) -> Iterator[Text]:
    recorded, figures = told.recorded, told.figures
    span = f"{recorded.since:%d %b %H:%M} to {recorded.until:%d %b %Y %H:%M} UTC"
    fired = sum(each.fired > 0 for each in figures.alarms)
    quiet = f"; {_count(figures.quiet, 'other')} did not" if figures.quiet else ""
    yield Text(f"{in_words(recorded.until - recorded.since)}, {span}", style="bold")
    fired_words = f"{_count(fired, 'alarm')} fired {_count(figures.fired, 'time')}{quiet}."
    yield from _lines(f"{fired_words} In people's hands: {_hands(figures.lasted)}.", output, "")
    yield from _lines(f"Policy {told.policy.file}, version {told.policy.version}.", output, "dim")


def _verdicts(told: Backtest, output: Output) -> list[Text]:
    tallies = told.figures.tallies
    both = (tallies.by_policy, tallies.if_auto)
    rows = []
    for verdict, (outcome, words) in VERDICTS.items():
        counts = [tally.verdicts.get(verdict, 0) for tally in both]
        if any(counts) or verdict == "run":
            rows.append([output.mark(outcome, words), *(_number(each, 10) for each in counts)])
    if any(tally.second for tally in both):
        again = [sum(tally.second.get(name, 0) for name in ("run", "ask")) for tally in both]
        rows.append([Text("  refused, and run at its second try"), *(_number(each, 10) for each in again)])
    if any(tally.told for tally in both):
        rows.append([Text("  told to people: it is theirs"), *(_number(tally.told, 10) for tally in both)])
    stake = [Text(_long(tally.at_stake).rjust(10)) for tally in both]
    rows.append([Text("  so long people had what it would run at"), *stake])
    return listed(["at an alarm, Nightcrew would", " by policy", "  if auto*"], rows, output)


def _footnote(output: Output) -> Iterator[Text]:
    yield from _lines(
        "* were each runbook that answers allowed to run by itself: what the other gates say", output, "dim"
    )


def _gates(told: Backtest, output: Output) -> list[Text]:
    rows = [[Text(each.name), _number(each.by_policy, 9), _number(each.if_auto, 8)] for each in told.figures.gates]
    words = [f"{each.example.at:%d %b %H:%M} {each.example.alarm}: {each.example.words}" for each in told.figures.gates]
    headings = ["refused by the gate", "by policy", " if auto"]
    return _table(headings, rows, words, "its last words", output)


def _runbooks(told: Backtest, output: Output) -> list[Text]:
    rows = [
        [
            _number(each.fired, 5),
            *(_number(_starts(tally), 6) for tally in (each.tallies.by_policy, each.tallies.if_auto)),
            *_lasted(each.lasted),
            Text(each.name),
        ]
        for each in told.figures.runbooks
    ]
    return listed(["fired", "starts", " auto*", *_LASTED, "runbook"], rows, output)


def _alarms(
    title: str, alarms: Sequence[AlarmFigures], more: Callable[[AlarmFigures], str], output: Output
) -> list[Text]:
    """On a terminal the first ones; in a file all."""
    most = len(alarms) if output.width >= UNBOUNDED else MOST
    rows = [
        [_number(each.fired, 5), *_lasted(each.lasted), Text(_long(each.lasted.total)), Text(each.name)]
        for each in alarms[:most]
    ]
    words = [more(each) for each in alarms[:most]]
    lines = _table(["fired", *_LASTED, "in all", title], rows, words, "what became of it", output)
    rest = len(alarms) - most
    return (
        [*lines, Text(f"  and {rest} more: in a file, and with --json, all of them", style="dim")]
        if rest > 0
        else lines
    )


def _each(told: Backtest, output: Output) -> list[Text]:
    """Both plays side by side, first decisions; second tries stand in their own time."""
    rows, words = [], []
    for policy, auto in _paired(told):
        one = policy or auto
        if one is None:
            continue
        again = " (2nd)" if one.second else ""
        rows.append(
            [
                Text(f"{one.at:%d %b %H:%M:%S}"),
                Text(one.alarm + again),
                Text(policy.label if policy else "–"),
                Text(auto.label if auto else "–"),
            ]
        )
        deciding = auto or one
        named = str(deciding.runbook) if deciding.runbook and deciding.runbook not in deciding.words else ""
        about = " ".join(filter(None, [named, short(deciding.resource or "")]))
        words.append(f"{about}: {deciding.words}" if about else deciding.words)
    return _table(["when (UTC)", "alarm", "by policy", "if auto"], rows, words, "words", output)


def _table(
    headings: Sequence[str], rows: Sequence[list[Text]], words: Sequence[str], beside: str, output: Output
) -> list[Text]:
    """What there is to say about each row: a column of its own where there is room, else below the row."""
    if output.width >= ONE_LINE:
        return listed([*headings, beside], [[*row, Text(said)] for row, said in zip(rows, words, strict=True)], output)
    return listed(headings, rows, output, more=words, cut=False)


def _paired(told: Backtest) -> Iterator[tuple[Decision | None, Decision | None]]:
    """The decisions of both plays on the same try of the same signal, in the order of time."""
    plays = [{(each.claim, each.second): each for each in play.decisions} for play in (told.by_policy, told.if_auto)]
    keys = dict.fromkeys(key for play in plays for key in play)

    def when(key: tuple[str, bool]) -> tuple[str, str]:
        one = plays[0].get(key) or plays[1][key]
        return one.at.isoformat(), one.alarm

    for key in sorted(keys, key=when):
        yield plays[0].get(key), plays[1].get(key)


def _became(alarm: AlarmFigures) -> str:
    policy, auto = (_labels(tally) for tally in (alarm.tallies.by_policy, alarm.tallies.if_auto))
    differs = f"; if auto: {auto}" if auto != policy else ""
    return f"{', '.join(alarm.runbooks)}: {policy}{differs}"


def _labels(tally: Tally) -> str:
    first = [f"{name} {count}" for name, count in _in_order(tally.labels, VERDICTS)]
    again = [f"{name} {tally.second[name]} at the second try" for name in ("run", "ask") if name in tally.second]
    return ", ".join([*first, *again])


def _in_order(counts: Mapping[str, int], order: Mapping[str, object]) -> list[tuple[str, int]]:
    known = [(name, counts[name]) for name in order if name in counts]
    return [
        *known,
        *sorted(((name, each) for name, each in counts.items() if name not in order), key=lambda it: -it[1]),
    ]


def _starts(tally: Tally) -> int:
    return sum(counts.get(name, 0) for counts in (tally.verdicts, tally.second) for name in ("run", "ask"))


def _why(alarm: AlarmFigures) -> str:
    return alarm.why


def _lasted(lasted: Spells) -> list[Text]:
    return [Text(_long(lasted.median)), Text(_long(lasted.longest)), _number(len(lasted.open_since), 5)]


def _hands(lasted: Spells) -> str:
    if not lasted.ended:
        return f"none ended, {len(lasted.open_since)} still in ALARM"
    ended = f"{len(lasted.ended)} ended, median {_long(lasted.median)}, longest {_long(lasted.longest)}"
    return f"{ended}; {len(lasted.open_since)} still in ALARM" if lasted.open_since else ended


def _long(length: timedelta | None) -> str:
    """To the minute, from one minute on: nobody decides by seconds here."""
    if not length:
        return "–"
    return in_words(timedelta(minutes=round(length / _MINUTE)) if length >= _MINUTE else length)


def _small(title: str, words: Sequence[str], output: Output) -> Iterator[Text]:
    yield Text(title, style="bold")
    for each in words:
        yield from _lines(f"  {each}", output, "dim")


def _lines(text: str, output: Output, style: str) -> Iterator[Text]:
    indent = "  " if text.startswith("  ") else ""
    for line in Text(text.strip(), style=style).wrap(output.console, max(output.width - len(indent), 20)):
        yield Text.assemble(indent, line)


def _number(count: int, wide: int) -> Text:
    return Text((str(count) if count else "–").rjust(wide))


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
