"""Somebody at a browser without scripts who opened the address that a console printed."""

import re
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

_TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Visitor:
    """Goes over a socket, as a browser does."""

    address: str
    _opener: OpenerDirector = field(
        default_factory=lambda: build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    )

    def enter(self) -> tuple[int, str]:
        """Open the address."""
        return self._ask(self.address, None)

    def open(self, path: str) -> tuple[int, str]:
        """A page of that console."""
        return self._ask(self._at(path), None)

    def send(self, page: str, path: str, **fields: str) -> tuple[int, str]:
        """A form, with the token of the page that it stands on."""
        found = _TOKEN.search(self.open(page)[1])
        assert found, f"{page} has no form"
        return self._ask(self._at(path), urlencode({"token": found[1], **fields}).encode())

    def _at(self, path: str) -> str:
        at = urlsplit(self.address)
        return f"{at.scheme}://{at.netloc}{path}"

    def _ask(self, address: str, body: bytes | None) -> tuple[int, str]:
        try:
            with self._opener.open(address, body, timeout=30) as answer:
                return int(answer.status), answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
