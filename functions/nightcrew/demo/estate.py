"""The embedded cloud by account and Region: each resource is looked for where its ARN says that it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import ACCOUNT, clients_of
from nightcrew.demo.scripted import Scripted

Dress = Callable[[Scripted], None]
"""Puts scripts and hooks on the clients of one place."""


@dataclass
class Estate:
    """Makes clients for the place of an ARN, in three kinds, and keeps them: each costs 10 to 100 ms.

    ``plain`` is moto as it is, to arrange things; ``slow`` has the time that AWS takes, as anybody would see it;
    ``seen`` has that and what goes wrong, and is what runbooks get. What makes them so is added before the first
    client is made.
    """

    pace: list[Dress] = field(default_factory=list)
    faults: list[Dress] = field(default_factory=list)
    _kept: dict[tuple[str, str, str], ClientMaker] = field(default_factory=dict)

    def plain(self, arn: str) -> ClientMaker:
        """The cloud as moto has it."""
        return self._place("plain", arn, cache)

    def slow(self, arn: str) -> ClientMaker:
        """The cloud as one would see it."""
        return self._place("slow", arn, lambda clients: _dressed(clients, self.pace))

    def seen(self, arn: str) -> ClientMaker:
        """The cloud as runbooks see it."""
        return self._place("seen", arn, lambda clients: _dressed(clients, [*self.pace, *self.faults]))

    def _place(self, kind: str, arn: str, make: Callable[[Clients], ClientMaker]) -> ClientMaker:
        _, _, _, region, account, _ = arn.split(":", 5)
        if (kind, account, region) not in self._kept:
            self._kept[kind, account, region] = make(_clients(account, region))
        return self._kept[kind, account, region]


def _dressed(clients: ClientMaker, dresses: Iterable[Dress]) -> Scripted:
    scripted = Scripted(clients)
    for dress in dresses:
        dress(scripted)
    return scripted


def _clients(account: str, region: str) -> Clients:
    if account == ACCOUNT:
        return clients_of(region=region)
    # moto takes the account from whose role the credentials are; the role need not exist there.
    role = {"RoleArn": f"arn:aws:iam::{account}:role/nightcrew", "RoleSessionName": "demo"}
    return Clients(region, None, clients_of()("sts", READING).assume_role(**role)["Credentials"])
