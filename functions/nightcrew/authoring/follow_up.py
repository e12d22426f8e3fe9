"""What shall be started later: a runbook with its parameters, and when. It is a new run then, through all gates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class FollowUp:
    """An item with a due time: put the capacity back tomorrow, delete the old database in seven days."""

    title: str
    runbook: str
    parameters: Mapping[str, Any]
    due: datetime
