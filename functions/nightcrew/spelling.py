"""What somebody may have meant: errors name the nearest known word."""

from collections.abc import Iterable


def one_of(known: Iterable[str], word: object = None, most: int = 12) -> str:
    """``one of a, b, c``, with ``did you mean b?`` in front where ``word`` is near one of them."""
    import difflib  # only errors need it, and the way to a run is kept short

    words = sorted(known)
    near = difflib.get_close_matches(str(word), words, n=1) if word else []
    meant = f"did you mean {near[0]}? " if near else ""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{meant}one of {', '.join(words[:most])}{more}" if words else "there is none"
