"""What is written however often it meets a conflict or gets no reply, since without it nothing else can be done."""

from collections.abc import Callable
from typing import TypeVar

from nightcrew.clock import Clock
from nightcrew.errors import Conflict, Unreachable

PATIENCE = 8
"""How often hold and closing are tried, with waits that add up to two minutes."""

T = TypeVar("T")


def patiently(write: Callable[[], T], clock: Clock) -> T:
    """Two minutes long. It may be written twice; its own condition keeps it from counting twice.

    Raises ``Conflict`` or ``Unreachable`` of the last attempt.
    """
    for tries in range(1, PATIENCE):
        try:
            return write()
        except (Conflict, Unreachable):
            clock.sleep(min(2.0**tries, 30.0))
    return write()
