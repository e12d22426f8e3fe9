"""Something that one worker does while the others go on: what surely came before it, and what surely after."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tests.concurrency.asking import insist

MOST = 200
"""So often the others do what they do, at most; then nobody threw it."""

T = TypeVar("T")


@dataclass(frozen=True)
class Seen(Generic[T]):
    """``what`` was done, surely ``before`` it began, surely ``after`` it had worked; or neither can be told."""

    before: bool
    after: bool
    what: T


class Switch:
    """It takes effect at some moment between the two that can be told."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._done = threading.Event()

    def throw(self, how: Callable[[], Any]) -> None:
        """Do it, until it has worked."""
        self._begun.set()
        insist(how)
        self._done.set()

    def across(self, work: Callable[[int], T]) -> list[Seen[T]]:
        """Do this again and again, the last time when the switch had been thrown before it began."""
        seen: list[Seen[T]] = []
        for time in range(MOST):
            after = self._done.is_set()
            what = work(time)
            seen.append(Seen(not self._begun.is_set(), after, what))
            if after:
                return seen
        raise AssertionError(f"{MOST} times, and nobody threw it")
