"""Tells whoever watches a run what happens, as it happens: once, and not again at replay."""

from collections.abc import Callable
from typing import Any

Watch = Callable[[str, dict[str, Any]], None]
"""Told a kind ("change", "wait", "fact", "require") and what it is about."""


class Watching:
    """A replay goes through everything that is over before it comes to something new; from there on all is news."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._live = False

    def begin(self) -> None:
        """A step's body runs: what comes now has not happened before."""
        self._live = True

    def tell(self, kind: str, what: dict[str, Any]) -> None:
        """Pass it on, if it is news."""
        if self._live:
            self._watch(kind, what)
