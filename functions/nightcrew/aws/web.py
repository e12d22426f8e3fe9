"""A page of the team's own application, asked the way AWS is asked: its health, as a proof that no API can give."""

import socket
from typing import Any
from urllib.parse import urlsplit

from nightcrew.addresses import is_of_this_machine
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed, Cloud, Reply
from nightcrew.errors import Forbidden

PATIENCE = 5.0
"""Seconds for an answer to begin: an application that needs longer is not well."""


class Page(Call):
    """A GET of one address."""

    def __init__(self, url: str) -> None:
        super().__init__("http", "GET", {"Url": url})

    @property
    def action(self) -> str:
        return "http:GET"

    @property
    def reads(self) -> bool:
        return True

    def shown(self) -> dict[str, Any]:
        return dict(self.parameters)


class Web(Cloud):
    """Asks pages, and nothing else. No redirect is followed: it would lead to where nobody meant to ask.

    Without ``local`` no address of the machine itself is asked, whatever name leads there: a function's runtime
    listens there.
    """

    def __init__(self, *, local: bool = False) -> None:
        super().__init__(_no_client, (), "nightcrew")
        self._local = local

    def allow(self, call: Call, *, reading: bool) -> None:
        if not isinstance(call, Page) or not reading:
            raise Forbidden(f"{call} is no page of an application")

    def _send(self, call: Call) -> Reply:
        """``{"status": 200}``; its text is not read. Raises CallFailed, "lost", where nobody answers."""
        import urllib3

        url = str(call.parameters["Url"])
        try:
            self._look_where_it_leads(url)
            with urllib3.PoolManager(timeout=urllib3.Timeout(total=PATIENCE), retries=False) as pool:
                answer = pool.request("GET", url, redirect=False, preload_content=False)
                status = int(answer.status)
                answer.close()
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise CallFailed(call, "lost", type(error).__name__, str(error), None) from error
        return Reply({"status": status}, None)

    def _look_where_it_leads(self, url: str) -> None:
        if self._local:
            return
        parts = urlsplit(url)
        for *_, address in socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM):
            if is_of_this_machine(str(address[0])):
                raise OSError(f"{parts.hostname} is the address of this machine, which is not asked")


def answers(answer: Any) -> bool:
    """Whether a page's answer says that all is well: a status from 200 to 299."""
    return 200 <= int(answer["status"]) < 300


def _no_client(service: str, config: object) -> Any:
    raise Forbidden(f"{service} is no page of an application ({config})")
