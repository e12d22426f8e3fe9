"""Where a run asks people: the approval that it waits for, put where they find it.

Admission implements it; the engine hands it to the run.
"""

from typing import Any, Protocol

Question = dict[str, Any]
"""``title``, ``hash`` and ``lines`` of the plan (or of the one change), ``deadline``, ``wanted`` (people), ``seen``
(a difference), ``known`` (what past runs tell; no part of what is approved).
"""


class Desk(Protocol):
    """Takes questions to people."""

    def ask(self, callback: str, question: Question) -> None:
        """Put the question where ``nightcrew approvals`` shows it; its answer goes to ``callback``. May be repeated."""
        ...

    def decision(self, hash_: str) -> dict[str, Any] | None:
        """What people decided about the question of that hash: ``decision``, ``by``, ``reason``, ``hash``, ``at``.

        None while nobody has. Raises Unreachable.
        """
        ...
