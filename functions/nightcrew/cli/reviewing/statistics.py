"""Statistics for people: what ran, what it was worth, what keeps coming back, and which proofs get old."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.text import Text

from nightcrew.cli.output import UNBOUNDED, Output
from nightcrew.cli.resources import short
from nightcrew.cli.reviewing.sparkline import sparkline
from nightcrew.cli.tables import listed
from nightcrew.durations import in_words
from nightcrew.knowledge.amounts import counted, long, number, percent, times, toil
from nightcrew.knowledge.statistics.figures import Figures, Saved
from nightcrew.knowledge.statistics.people import ESTIMATE
from nightcrew.knowledge.statistics.statistics import GETS_OLD, LOOKS_BACK, Statistics

MOST = 10
"""Lines of one kind on a terminal; in a file all."""

_HEADINGS = (" runs", "helped  ", "refused", "median    ", "p90       ", "people      ", "saved")


def show(told: Statistics, output: Output) -> None:
    """Print all of it."""
    output.print(Text(_span(told), style="bold"))
    if told.empty:
        output.print("Nothing ran, and nothing was refused.")
    else:
        output.print(*_total(told, output), *_drills(told.drills, output))
        if told.groups:
            output.print("", *_groups(told, output))
        if len(told.weeks) > 1 and told.by != "week":
            output.print("", *_weeks(told, output))
        if told.gates:
            output.print("", *_gates(told, output))
        if told.symptoms and told.by != "symptom":
            output.print("", *_symptoms(told, output))
    proofs = list(_proofs(told, output))
    if proofs:
        output.print("", *proofs)
    if ESTIMATE in told.total.sources:
        words = "~ the estimate of the runbook's author: no such alarm was observed, and no history was given"
        output.print("", *_lines(words, output, "dim"))


def _span(told: Statistics) -> str:
    days = (told.until - told.since).days + 1
    if days == 1:
        return f"1 day, {told.until:%d %b %Y} (UTC)"
    return f"{days} days, {told.since:%d %b %Y} to {told.until:%d %b %Y} (UTC)"


def _total(told: Statistics, output: Output) -> Iterator[Text]:
    total = told.total
    kinds = [_joined(output.mark(name), count) for name, count in _most_first(total.outcomes)]
    ran = Text(f"{counted(total.runs, 'run')}")
    ran = Text.assemble(ran, ": ", Text(", ").join(kinds)) if kinds else ran
    yield from _wrapped(Text.assemble(ran, f"; {counted(total.refused, 'refusal')}."), output)
    if total.success is not None:
        words = f"{total.helped} of {total.tried} that were tried helped ({percent(total.success)})."
        if total.median is not None:
            words += f" Time to remediate: median {long(total.median)}, p90 {long(total.p90)};"
            words += f" in people's hands: median {_people(total)}{_sources(total)}."
        yield from _lines(words, output, "")
    if total.saved is not None:
        yield from _lines(_saved_words(total.saved), output, "")


def _drills(drills: Figures, output: Output) -> Iterator[Text]:
    """In a line of their own: they remedy nothing, so nothing else counts them."""
    if not drills.runs and not drills.refused:
        return
    held = f"{drills.helped} of {counted(drills.tried, 'restore drill')} held" if drills.tried else "No drill was tried"
    more = [f"median {long(drills.median)}"] if drills.median is not None else []
    more += [f"{counted(drills.refused, 'refusal')}"] if drills.refused else []
    yield from _lines(f"Beside these {', '.join([held, *more])}; nightcrew drill says more.", output, "")


def _saved_words(saved: Saved) -> str:
    parts = [f"{toil(saved.hands)} in people's hands"]
    parts += [f"{toil(saved.lost)} of runs that did not help"] if saved.lost else []
    parts += [f"{toil(saved.asked)} of answering what runs asked"] if saved.asked else []
    words = f"Toil saved: {toil(saved.net)} = {', less '.join(parts)}."
    if saved.unknown:
        words += (
            f" {counted(saved.unknown, 'run')} that helped count nothing: nobody knows what people would have taken."
        )
    return words


def _groups(told: Statistics, output: Output) -> list[Text]:
    """Names beside the figures where there is room, else above them."""
    most = len(told.groups) if output.width >= UNBOUNDED else MOST
    shown = told.groups[:most]
    names = [_named(each.name, told.by) for each in shown]
    rows = [_row(each) for each in shown]
    lines = listed(_HEADINGS, rows, output)
    wide = max(line.cell_len for line in lines) + 2
    if wide + max(map(len, names)) <= output.width:
        lines = listed(
            [*_HEADINGS, told.by], [[*row, Text(name)] for row, name in zip(rows, names, strict=True)], output
        )
    else:
        above = [
            line for name, figures in zip(names, lines[1:], strict=True) for line in (_name(name, output), figures)
        ]
        lines = [lines[0], *above]
    rest = len(told.groups) - len(shown)
    return [*lines, *([Text(f"and {rest} more: in a file, and with --json, all of them", style="dim")] if rest else [])]


def _row(each: Figures) -> list[Text]:
    helped = f"{each.helped} of {each.tried}" if each.tried else "–"
    saved = toil(each.saved.net) if each.saved else "–"
    texts = [number(each.runs), helped, number(each.refused), long(each.median), long(each.p90), _people(each)]
    widths = (5, 0, 7, 0, 0, 0, 0)
    return [Text(text.rjust(width)) for text, width in zip([*texts, saved], widths, strict=True)]


def _weeks(told: Statistics, output: Output) -> Iterator[Text]:
    rows: Sequence[tuple[str, Callable[[Figures], float | None], Callable[[float], str]]] = (
        ("runs", lambda week: week.runs, lambda value: f"{value:.0f}"),
        ("helped", lambda week: week.success, percent),
        ("median", lambda week: week.median, long),
        ("refused", lambda week: week.refused, lambda value: f"{value:.0f}"),
    )
    yield Text(f"by week, {told.weeks[0].name} to {told.weeks[-1].name}", style="bold")
    for name, of, words in rows:
        values = [of(week) for week in told.weeks]
        known = [value for value in values if value is not None]
        if any(known):
            least, most = min(known), max(known)
            span = words(most) if least == most else f"{words(least)} to {words(most)}"
            yield _cut(Text.assemble(f"  {name:8}", sparkline(values, signs=output.signs), f"  {span}"), output)


def _gates(told: Statistics, output: Output) -> Iterator[Text]:
    yield Text("refused by the gate", style="bold")
    yield from _lines(", ".join(f"{gate or 'unknown'} {count}" for gate, count in told.gates.items()), output, "", "  ")


def _symptoms(told: Statistics, output: Output) -> list[Text]:
    most = len(told.symptoms) if output.width >= UNBOUNDED else MOST // 2
    rows = [
        [
            *(Text(number(count).rjust(7)) for count in (each.alarms, each.runs, each.helped)),
            Text(_clean(each.symptom)),
        ]
        for each in told.symptoms[:most]
    ]
    return listed([" alarms", "   runs", " helped", "most frequent symptoms"], rows, output)


def _proofs(told: Statistics, output: Output) -> Iterator[Text]:
    """Those that somebody wanted something of, and how many others there are."""
    asked = [each for each in told.proofs if each.tried or each.refused]
    year = in_words(LOOKS_BACK)
    if asked:
        yield Text(f"no proof for {in_words(GETS_OLD)}", style="bold")
    for each in asked[: len(asked) if output.width >= UNBOUNDED else MOST]:
        last = f"last helped {each.last:%d %b %Y}" if each.last else f"helped nobody for {year}"
        words = f"{last}; tried {times(each.tried)}, refused {times(each.refused)} in {year}"
        yield _cut(Text(f"  {each.runbook}: {words}"), output)
    rest = len(told.proofs) - len(asked)
    if rest and not told.empty:
        words = (
            f"{counted(rest, 'other runbook')} of the catalog {'was' if rest == 1 else 'were'} not asked for in {year}"
        )
        yield from _lines(words, output, "dim", "  " if asked else "")


def _people(each: Figures) -> str:
    estimated = "~ " if ESTIMATE in each.sources else ""
    return f"{estimated}{long(each.people_median)}"


def _sources(total: Figures) -> str:
    words = {"observed": "observed", "history": "from the alarm history", "estimate": "estimated ~"}
    told = [f"{number} {words[source]}" for source, number in total.sources.items()]
    return f" ({', '.join(told)})" if told else ""


def _named(name: str, by: str) -> str:
    return _clean(short(name) if by == "resource" else name) or "(unknown)"


def _clean(text: str) -> str:
    """In one line, whatever an event calls it."""
    return " ".join(text.split())


def _name(name: str, output: Output) -> Text:
    return _cut(Text(name, style="bold"), output)


def _joined(mark: Text, count: int) -> Text:
    sign, _, words = mark.plain.partition(" ")
    return Text.assemble((f"{sign} {count} {words}", mark.style or ""))


def _most_first(outcomes: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(outcomes.items(), key=lambda one: (-one[1], one[0]))


def _lines(words: str, output: Output, style: str, indent: str = "") -> Iterator[Text]:
    for line in Text(words, style=style).wrap(output.console, max(output.width - len(indent), 20)):
        yield Text.assemble(indent, line)


def _wrapped(words: Text, output: Output) -> Iterator[Text]:
    yield from words.wrap(output.console, max(output.width, 20))


def _cut(line: Text, output: Output) -> Text:
    line.truncate(output.width, overflow="ellipsis")
    return line
