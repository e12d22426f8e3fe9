"""An issuer on this machine, as OpenID Connect has it: it signs people in, checks what it is asked, can do it wrong."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.serving import serving

CLIENT = "console"
URL = "https://console.example.com"
ADA: Mapping[str, Any] = {"sub": "1-ada", "email": "Ada@example.com", "email_verified": True}

Answered = tuple[int, bytes]


@dataclass
class Issuer:
    """``claims`` overrides what stands in tokens, ``instead`` answers at a path in its own way, ``asked`` are the
    requests of the function, in order. ``named``: it says its name in each answer (RFC 9207).
    """

    now: Callable[[], datetime]
    port: int = 0
    path: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Callable[[], Answered]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    header: str = '{"alg":"RS256","typ":"JWT"}'
    named: bool = False

    @property
    def url(self) -> str:
        """Its name, as in its tokens."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def lets_in(self, address: str, person: Mapping[str, Any] = ADA) -> str:
        """What it answers to who signs in at the address to which they were sent: the address to go back to."""
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["redirect_uri"] == f"{URL}/console/signed-in"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = (asked, dict(person))
        return self.back(asked, code=code)

    def back(self, asked: Mapping[str, str], **answer: str) -> str:
        """An answer for a browser to carry back, right or wrong."""
        named = {"iss": self.url} if self.named else {}
        return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], **named, **answer})}"

    def answer(self, path: str, form: Mapping[str, str]) -> Answered:
        """To the function."""
        self.asked.append(path)
        if path in self.instead:
            return self.instead[path]()
        if path == f"{self.path}/.well-known/openid-configuration":
            return _said(200, self._about_itself())
        if path == f"{self.path}/token":
            self.forms.append(dict(form))
            return self._token(form)
        return _said(404, {})

    def _about_itself(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "authorization_response_iss_parameter_supported": self.named,
            **self.discovery,
        }

    def _token(self, form: Mapping[str, str]) -> Answered:
        """A code is good once, for who has the verifier (RFC 7636 4.6)."""
        asked, person = self.codes.pop(form.get("code", ""), ({}, {}))
        challenge = _plain(sha256(form.get("code_verifier", "").encode()).digest())
        fits = form.get("redirect_uri") == asked.get("redirect_uri") and form.get("client_id") == asked.get("client_id")
        if not asked or challenge != asked["code_challenge"] or not fits:
            return _said(400, {"error": "invalid_grant", "error_description": "<b>no</b>"})
        now = int(self.now().timestamp())
        made = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**made, **person, **self.claims}.items() if value is not None}
        token = ".".join(_plain(each.encode()) for each in (self.header, json.dumps(claims), "not looked at"))
        return _said(200, {"id_token": token, "access_token": "hunter2", "token_type": "Bearer"})


@contextmanager
def opened(issuer: Issuer) -> Iterator[Issuer]:
    """While the block lasts, on a free port of this machine."""

    class Door(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, told = issuer.answer(self.path, dict(parse_qsl(body)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            if 300 <= status < 400:
                self.send_header("Location", f"{issuer.url}/elsewhere")
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = _answer  # noqa: N815  so the library calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    with serving(Door) as issuer.port:
        yield issuer


def _said(status: int, told: Mapping[str, Any]) -> Answered:
    return status, json.dumps(told).encode()


def _plain(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
