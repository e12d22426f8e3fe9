"""A page's address, who may have it, and the view that answers."""

from collections.abc import Callable
from dataclasses import dataclass

from nightcrew.api.desk import Desk
from nightcrew.api.people import Right
from nightcrew.console.answers import Answer
from nightcrew.console.asked import Asked

View = Callable[[Desk, Asked], Answer]
"""Raises what the HTTP API's functions raise: the console makes a page of it."""


@dataclass(frozen=True)
class At:
    """``path`` has names in braces, as in ``/console/runs/{run}``."""

    method: str
    path: str
    view: View
    right: Right = Right.VIEW
