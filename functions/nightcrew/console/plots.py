"""Statistics drawn into a page: each plot an SVG that takes its colours from the style sheet, and says what it shows.

It is drawn for a column as wide as a phone: there its words are still readable, and beside a table it grows a little.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from nightcrew.knowledge.amounts import counted, long, times, toil
from nightcrew.knowledge.statistics import panels
from nightcrew.knowledge.statistics.drawing import Frame, legend, safe
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.statistics import Recurring, Statistics

WIDE, HIGH = 400, 232
_APART = 38
"""From one lying bar to the next."""

PARTS_OF_SYMPTOMS = (("helped", "helped"), ("other", "ran, did not help"), ("refused", "refused"))


def times_to_remediate(told: Statistics, weeks: Sequence[Figures]) -> Markup:
    """The time to remediate by week, against people's."""
    total = told.total
    words = f"Median {long(total.median)}, p90 {long(total.p90)}; in people's hands median {long(total.people_median)}"
    frame = Frame(74, WIDE - 6, 58, HIGH - 28)
    marks = legend(panels.lines(total), 8, 14, WIDE, lines=True)
    drawn = [*marks, *panels.times(weeks, frame), *panels.names(weeks, frame)]
    said = f"{words}{panels.estimated(total)}, by week."
    return _picture("times", "Time to remediate, by week", said, drawn)


def outcomes(told: Statistics, weeks: Sequence[Figures]) -> Markup:
    """What became of the runs of each week."""
    helped, not_helped, other = panels.parted(told.total)
    said = f"{counted(told.total.runs, 'run')}: {helped} helped, {not_helped} did not help, {other} other."
    frame = Frame(40, WIDE - 6, 32, HIGH - 28)
    marks = legend(panels.PARTS, 8, 14, WIDE)
    return _picture(
        "outcomes", "Runs, by week", said, [*marks, *panels.runs(weeks, frame), *panels.names(weeks, frame)]
    )


def toil_saved(told: Statistics, weeks: Sequence[Figures]) -> Markup:
    """The toil that the runs of each week saved, or cost."""
    saved = told.total.saved
    said = f"{toil(saved.net) if saved else 'Nothing'} saved{panels.estimated(told.total)}, by week."
    frame = Frame(74, WIDE - 6, 32, HIGH - 28)
    parts = (("saved", f"saved{panels.estimated(told.total)}"), ("lost", "cost"))
    marks = legend(parts, 8, 14, WIDE)
    return _picture(
        "toil", "Toil saved, by week", said, [*marks, *panels.saved(weeks, frame), *panels.names(weeks, frame)]
    )


def refusals(gates: Sequence[tuple[str, int]]) -> Markup:
    """How often each gate refused."""
    said = "; ".join(f"{gate or 'unknown'} {times(count)}" for gate, count in gates)
    rows = [(gate or "unknown", (("refused", count),)) for gate, count in gates]
    return _bars("gates", "Refusals by gate", f"{said}.", rows)


def symptoms(found: Sequence[Recurring]) -> Markup:
    """What comes most often, and what became of it."""
    said = "; ".join(f"{each.symptom}: {counted(each.alarms, 'alarm')}, {each.helped} helped" for each in found)
    rows = [(each.symptom, _became(each)) for each in found]
    return _bars("symptoms", "The most frequent symptoms", f"{said}.", rows, PARTS_OF_SYMPTOMS)


def _became(each: Recurring) -> tuple[tuple[str, int], ...]:
    return (("helped", each.helped), ("other", each.runs - each.helped), ("refused", each.refused))


def _bars(
    name: str,
    title: str,
    said: str,
    rows: Sequence[tuple[str, Sequence[tuple[str, int]]]],
    parts: Sequence[tuple[str, str]] = (),
) -> Markup:
    top = 44 if parts else 16
    frame = Frame(8, WIDE - 8, top, top + _APART * len(rows))
    drawn = [*legend(parts, 8, 14, WIDE), *panels.lying(rows, frame, _APART)]
    return _picture(name, title, said, drawn, int(frame.bottom))


def _picture(name: str, title: str, said: str, drawn: Iterable[str], high: int = HIGH) -> Markup:
    """``name`` is ours, and the only one of its page. Every word in ``drawn`` was escaped where it was drawn."""
    size = f'viewBox="0 0 {WIDE} {high}" width="{WIDE}" height="{high}"'
    told = f'aria-labelledby="plot-{name} plot-{name}-said"'
    inside = f'<title id="plot-{name}">{safe(title)}</title><desc id="plot-{name}-said">{safe(said)}</desc>'
    return Markup(f'<svg class="plot" {size} role="img" {told}>{inside}{"".join(drawn)}</svg>')  # noqa: S704
