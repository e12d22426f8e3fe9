"""The issuer: where it has what (its discovery document), and a code taken there for a token."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from nightcrew.clock import Clock
from nightcrew.console.oidc.attempt import Attempt
from nightcrew.console.oidc.failed import IssuerTrouble, NotSignedIn
from nightcrew.console.oidc.fetching import Fetching
from nightcrew.console.oidc.token import Claims, claims_of

DISCOVERY = "/.well-known/openid-configuration"
KEPT = timedelta(hours=1)
TRIED_AGAIN = timedelta(seconds=10)
"""After it did not say where it has what: whoever only knocks would else hold the function for each try's time."""

_CODE = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True)
class Places:
    """``named``: it says its own name in each answer (RFC 9207). ``scope`` is what is asked of it: some issuers give
    groups only where they are asked for, and others refuse who asks for what they do not know.
    """

    authorization: str
    token: str
    named: bool
    scope: str


class Issuer:
    """``issuer`` is its name exactly as in its tokens, ``client`` what it calls us, ``back`` where it sends browsers.

    Where it has what is asked once an hour, and where that failed once in ten seconds: whoever only knocks has nobody
    ask the issuer.
    """

    def __init__(self, issuer: str, client: str, back: str, fetch: Fetching, clock: Clock) -> None:
        self.issuer, self.client, self._back = issuer, client, back
        self._fetch, self._clock = fetch, clock
        self._known: tuple[datetime, Places] | None = None
        self._failed: tuple[datetime, str] | None = None

    @property
    def host(self) -> str:
        """How people know it."""
        return urlsplit(self.issuer).netloc

    def address(self, attempt: Attempt) -> str:
        """Where a browser is sent to sign in (OpenID Connect Core 1.0, 3.1.2.1). Raises IssuerTrouble."""
        places = self._places()
        parts = urlsplit(places.authorization)
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": self._back,
            "scope": places.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        own = [each for each in parse_qsl(parts.query, keep_blank_values=True) if each[0] not in asked]
        return urlunsplit(parts._replace(query=urlencode([*own, *asked.items()])))

    def who(self, attempt: Attempt, answered: Callable[[str], str | None]) -> Claims:
        """Whom a browser's answer is about; ``answered`` gives a field of it. Raises NotSignedIn, IssuerTrouble."""
        places = self._places()
        named = answered("iss")
        if named != self.issuer and (named is not None or places.named):
            raise NotSignedIn("the answer is from another issuer")
        if (why := answered("error")) is not None:
            raise NotSignedIn(f"the issuer let nobody in: {_said(why)}")
        code = answered("code")
        if code is None:
            raise NotSignedIn("the issuer's answer has no code")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "client_id": self.client,
            "code_verifier": attempt.verifier,
        }
        status, told = self._fetch(places.token, form)
        if status != 200:
            raise _refused(status, told)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise IssuerTrouble("the issuer gave no token that says who it is")
        return claims_of(token, issuer=self.issuer, client=self.client, nonce=attempt.nonce, now=self._clock.now())

    def _places(self) -> Places:
        now = self._clock.now()
        if self._known is not None and now < self._known[0]:
            return self._known[1]
        if self._failed is not None and now < self._failed[0]:
            raise IssuerTrouble(self._failed[1])
        try:
            found = self._discovered()
        except IssuerTrouble as trouble:
            self._failed = (self._clock.now() + TRIED_AGAIN, str(trouble))
            raise
        self._known = (now + KEPT, found)
        return found

    def _discovered(self) -> Places:
        # A path's last slash goes (OpenID Connect Discovery 1.0, 4.1).
        status, told = self._fetch(self.issuer.rstrip("/") + DISCOVERY)
        if status != 200:
            raise IssuerTrouble(f"the issuer's discovery document was not there (status {status})")
        if told.get("issuer") != self.issuer:
            raise IssuerTrouble("the issuer's discovery document is about another issuer")
        return Places(
            self._address(told, "authorization_endpoint"),
            self._address(told, "token_endpoint"),
            told.get("authorization_response_iss_parameter_supported") is True,
            "openid email groups" if "groups" in _texts(told.get("scopes_supported")) else "openid email",
        )

    def _address(self, told: Mapping[str, Any], name: str) -> str:
        url = told.get(name)
        if not isinstance(url, str) or not self._fetch.allows(url):
            raise IssuerTrouble(f"the issuer's discovery document has no {name} of HTTPS")
        return url


def _refused(status: int, told: Mapping[str, Any]) -> NotSignedIn:
    """A code is taken once (RFC 6749 4.1.2): to go back in the browser, and on again, ends here, too."""
    why = _said(str(told.get("error", "")))
    if not 400 <= status < 500:
        return IssuerTrouble(f"the issuer is in trouble (status {status})")
    return NotSignedIn(f"the issuer did not take the code: {why}")


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _said(code: str) -> str:
    """An error's code, where it looks like one (RFC 6749 4.1.2.1); its description anybody may have written."""
    return code if _CODE.fullmatch(code) else "it says not why"
