"""A setting as data: what sets it, what must be so before, how it is seen, what takes it back.

For a runbook that sets many, one after the other, as a restore must: a plan then shows each with its exact
parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.aws.calls import Call

SOON = timedelta(minutes=4)
"""For what is set already and must only be shown: shorter than a wait that has an entry of its own in the ledger."""


@dataclass(frozen=True)
class Seen:
    """Something to look for: its title, the read, and what the answer is like then, ``within`` some time."""

    title: str
    call: Call
    holds: Callable[[Any], object]
    within: timedelta = SOON


@dataclass(frozen=True)
class Setting:
    """One setting. ``took_effect`` tells whether it was set already; without it the change is absolute and may be
    repeated.

    ``before`` must be so first, ``proof`` in the end. Without ``undo`` the setting goes when what it is set on goes.
    """

    title: str
    call: Call
    before: Seen | None = None
    took_effect: Callable[[Any], bool] | None = None
    proof: Seen | None = None
    undo: "Setting | None" = None
