"""What could not be read, and why: told once for all that it holds for, while everything else is told as it is."""

from collections.abc import Callable
from typing import TypeVar

from nightcrew.aws.cloud import CallFailed
from nightcrew.errors import Unreachable

_Read = TypeVar("_Read")

_MOST = 300
"""Characters of a reason: AWS names whole ARNs in it."""


class Lacking:
    """Remembers what is lacking, by its reason. ``lost`` counts requests that nobody answered: each takes its time."""

    def __init__(self) -> None:
        self.lost = 0
        self._by_reason: dict[str, list[str]] = {}

    def tried(self, what: str, work: Callable[[], _Read], otherwise: _Read) -> _Read:
        """What ``work`` reads; or ``otherwise``, where AWS refuses or does not answer, and why is remembered."""
        try:
            return work()
        except (CallFailed, Unreachable) as error:
            self.said(what, str(error)[:_MOST])
            cause = error if isinstance(error, CallFailed) else error.__cause__
            self.lost += isinstance(cause, CallFailed) and cause.kind == "lost"
            return otherwise

    def said(self, what: str, why: str) -> None:
        """Remember it."""
        self._by_reason.setdefault(why, []).append(what)

    def lines(self) -> list[str]:
        """A sentence for each reason."""
        return [f"{', '.join(dict.fromkeys(whats))}: {why}" for why, whats in self._by_reason.items()]
