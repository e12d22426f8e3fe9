"""One sign-in that a browser has begun: all of it follows from a secret which that browser keeps for ten minutes, and
from when it began. A browser may keep a cookie for longer than it was told to: here it is over nevertheless.

Nothing is written anywhere before the issuer has said who it is: whoever only knocks costs no write. ``state`` ties
the answer to the browser, ``nonce`` ties the token to it, and ``verifier`` the code (RFC 6749 10.12; OpenID Connect
Core 1.0, 3.1.2.1; RFC 7636). No other site, and no other host of this domain, can set a cookie whose name begins with
``__Host-`` (RFC 6265bis 4.1.3.2), so what comes in one was set here.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

HOME = "/console"
PREFIX = "__Host-nightcrew-to-"
LASTS = timedelta(minutes=10)
MOST_PATH = 500
"""Characters of a path to go to: API Gateway takes 10,240 bytes of headers together (its quotas)."""

MOST_BEGUN = 4
"""Sign-ins of one browser at a time, in several tabs; cookies of more are taken away."""

_PATH = re.compile(r"/console(?:[/?][!-\[\]-~]*)?", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_SINCE = re.compile(r"[0-9]{1,11}", re.ASCII)


@dataclass(frozen=True)
class Attempt:
    """``to`` is the page that was wanted, ``since`` when it began, in seconds since 1970."""

    secret: str
    since: int
    to: str

    @classmethod
    def new(cls, to: str, now: datetime) -> "Attempt":
        """One that begins."""
        return cls(secrets.token_urlsafe(32), int(now.timestamp()), to)

    @classmethod
    def of(cls, cookies: Mapping[str, str], state: str, now: datetime) -> "Attempt | None":
        """The one of this browser to which ``state`` belongs, where it is not over."""
        secret, since, to = (*cookies.get(PREFIX + _tag(state), "").split(".", 2), "", "")[:3]
        if not _SECRET.fullmatch(secret) or not _SINCE.fullmatch(since):
            return None
        found = cls(secret, int(since), local(unquote(to)))
        if now.timestamp() >= found.since + LASTS.total_seconds():
            return None
        return found if hmac.compare_digest(found.state.encode(), state.encode()) else None

    @property
    def state(self) -> str:
        return self._made("state")

    @property
    def nonce(self) -> str:
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """43 characters, as RFC 7636 4.1 wants at least."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """Of the verifier, by S256 (RFC 7636 4.2)."""
        return _plain(sha256(self.verifier.encode()).digest())

    @property
    def cookie(self) -> str:
        """To be set where it begins."""
        lasts = int(LASTS.total_seconds())
        value = f"{self.secret}.{self.since}.{quote(self.to, safe='')}"
        return f"{PREFIX}{_tag(self.state)}={value}; Max-Age={lasts}; Path=/; Secure; HttpOnly; SameSite=Lax"

    @property
    def used(self) -> str:
        """To be set where it has ended: it is good for one answer."""
        return _gone(PREFIX + _tag(self.state))

    def _made(self, what: str) -> str:
        """Of the beginning, too: whoever writes a later one into the cookie has no answer that belongs to it."""
        return _plain(hmac.digest(self.secret.encode(), f"{what} {self.since}".encode(), "sha256"))


def too_many(cookies: Mapping[str, str]) -> tuple[str, ...]:
    """Takes away what this browser began and never ended, where that is much."""
    begun = [name for name in cookies if name.startswith(PREFIX)]
    return tuple(_gone(name) for name in begun) if len(begun) >= MOST_BEGUN else ()


def local(to: str) -> str:
    """The path where it is a page of the console; else the first page: nobody is sent elsewhere from here."""
    fits = len(to) <= MOST_PATH and _PATH.fullmatch(to) is not None
    return to if fits and ".." not in urlsplit(to).path.split("/") else HOME


def _tag(state: str) -> str:
    """Tells the cookies of several tabs apart."""
    return "".join(sign for sign in state[:12] if sign.isascii() and (sign.isalnum() or sign in "-_"))


def _gone(name: str) -> str:
    return f"{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"


def _plain(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
