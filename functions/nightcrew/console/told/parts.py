"""A long story in parts, so that a page stays small: every line is in one of them, and none is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from nightcrew.console.told.items import Item

MOST = 45_000
"""Bytes of a page, about, that the lines of a part take: a page has 100 kB at most, with all that stands beside."""


@dataclass(frozen=True)
class Part:
    """One of ``many``, counted from 1; ``first`` and ``last`` are the numbers of the entries that its lines are of."""

    number: int
    many: int
    items: tuple[Item, ...]
    first: int
    last: int


def part(told: Sequence[Item], wanted: str | None, *, goes_on: bool) -> Part:
    """The part that an address asks for; else the first one, or of a run that goes on the last."""
    parts = _parts(told)
    number = int(wanted) if wanted is not None and wanted.isdecimal() and len(wanted) < 6 else 0
    if not 1 <= number <= len(parts):
        number = len(parts) if goes_on else 1
    found = parts[number - 1]
    entries = [each.entry for each in found] or [0]
    return Part(number, len(parts), tuple(found), min(entries), max(entries))


def _parts(told: Sequence[Item]) -> list[list[Item]]:
    made: list[list[Item]] = [[]]
    room = MOST
    for each in told:
        if made[-1] and each.size > room:
            made.append([])
            room = MOST
        made[-1].append(each)
        room -= each.size
    return made
