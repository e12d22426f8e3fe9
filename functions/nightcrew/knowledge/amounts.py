"""How many, how often and how long, in words: to the minute, with their units, and "–" where nothing is known."""

from datetime import timedelta

from nightcrew.durations import in_words

_MINUTE = timedelta(minutes=1)


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 run``, ``2 runs``; ``many`` where an s is not enough: ``2 entries``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """``never``, ``once``, ``2 times``."""
    return "once" if count == 1 else f"{count} times" if count else "never"


def long(seconds: float | None) -> str:
    """To the minute, from one minute on; "–" where nothing is known."""
    if seconds is None:
        return "–"
    length = timedelta(seconds=seconds)
    if length < _MINUTE:
        return f"{seconds:.0f} s" if seconds >= 1 or not seconds else f"{seconds:.1f} s"
    return in_words(timedelta(minutes=round(length / _MINUTE)))


def toil(seconds: float) -> str:
    """In hours, however many: a day of toil is no 24 of them."""
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    sign = "-" if seconds < 0 else ""
    if not hours and not minutes:
        return sign + long(abs(seconds))
    return sign + " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


def percent(part: float) -> str:
    """A part of all: ``83 %``."""
    return f"{100 * part:.0f} %"


def number(count: int) -> str:
    """A figure in a column; "–" for none."""
    return str(count) if count else "–"
