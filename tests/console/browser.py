"""A browser in front of the deployed console: it keeps cookies as browsers do, and goes to the issuer and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.console.issuer import ADA, URL, Issuer
from tests.console.reader import Opened, Reader


@dataclass
class Browser(Reader):
    """``sent_to`` is where the console last sent it that is not the console's own."""

    sent_to: str = ""
    set: list[str] = field(default_factory=list)

    def send(
        self,
        method: str,
        address: str,
        form: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Opened:
        opened = super().send(method, address.removeprefix(URL), form, headers=headers)
        self.set += opened.cookies
        for cookie in opened.cookies:
            name, _, rest = cookie.partition("=")
            if "; Max-Age=0;" in rest:
                self.cookies.pop(name, None)
        return opened

    def _follow(self, opened: Opened) -> Opened:
        while opened.status in {302, 303}:
            to = opened.headers["location"]
            if not to.startswith(("/", URL)):
                self.sent_to = to
                return opened
            opened = self.send("GET", to)
        return opened

    def knocks(self, at: str = "/console") -> str:
        """Opens a page unknown: answers where the issuer is asked to sign it in."""
        self.open(at)
        return self.sent_to

    def signs_in(self, issuer: Issuer, person: Mapping[str, Any] = ADA, at: str = "/console") -> Opened:
        """All the way to the page."""
        return self._follow(self.send("GET", issuer.lets_in(self.knocks(at), person)))
