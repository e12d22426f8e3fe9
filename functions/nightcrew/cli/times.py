"""Times as people write and read them. All are UTC, as in run ids and in the ledger, whoever looks from wherever."""

from datetime import datetime, timedelta

from nightcrew.api.times import since as since  # noqa: PLC0414  a time is written the same everywhere
from nightcrew.api.times import span as span  # noqa: PLC0414
from nightcrew.api.times import until as until  # noqa: PLC0414
from nightcrew.durations import in_words

_DAY = timedelta(days=1)


def short(moment: datetime | None, now: datetime) -> str:
    """``03:00:04`` today, else ``21 Nov 03:00``, else with its year."""
    if moment is None:
        return ""
    if abs(now - moment) < _DAY and now.date() == moment.date():
        return f"{moment:%H:%M:%S}"
    return f"{moment:%d %b %H:%M}" if now.year == moment.year else f"{moment:%d %b %Y}"


def whole(moment: datetime) -> str:
    """``2026-11-21 03:00:04 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def took(length: timedelta | None) -> str:
    """``6 min 2 s``; what is below a second as ``0.2 s``."""
    if length is None:
        return ""
    return in_words(length) if length >= timedelta(seconds=1) else f"{length.total_seconds():.1f} s"
