"""How much room something takes on a page: 100 kB are the most, whatever a ledger holds."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def size(texts: Iterable[str]) -> int:
    """About how many bytes: signs of markup count as what stands for them there."""
    return sum(len(text.encode(errors="replace")) + 5 * sum(map(text.count, "&<>\"'")) for text in texts)


def fitting(found: Sequence[T], room: int, size_of: Callable[[T], int]) -> Sequence[T]:
    """The first ones, as many as there is room for."""
    for place, each in enumerate(found):
        room -= size_of(each)
        if room < 0:
            return found[:place]
    return found
