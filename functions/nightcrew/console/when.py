"""A moment as an entry or an answer has it, where nobody edited it."""

from datetime import datetime
from typing import Any

from nightcrew.clock import moment


def when(value: Any) -> datetime | None:
    """Of a time or its text; None where there is none, or what stands there is none."""
    if isinstance(value, datetime):
        return value
    try:
        return moment(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
