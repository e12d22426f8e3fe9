"""What an ID token says of who signed in, once all of it is checked (OpenID Connect Core 1.0, 3.1.3.7).

Its signature is not looked at: it came from the issuer's own token endpoint over TLS, whose certificate was checked,
and 3.1.3.7 (6) lets that stand for it. So nothing of cryptography is needed here, and a token that came by any other
way must not be read by this.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.console.oidc.failed import NotSignedIn

SKEW = timedelta(minutes=2)
"""By so much our clock and the issuer's may differ."""

OLDEST = timedelta(minutes=10)
"""A token is made when its code is taken there: an older one is none of ours."""

MOST_GROUPS = 300
MOST_LETTERS = 256

_PART = re.compile(r"[A-Za-z0-9_-]+")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")
_GROUPS = ("groups", "cognito:groups")


@dataclass(frozen=True)
class Claims:
    """``subject`` is the issuer's own name for somebody, never given to another. ``email``, in small letters, is there
    only where the issuer says that it is theirs.
    """

    subject: str
    email: str | None
    groups: tuple[str, ...]


def claims_of(token: str, *, issuer: str, client: str, nonce: str, now: datetime) -> Claims:
    """Raises NotSignedIn for a token that is not of this issuer, for us, for this sign-in, and of this moment."""
    given = _payload(token)
    if given.get("iss") != issuer:
        raise NotSignedIn("the token is from another issuer")
    if given.get("aud") not in (client, [client]) or given.get("azp", client) != client:
        raise NotSignedIn("the token is for another application")
    if not _same(given.get("nonce"), nonce):
        raise NotSignedIn("the token is of another sign-in")
    expires, made = _moment(given, "exp"), _moment(given, "iat")
    if now.timestamp() >= expires + SKEW.total_seconds():
        raise NotSignedIn("the token has expired")
    if not -OLDEST - SKEW <= timedelta(seconds=made - now.timestamp()) <= SKEW:
        raise NotSignedIn("the token is not of this moment")
    subject = given.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise NotSignedIn("the token names nobody")
    return Claims(subject, _email(given), _groups(given))


def _same(given: Any, nonce: str) -> bool:
    """Ours is ASCII. JSON can write half a character (RFC 8259, 8.2), which nothing encodes."""
    return isinstance(given, str) and given.isascii() and hmac.compare_digest(given, nonce)


def _payload(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(each) for each in parts):
        raise NotSignedIn("the token is no signed JSON Web Token")
    try:
        header, payload = (json.loads(urlsafe_b64decode(each + "=" * (-len(each) % 4))) for each in parts[:2])
    except (ValueError, RecursionError):
        raise NotSignedIn("the token cannot be read") from None
    if not isinstance(header, dict) or not isinstance(payload, dict) or header.get("alg") in (None, "none"):
        raise NotSignedIn("the token is no signed JSON Web Token")
    return payload


def _moment(given: Mapping[str, Any], name: str) -> float:
    """Seconds since 1970."""
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        raise NotSignedIn(f"the token has no {name}")
    return float(value)


def _email(given: Mapping[str, Any]) -> str | None:
    """Anybody may write any address into their profile: one that the issuer has not verified names nobody. Some
    issuers write ``true`` as text, and Entra ID says it by a claim of its own, where the application asks for that
    (Microsoft identity platform, "Optional claims reference").
    """
    address = given.get("email")
    verified = given.get("email_verified", given.get("xms_edov"))
    if not isinstance(address, str) or (verified is not True and verified != "true"):
        return None
    # Before they are made small: there are other letters whose small ones are these.
    return address.lower() if address.isascii() and _EMAIL.fullmatch(address.lower()) else None


def _groups(given: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for name in _GROUPS:
        value = given.get(name)
        each = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        # Of one with half a character no session could be kept.
        found += [
            text for text in each if isinstance(text, str) and text.isprintable() and 0 < len(text) <= MOST_LETTERS
        ]
    return tuple(dict.fromkeys(found))[:MOST_GROUPS]
