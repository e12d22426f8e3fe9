"""Waiting for what others do, without sleeping through it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from nightcrew.clock import SystemClock
from nightcrew.durations import in_words

T = TypeVar("T")
PATIENCE = timedelta(minutes=3)
"""A function's first invocation takes some seconds here, and on a busy machine a minute."""


def eventually(what: str, look: Callable[[], T | None], within: timedelta = PATIENCE) -> T:
    """What ``look`` sees, as soon as it is something. Fails where it sees nothing in time."""
    clock = SystemClock()
    end = clock.now() + within
    while not (seen := look()):
        assert clock.now() < end, f"{what}: not within {in_words(within)}"
        clock.sleep(0.1)
    return seen
