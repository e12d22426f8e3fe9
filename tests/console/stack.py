"""A console behind an issuer on this machine that plays right and wrong, and people who sign in there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from nightcrew.api.people import Right
from nightcrew.console.oidc.deployed import sign_in
from nightcrew.console.oidc.people import VARIABLES
from nightcrew.console.oidc.sessions import COOKIE
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece
from tests.console.browser import Browser
from tests.console.issuer import CLIENT, URL, Issuer, opened
from tests.console.reader import Newsroom, Opened

BOB = {"sub": "2-bob", "email": "bob@example.com", "email_verified": True}
PEOPLE = {
    VARIABLES[Right.VIEW]: "*@example.com",
    VARIABLES[Right.OPERATE]: "ada@example.com,oncall-*",
    VARIABLES[Right.APPROVE]: "leads",
}
"""Ada acts, and whoever is on call; who leads decides; everybody at example.com looks."""


class Table(MemoryStore):
    """The state table; ``wrote`` are the keys of all that was written, or taken away, in order, ``reads`` how often it
    was asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wrote: list[str] = []
        self.items: list[Piece] = []
        self.reads = 0

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        self.reads += 1
        return super().get(table, key, consistent=consistent)

    def transact(self, pieces: Sequence[Piece]) -> None:
        super().transact(pieces)
        self.items += pieces
        self.wrote += [("-" if each.delete else "+") + str(each.key["key"]) for each in pieces]


@dataclass
class Stack:
    """``told`` is what the log heard of sign-ins."""

    room: Newsroom
    issuer: Issuer
    environment: dict[str, str]
    table: Table = field(default_factory=Table)
    told: list[tuple[str, str]] = field(default_factory=list)

    def browser(self) -> Browser:
        """Another one, at the console of a fresh environment."""

        def heard(what: str, about: str) -> None:
            self.told.append((what, about))

        clock = self.room.house.crew.installation.clock
        return Browser(self.room.console(sign_in(self.environment, self.table, clock, heard, loopback=True)))

    def later(self, by: timedelta) -> None:
        """Time passes."""
        self.room.house.crew.installation.clock.sleep(by.total_seconds())


@contextmanager
def stack_of(room: Newsroom) -> Iterator[Stack]:
    """While the block lasts."""
    with opened(Issuer(room.house.crew.installation.clock.now)) as issuer:
        yield Stack(room, issuer, environment(issuer))


def environment(issuer: Issuer) -> dict[str, str]:
    """As the template sets it."""
    named = {"ISSUER": issuer.url, "CLIENT": CLIENT, "URL": URL}
    return {**{f"NIGHTCREW_CONSOLE_{name}": text for name, text in named.items()}, **PEOPLE}


def back(browser: Browser, address: str) -> Opened:
    """The browser carries an answer of the issuer to the console."""
    return browser._follow(browser.send("GET", address))


def nobody(stack: Stack, browser: Browser, page: Opened, status: int = 403) -> str:
    """Nobody was signed in; answers why, as it was said and logged."""
    assert page.status == status, page.words
    assert "You are not signed in" in page.words
    assert COOKIE not in browser.cookies
    assert stack.table.wrote == []
    what, why = stack.told[-1]
    assert what == "not signed in"
    assert why in page.words
    assert "hunter2" not in page.text + why
    return why
