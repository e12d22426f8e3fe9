"""The panels that a picture of statistics is made of: what is drawn in a frame, without title and colours.

Colours are of who shows it, by class: ``median``, ``p90``, ``people``; ``helped``, ``not``, ``other``, ``refused``;
``saved``, ``lost``; ``grid``, ``ink``, ``faint``.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from math import ceil

from nightcrew.durations import in_words
from nightcrew.knowledge.amounts import toil
from nightcrew.knowledge.statistics.drawing import SIGN, Frame, bar, curve, step_of_time, text, whole_step
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.people import ESTIMATE

LINES: Sequence[tuple[str, str, Callable[[Figures], float | None]]] = (
    ("median", "median", lambda week: week.median),
    ("p90", "p90", lambda week: week.p90),
    ("people", "people, median", lambda week: week.people_median),
)
PARTS = (("helped", "helped"), ("not", "did not help"), ("other", "other"))

WIDEST = 36
"""Of a bar."""

_LABEL = 13
"""So high and wide a bar must be that a figure stands in it."""


def times(weeks: Sequence[Figures], frame: Frame) -> Iterator[str]:
    """Times to remediate, and people's: a line for each of LINES."""
    known = [value for _, _, of in LINES for value in map(of, weeks) if value is not None]
    step = step_of_time(max(known, default=0.0))
    for number in range(5):
        words = in_words(timedelta(seconds=step * number)) if number else "0"
        yield from frame.grid(frame.bottom - frame.up(number / 4), words)
    if not known:
        yield text((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2, "no run helped", "faint", "middle")
    for kind, _, of in LINES:
        points = [
            (frame.middle(place, len(weeks)), frame.bottom - frame.up(value / (4 * step)))
            for place, value in enumerate(map(of, weeks))
            if value is not None
        ]
        yield f'<g class="{kind}">'
        yield from curve(points)
        yield "</g>"


def runs(weeks: Sequence[Figures], frame: Frame) -> Iterator[str]:
    """What became of the runs: a bar for each week, of PARTS from below; its figures in it, where there is room."""
    step = whole_step(max((week.runs for week in weeks), default=0))
    for number in range(5) if step * 4 > 1 else range(2):
        yield from frame.grid(frame.bottom - frame.up(number / 4), str(step * number))
    wide = _wide(weeks, frame)
    for place, week in enumerate(weeks):
        y, x = frame.bottom, frame.middle(place, len(weeks))
        for (kind, _), count in zip(PARTS, parted(week), strict=True):
            if count:
                high = frame.up(count / (4 * step))
                y -= high
                yield bar(kind, x - wide / 2, y, wide, high)
                if high >= _LABEL and wide >= SIGN * len(str(count)) + 4:
                    yield text(x, y + high / 2 + 4, str(count), "on", "middle")


def saved(weeks: Sequence[Figures], frame: Frame) -> Iterator[str]:
    """Toil saved: a bar for each week, below the line where runs cost more than they spared."""
    nets = [week.saved.net if week.saved else 0.0 for week in weeks]
    most, least = max([*nets, 0.0]), min([*nets, 0.0])
    step = step_of_time(max(most, -least))
    up, down = ceil(most / step), ceil(-least / step)
    if not up and not down:
        up = 1
    zero = frame.bottom - frame.up(down / (up + down))
    unit = frame.up(1 / (up + down)) / step
    for number in range(-down, up + 1):
        yield from frame.grid(zero - number * step * unit, toil(number * step) if number else "0")
    wide = _wide(weeks, frame)
    for place, net in enumerate(nets):
        if net:
            high = abs(net) * unit
            x = frame.middle(place, len(weeks)) - wide / 2
            yield bar("saved" if net > 0 else "lost", x, zero - high if net > 0 else zero, wide, high)


def names(weeks: Sequence[Figures], frame: Frame) -> Iterator[str]:
    """Under each column its week, or under some of them where they are many."""
    most = max(1, int((frame.right - frame.left) / 70))
    each = max(1, -(-len(weeks) // most))
    for place, week in enumerate(weeks):
        if place % each == 0:
            x = frame.middle(place, len(weeks))
            beyond = x + SIGN * len(week.name) / 2 > frame.right
            yield text(
                frame.right if beyond else x, frame.bottom + 18, week.name, "faint", "end" if beyond else "middle"
            )


def lying(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], frame: Frame, apart: float) -> Iterator[str]:
    """A lying bar for each row, of its parts from the left, ``apart`` from the next: above it its name, behind it how
    many that are.
    """
    most = max((sum(count for _, count in parts) for _, parts in rows), default=0) or 1
    longest = int((frame.right - frame.left) / SIGN)
    unit = (frame.right - frame.left - SIGN * len(str(most)) - 10) / most
    for place, (name, parts) in enumerate(rows):
        x, y = frame.left, frame.top + apart * place
        yield text(x, y, name if len(name) <= longest else f"{name[: longest - 1]}…", "ink")
        for kind, count in parts:
            if count:
                yield bar(kind, x, y + 6, count * unit, 12)
                x += count * unit
        yield text(x + 6, y + 16, str(sum(count for _, count in parts)), "faint")


def parted(week: Figures) -> tuple[int, int, int]:
    """Of PARTS each, how many."""
    return week.helped, week.tried - week.helped, week.runs - week.tried


def estimated(total: Figures) -> str:
    """An estimate is never shown as if it had been seen."""
    if ESTIMATE not in total.sources:
        return ""
    return " (~ estimated)" if len(total.sources) == 1 else " (~ some estimated)"


def lines(total: Figures) -> list[tuple[str, str]]:
    """For a legend: LINES, with what is estimated."""
    return [(kind, words + (estimated(total) if kind == "people" else "")) for kind, words, _ in LINES]


def _wide(weeks: Sequence[Figures], frame: Frame) -> float:
    return min((frame.right - frame.left) / max(len(weeks), 1) * 0.6, WIDEST)
