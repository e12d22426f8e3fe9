"""A request to the API, signed by the caller's AWS credentials (Signature Version 4, for ``execute-api``), and sent."""

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from nightcrew.aws.models import session
from nightcrew.cli.account import Account, spoken
from nightcrew.cli.exits import NotHere
from nightcrew.cli.remote.answers import Answered
from nightcrew.errors import BadInput, Unreachable

SERVICE = "execute-api"
CONNECT, READ = 5, 35
"""Seconds: API Gateway itself gives a function 30."""

_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Signed:
    """The way to one API. Raises BadInput for an address that is none, NotHere where nobody is signed in."""

    def __init__(self, url: str, region: str | None, profile: str | None) -> None:
        self.url = _address(url)
        host = urlsplit(self.url).hostname or ""
        named = _HOST.fullmatch(host)
        self.region = str(region or (named[1] if named else None) or Account(None, profile).region)
        made = session()
        with spoken():
            if profile is not None:
                made.set_config_variable("profile", profile)
            found = made.get_credentials()
        if found is None:
            hints = (
                "sign in, or name a profile with --profile before the command",
                "without an account: nightcrew demo",
            )
            raise NotHere("no AWS credentials: each request to the API is signed by yours", *hints)
        self._credentials = found
        # As every client of botocore's goes: through a company's proxy, with its certificates.
        verify = made.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._http = URLLib3Session(verify, get_environ_proxies(self.url), (CONNECT, READ))

    def send(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Answered:
        """Sign and send, once. Raises Unreachable, NotHere where the credentials cannot be had any more."""
        # Written out here: what is signed must be, sign for sign, what is sent.
        asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(query.items()))
        address = f"{self.url}{path}" + (f"?{asked}" if asked else "")
        request = AWSRequest(method, address, headers=dict(headers), data=body or b"")
        with spoken():
            SigV4Auth(self._credentials.get_frozen_credentials(), SERVICE, self.region).add_auth(request)
        try:
            reply = self._http.send(request.prepare())
            return Answered(
                reply.status_code, {name.lower(): text for name, text in reply.headers.items()}, reply.content
            )
        except BotoCoreError as error:
            raise Unreachable(f"the API at {self.url} did not answer: {error}") from error


def segment(text: str) -> str:
    """One segment of a path. Raises BadInput for what cannot be one."""
    if text in ("", ".", ".."):
        raise BadInput("id", text, "it must be an id or a name")
    return _quoted(text)


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _address(url: str) -> str:
    """The API's address without what comes after it. What is signed must not be read on its way."""
    parts = urlsplit(url.strip())
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment or parts.username is not None:
        raise BadInput(
            "--url", url, "it must be the API's address, like https://a1b2c3.execute-api.eu-west-1.amazonaws.com"
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise BadInput("--url", url, "it must begin with https://")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
