"""What a live run needs of a durable engine: four ways to do something whose result survives a crash.

A run is replayed from its beginning after each wait and each crash; what these return is then taken from the journal,
and not computed again. So the titles, and the order in which they come, must not depend on anything but what came out
of them. Bodies give back JSON values: text, numbers, true, false, None, lists, and mappings of these. Keys become text
and tuples lists, on the first run as on replay.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = Any
"""A JSON value."""


class Interrupted(Exception):
    """The body of a ``once`` began, and its end was never recorded: whether it did its work is unknown."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title}: it began, and how it ended is unknown")
        self.title = title


class StepFailed(Exception):
    """A body raised an ``Exception``. Its ``error_type`` (its class's full name) and ``message`` are kept, no more."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(f"{error_type}: {message}" if message else error_type)
        self.error_type = error_type
        self.message = message


class BeyondUse(BaseException):
    """The durable engine cannot go on with this run: no step can be taken any more, and what is left is to close it.

    A BaseException, so that neither a runbook nor an undo takes it for an error of its own.
    """


class Steps(Protocol):
    """Durable steps.

    What is no ``Exception`` (an ending, a suspension) passes through a body, and nothing is recorded of it. Any of them
    raises ``BeyondUse`` where the engine is: the run is not the same on replay, a checkpoint is refused for good.
    """

    def once(self, title: str, body: Callable[[], Json]) -> Json:
        """Call ``body`` at most once; its result.

        That it begins is on disk before it is called. Raises ``Interrupted`` where an earlier life of the run died
        inside, and ``StepFailed``; either of them again on each replay.
        """
        ...

    def repeat(self, title: str, body: Callable[[], Json]) -> Json:
        """Call ``body`` until a result of it is recorded: more than once only if the run dies in between.

        Raises ``StepFailed``, which counts as a result: nothing is retried.
        """
        ...

    def poll(self, title: str, check: Callable[[Json | None], tuple[Json, float | None]]) -> Json:
        """Call ``check`` again and again, with durable waits between; the last state.

        ``check`` takes the state that it gave back the last time, at first None, and gives back the new one and the
        seconds to its next call, None when it is done. Seconds are rounded up to whole ones, at least 1. A crash inside
        ``check`` calls it again with the same state. Raises ``StepFailed``.
        """
        ...

    def pause(self, title: str, seconds: int, announce: Callable[[str], None] | None = None) -> Json | None:
        """Wait without compute, until ``seconds`` (at least 1) have passed or somebody sends something.

        None when the time has passed; else what was sent: a JSON value (``{}`` for nothing), or
        ``{"failed": message}`` where a failure was sent. ``announce`` is told the id that answers go to; it is called
        each time the run comes by, also at replay after the answer, so it must be idempotent; it may use steps itself.
        """
        ...
