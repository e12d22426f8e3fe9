"""Comparing things on a noisy machine: turn by turn; ratios by the median of pairs, times by undisturbed rounds."""

from collections.abc import Callable, Sequence
from statistics import median, quantiles
from typing import TypeVar

T = TypeVar("T")


def turns(rounds: int, *takes: Callable[[], T]) -> list[list[T]]:
    """What each of them measured, round by round: every other round in reverse, so that none is always first."""
    taken: list[list[T]] = [[] for _ in takes]
    order = list(zip(taken, takes, strict=True))
    for turn in range(rounds):
        for kept, take in order if turn % 2 == 0 else reversed(order):
            kept.append(take())
    return taken


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the pairs' ratios: what disturbs the machine for a while disturbs both of a pair."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def undisturbed(times: Sequence[float]) -> float:
    """The first decile. A busy machine adds to a time and never takes from it, so the quick rounds are the code's own;
    the very quickest is chance.
    """
    return quantiles(times, n=10)[0]
