"""One step of a run's story."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OPEN = "open"
"""Of a step: it began, and the ledger does not tell how it ended."""


@dataclass
class Step:
    """``verb`` is read, hold, require, change, undo, wait, prove, pause, approve, later or odd; ``state`` is "done",
    "failed" or "open". ``details`` and ``result`` say in words what it is about and what came of it.

    The rest is the same as values: ``entry`` is the number of the entry that tells of it first, ``ended`` when its end
    was seen, ``until`` when it is given up, ``call`` and ``parameters`` what was asked of AWS, ``undo`` what takes it
    back, and ``value`` what was read, answered or seen last.
    """

    verb: str
    title: str
    at: datetime | None
    state: str = "done"
    details: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)
    entry: int = 0
    ended: datetime | None = None
    until: datetime | None = None
    call: str = ""
    parameters: Any = None
    undo: str = ""
    value: Any = None
