"""What was just done, told on the page that comes: without a script, and without anything being kept.

The address says it, signed with what only this session has, for this page and this minute. So a link that somebody
made up, sent on or kept says nothing: it would tell of something that has not happened.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import unquote

from nightcrew.console.session import Session
from nightcrew.console.words import DONE

LASTS = timedelta(minutes=1)
"""For a browser to follow, and for one more look."""

AHEAD = timedelta(seconds=5)
"""The clocks of two machines need not agree: one answers the form, another the page."""

_BYTES = 18


def signed(key: str, path: str, session: Session, now: datetime) -> str:
    """What stands as ``said`` in the address of ``path``: ``started.1792034112.…``. ``key`` is one of DONE."""
    at = int(now.timestamp())
    return f"{key}.{at}.{_sign(key, path, session, at)}"


def told(said: str, path: str, session: Session, now: datetime) -> str | None:
    """In words, what was done; None where this session was not sent to this page with it a moment ago."""
    key, since, sign = (*said.split(".", 2), "", "")[:3]
    if key not in DONE or not (since.isascii() and since.isdecimal() and len(since) <= len("9999999999")):
        return None
    if not hmac.compare_digest(sign.encode(), _sign(key, path, session, int(since)).encode()):
        return None
    gone = now.timestamp() - int(since)
    return DONE[key] if -AHEAD.total_seconds() <= gone <= LASTS.total_seconds() else None


def _sign(key: str, path: str, session: Session, at: int) -> str:
    what = f"done {key} {at} {unquote(path)}"
    return urlsafe_b64encode(hmac.digest(session.token.encode(), what.encode(), "sha256")[:_BYTES]).decode()
