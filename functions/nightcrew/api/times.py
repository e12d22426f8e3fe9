"""Times as people write and read them. All are UTC, as in run ids and in the ledger, whoever asks from wherever."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from math import ceil

from nightcrew.durations import duration, in_words
from nightcrew.errors import BadInput

_DAY = timedelta(days=1)


def since(text: str | None, now: datetime, field: str = "--since") -> datetime | None:
    """``24h``, ``7d``, ``2026-11-21`` or ``2026-11-21T03:00``; without an offset it is UTC. Raises
    BadInput, which names the ``field``.
    """
    if text is None:
        return None
    try:
        return now - duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        allowed = "it must be a duration like 24h or 7d, or a time like 2026-11-21 or 2026-11-21T03:00 (UTC)"
        raise BadInput(field, text, allowed) from None


def span(
    begin: str, until: str | None, now: datetime, fields: tuple[str, str] = ("--since", "--until")
) -> tuple[date, date]:
    """The first and the last of whole days, from ``--since`` and ``--until``: ``7d`` are seven days, the last one among
    them. Raises BadInput, which names the field.
    """
    last = min(since(until, now, fields[1]) or now, now).date()
    first = (since(begin, now, fields[0]) or now).date()
    with suppress(ValueError, OverflowError):
        first = last - timedelta(days=ceil(max(duration(begin), _DAY) / _DAY) - 1)
    return first, last


def until(text: str | None, now: datetime, field: str = "--until") -> datetime:
    """The moment after the last one: of ``2026-11-21`` the whole day is part, of today what there is. Raises
    BadInput, which names the ``field``.
    """
    found = since(text, now, field)
    if text is None or found is None:
        return now
    try:
        date.fromisoformat(text)
    except ValueError:
        return found
    return min(found + _DAY, now) if found <= now else found


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
