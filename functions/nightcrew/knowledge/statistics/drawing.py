"""What a picture is drawn of: lines, bars and words of an SVG, as text. Whatever comes from outside is escaped here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

SIGN = 6.5
"""How wide a sign is, about: a picture does not know its font."""

_STEPS = (1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800)
"""Seconds between two lines."""


@dataclass(frozen=True)
class Frame:
    """Where a panel is drawn: its edges, in the picture's units."""

    left: float
    right: float
    top: float
    bottom: float

    def middle(self, place: int, of: int) -> float:
        """Of so many columns, where this one stands."""
        return self.left + (self.right - self.left) * (place + 0.5) / of

    def up(self, part: float) -> float:
        """A part of its height, as a distance."""
        return (self.bottom - self.top) * part

    def grid(self, y: float, words: str) -> Iterator[str]:
        """A line from side to side, and what it stands for, left of it."""
        yield f'<line class="grid" x1="{self.left:g}" x2="{self.right:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield text(self.left - 8, y + 4, words, "faint", "end")


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    """Words at a place."""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{at}>{safe(words)}</text>'


def bar(kind: str, x: float, y: float, wide: float, high: float) -> str:
    """A rectangle; ``x`` and ``y`` are its upper left corner."""
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def curve(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """A line through the points, each of them marked."""
    yield f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)


def legend(parts: Sequence[tuple[str, str]], x: float, y: float, right: float, *, lines: bool = False) -> Iterator[str]:
    """What each kind of mark means, from ``x`` on, and in a new line where one would go beyond ``right``."""
    begin = x
    for kind, words in parts:
        mark = 28 if lines else 16
        wide = mark + SIGN * len(words) + 14
        if x + wide - 14 > right and x > begin:
            x, y = begin, y + 18
        if lines:
            yield f'<g class="{kind}"><polyline points="{x:.1f},{y - 4:g} {x + 22:.1f},{y - 4:g}"/></g>'
        else:
            yield bar(kind, x, y - 9, 10, 10)
        yield text(x + mark, y, words, "faint")
        x += wide


def step_of_time(most: float) -> int:
    """How many seconds between two lines, so that four of them reach."""
    return next((each for each in _STEPS if most <= 4 * each), _STEPS[-1] * (int(most / _STEPS[-1] / 4) + 1))


def whole_step(most: int) -> int:
    """How many things between two lines: 1, 2, 3 or 5 of some power of ten, so that four of them reach."""
    size = 1
    while True:
        for step in (size, 2 * size, 3 * size, 5 * size):
            if most <= 4 * step:
                return step
        size *= 10


def safe(words: str) -> str:
    """Text of XML: no control characters, which would make the file unreadable, and nothing that is markup."""
    return escape("".join(sign if sign.isprintable() else " " for sign in words))
