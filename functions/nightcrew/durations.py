"""Durations as people write them: ``90s``, ``15m``, ``2h``, ``7d``, ``1h30m``."""

import re
from datetime import timedelta

_PARTS = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """Read ``text``; raises ValueError that says what a duration looks like, OverflowError where it is one of more days
    than a timedelta holds.
    """
    written = text.strip()
    parts = _PARTS.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise ValueError(f"{text!r} is no duration; write one like 90s, 10m, 2h or 7d")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def in_words(length: timedelta) -> str:
    """``timedelta(minutes=90)`` → ``1 h 30 min``; the two largest units are enough."""
    seconds = int(length.total_seconds())
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    words = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {name}")
    return " ".join(words[:2]) or "0 s"
