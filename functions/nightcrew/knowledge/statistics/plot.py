"""Statistics as one picture to paste into a review: an SVG that needs nothing else, by hand, on light and on dark.

Above the times to remediate of each week against people's; below what became of its runs. Everything in it is also
said in its description, for who hears it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from html import escape

from nightcrew.durations import in_words
from nightcrew.knowledge.recall.record import TRIED
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.people import ESTIMATE
from nightcrew.knowledge.statistics.statistics import Statistics
from nightcrew.ledger.cases import HELPED

WIDE, HIGH = 760, 480
_LEFT, _RIGHT = 92, 742
_TIMES, _RUNS = (78, 238), (322, 442)
"""Where each of the two panels begins and ends, from above."""
_STEPS = (1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800)
"""Seconds between the lines of the upper panel."""

_STYLE = """
  svg { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
  .paper { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; }
  .grid { stroke: #d1d9e0; stroke-width: 1; } .title { font-size: 15px; font-weight: 600; }
  .median { stroke: #0969da; fill: #0969da; } .p90 { stroke: #8250df; fill: #8250df; }
  .people { stroke: #9a6700; fill: #9a6700; }
  .helped { fill: #1a7f37; } .not { fill: #cf222e; } .other { fill: #8c959f; }
  polyline { fill: none !important; stroke-width: 2; } .p90 polyline { stroke-dasharray: 5 3; }
  .people polyline { stroke-dasharray: 1 4; stroke-linecap: round; stroke-width: 3; } text { stroke: none; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
    .median { stroke: #4493f8; fill: #4493f8; } .p90 { stroke: #ab7df8; fill: #ab7df8; }
    .people { stroke: #d29922; fill: #d29922; }
    .helped { fill: #3fb950; } .not { fill: #f85149; } .other { fill: #656c76; }
  }
"""

_LINES: Sequence[tuple[str, str, Callable[[Figures], float | None]]] = (
    ("median", "median", lambda week: week.median),
    ("p90", "p90", lambda week: week.p90),
    ("people", "people, median", lambda week: week.people_median),
)
_PARTS = (("helped", "helped"), ("not", "did not help"), ("other", "other"))


def plot(statistics: Statistics, title: str = "Nightcrew") -> str:
    """The picture, as text of an SVG file. ``title`` may be anybody's."""
    weeks = statistics.weeks
    head = f"{title}, {statistics.since.isoformat()} to {statistics.until.isoformat()}"
    marks = [*_times(weeks, _estimated(statistics.total)), *_runs(weeks), *_names(weeks)]
    size = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
            f'<title id="title">{_safe(head)}</title>',
            f'<desc id="desc">{_safe(_said(statistics))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{WIDE}" height="{HIGH}"/>',
            f'<text class="ink title" x="18" y="28">{_safe(head)}</text>',
            *marks,
            "</svg>\n",
        ]
    )


def _times(weeks: Sequence[Figures], estimated: str) -> Iterator[str]:
    top, bottom = _TIMES
    known = [value for _, _, of in _LINES for value in map(of, weeks) if value is not None]
    yield _text(18, top - 22, "Time to remediate, by week", "ink")
    most = max(known, default=0.0)
    step = next((each for each in _STEPS if most <= 4 * each), _STEPS[-1] * (int(most / _STEPS[-1] / 4) + 1))
    for number in range(5):
        y = bottom - (bottom - top) * number / 4
        yield _line(y)
        yield _text(_LEFT - 8, y + 4, in_words(timedelta(seconds=step * number)) if number else "0", "faint", "end")
    if not known:
        yield _text((_LEFT + _RIGHT) / 2, (top + bottom) / 2, "no run helped", "faint", "middle")
    for number, (kind, words, of) in enumerate(_LINES):
        points = [
            (_middle(place, weeks), bottom - (bottom - top) * value / (4 * step))
            for place, value in enumerate(map(of, weeks))
            if value is not None
        ]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<g class="{kind}">'
        yield f'<polyline points="{drawn}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
        x = 300 + number * 110
        yield f'<polyline points="{x},{top - 26} {x + 22},{top - 26}"/></g>'
        yield _text(x + 28, top - 22, words + (estimated if kind == "people" else ""), "faint")


def _runs(weeks: Sequence[Figures]) -> Iterator[str]:
    top, bottom = _RUNS
    most = max((week.runs for week in weeks), default=0)
    step = _whole_step(most)
    yield _text(18, top - 22, "Runs, by week", "ink")
    for number in range(5) if step * 4 > 1 else range(2):
        y = bottom - (bottom - top) * number / 4
        yield _line(y)
        yield _text(_LEFT - 8, y + 4, str(step * number), "faint", "end")
    wide = min((_RIGHT - _LEFT) / max(len(weeks), 1) * 0.6, 36)
    for place, week in enumerate(weeks):
        y = float(bottom)
        for kind, count in zip((kind for kind, _ in _PARTS), _parted(week), strict=True):
            if count:
                high = (bottom - top) * count / (4 * step)
                y -= high
                x = _middle(place, weeks) - wide / 2
                yield f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
    for number, (kind, words) in enumerate(_PARTS):
        x = 300 + number * 110
        yield f'<rect class="{kind}" x="{x}" y="{top - 31}" width="10" height="10"/>'
        yield _text(x + 16, top - 22, words, "faint")


def _names(weeks: Sequence[Figures]) -> Iterator[str]:
    """Under each bar its week, or under some of them where they are many."""
    each = max(1, -(-len(weeks) // 10))
    for place, week in enumerate(weeks):
        if place % each == 0:
            yield _text(_middle(place, weeks), _RUNS[1] + 18, week.name, "faint", "middle")


def _estimated(total: Figures) -> str:
    """An estimate is never shown as if it had been seen."""
    if ESTIMATE not in total.sources:
        return ""
    return " (~ estimated)" if len(total.sources) == 1 else " (~ some estimated)"


def _parted(week: Figures) -> tuple[int, int, int]:
    return week.helped, week.tried - week.helped, week.runs - week.tried


def _said(statistics: Statistics) -> str:
    """What there is to see, in words."""
    total = statistics.total
    told = [f"{total.runs} runs, {total.helped} of {total.tried} tried helped ({' and '.join(HELPED)})."]
    if total.median is not None and total.p90 is not None:
        told.append(f"Time to remediate: median {_long(total.median)}, p90 {_long(total.p90)}.")
    if total.people_median is not None:
        sources = ", ".join(f"{source} {number}" for source, number in total.sources.items())
        told.append(f"In people's hands: median {_long(total.people_median)} ({sources}).")
    for week in statistics.weeks:
        helped, not_helped, other = _parted(week)
        took = f", median {_long(week.median)}" if week.median is not None else ""
        told.append(
            f"{week.name}: {helped} helped, {not_helped} did not ({', '.join(TRIED[2:])}), {other} other{took}."
        )
    return " ".join(told)


def _whole_step(most: int) -> int:
    """How many runs between two lines: 1, 2, 3 or 5 of some power of ten, so that four of them reach."""
    size = 1
    while True:
        for step in (size, 2 * size, 3 * size, 5 * size):
            if most <= 4 * step:
                return step
        size *= 10


def _middle(place: int, weeks: Sequence[Figures]) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (place + 0.5) / len(weeks)


def _line(y: float) -> str:
    return f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_safe(words)}</text>'


def _long(seconds: float) -> str:
    return in_words(timedelta(seconds=seconds))


def _safe(words: str) -> str:
    """Text of XML: no control characters, which would make the file unreadable, and nothing that is markup."""
    return escape("".join(sign if sign.isprintable() else " " for sign in words))
