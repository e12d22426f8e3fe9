"""Asking an issuer: JSON over HTTPS, with limits on everything that it may say."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from nightcrew.clock import Clock
from nightcrew.console.oidc.failed import IssuerTrouble

MOST = 256 * 1024
"""Bytes of an answer. A token with two hundred groups has a tenth of that."""

CONNECT, READ = 3.0, 4.0
"""Seconds for a connection, and for each next piece."""

PATIENCE = timedelta(seconds=8)
"""For an answer as a whole. A sign-in asks twice at most, and the function has 29 seconds."""

_LOOPBACK = "127.0.0.1"


class Fetching:
    """No redirect is followed, nothing is asked twice, and certificates are checked: what TLS says of who answers takes
    the place of a token's signature. ``loopback`` lets a test's issuer on this machine be asked without TLS.
    """

    def __init__(self, clock: Clock, *, loopback: bool = False) -> None:
        self._clock, self._loopback = clock, loopback

    def allows(self, url: str) -> bool:
        """Whether an address may be asked, or shown to a browser as the issuer's."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            return False
        plain = url.isascii() and url.isprintable() and not {"@", "#", " "} & set(url)
        secure = parts.scheme == "https" or (self._loopback and parts.scheme == "http" and parts.hostname == _LOOPBACK)
        return bool(parts.hostname) and plain and secure

    def __call__(self, url: str, form: Mapping[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """The status, and the JSON object; with a ``form``, that is posted. Raises IssuerTrouble."""
        import urllib3
        from botocore.httpsession import get_cert_path

        if not self.allows(url):
            raise IssuerTrouble("the issuer names an address that is not asked: it must be one of HTTPS")
        late = self._clock.now() + PATIENCE
        timeout = urllib3.Timeout(connect=CONNECT, read=READ)
        headers = {"Accept": "application/json"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            with urllib3.PoolManager(
                timeout=timeout, retries=False, cert_reqs="CERT_REQUIRED", ca_certs=get_cert_path(True)
            ) as pool:
                answer = pool.request(
                    "GET" if form is None else "POST",
                    url,
                    body=urlencode(form) if form is not None else None,
                    headers=headers,
                    redirect=False,
                    preload_content=False,
                    decode_content=False,
                )
                body = b""
                while piece := answer.read1(MOST):
                    body += piece
                    if len(body) > MOST:
                        raise IssuerTrouble("the issuer answered more than is read")
                    if self._clock.now() > late:
                        raise IssuerTrouble("the issuer took too long to answer")
                return int(answer.status), _object(body)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            # Not the error's own words: an address stands in them.
            raise IssuerTrouble(f"the issuer did not answer ({type(error).__name__})") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise IssuerTrouble("the issuer did not answer in JSON") from None
    if not isinstance(found, dict):
        raise IssuerTrouble("the issuer did not answer a JSON object")
    return found
