"""Sessions, in the state table: of a browser's cookie only the hash stands there: who reads the table gets none.

What stands there is who signed in, not what they may.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from nightcrew.clock import Clock, stamp
from nightcrew.console.oidc.token import Claims
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece

COOKIE = "__Host-nightcrew"
LASTS = timedelta(hours=8)
"""A night. It does not end sooner for want of a click: the page that shows what runs stays open all night."""

_GATE = "session"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Kept:
    """A session, as it was found. ``token`` stands in its forms; it follows from the cookie, and is kept nowhere."""

    claims: Claims
    token: str


class Sessions:
    """Those of one issuer and client: where a deployment names others, those of before are over."""

    def __init__(self, store: Store, clock: Clock, issuer: str, client: str) -> None:
        self._store, self._clock = store, clock
        self._of = {"issuer": issuer, "client": client}

    def begin(self, claims: Claims) -> str:
        """Keeps one; answers the cookie to be set. Raises Unreachable, Conflict."""
        value, now = secrets.token_urlsafe(32), self._clock.now()
        item: dict[str, Any] = {
            **self._of,
            "subject": claims.subject,
            "email": claims.email,
            "groups": list(claims.groups),
            "since": stamp(now),
            "expires": int((now + LASTS).timestamp()),
        }
        self._store.transact([Piece("state", _key(value), _GATE, Absent("key"), put=item)])
        # Lax, not Strict: a link in a chat leads to the page. No form of another site carries it.
        return f"{COOKIE}={value}; Max-Age={int(LASTS.total_seconds())}; Path=/; Secure; HttpOnly; SameSite=Lax"

    def find(self, value: str) -> Kept | None:
        """The session of a cookie's value, where there is one that is not over. Raises Unreachable."""
        if not _VALUE.fullmatch(value):
            return None
        item = self._store.get("state", _key(value))
        # DynamoDB deletes what has expired within days, not at once.
        if item is None or item["expires"] <= self._clock.now().timestamp() or not self._of.items() <= item.items():
            return None
        claims = Claims(item["subject"], item["email"], tuple(item["groups"]))
        return Kept(claims, hmac.digest(value.encode(), b"token", "sha256").hex())

    def end(self, value: str) -> str:
        """Ends it everywhere; answers the cookie that takes the browser's away. Raises Unreachable."""
        if _VALUE.fullmatch(value):
            self._store.transact([Piece("state", _key(value), _GATE, delete=True)])
        return f"{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"


def _key(value: str) -> dict[str, str]:
    return {"key": f"session#{sha256(value.encode()).hexdigest()}"}
