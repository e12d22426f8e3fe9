"""Answers as JSON: times and lengths as the ledger writes them, on every way out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import stamp


def told(value: Any) -> Any:
    """The same as JSON has it: a time as ``2026-11-21T03:00:04.000Z``, a length in seconds, a set in order."""
    if isinstance(value, Mapping):
        return {str(name): told(each) for name, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(told(each) for each in value)
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
