"""Where a game day is played: whose rights, which front door decides, and how time passes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import Clock
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store


def unseen(entry: Entry) -> None:
    """Nobody reads along."""
    del entry


@dataclass(frozen=True)
class Ground:
    """``cloud`` is AWS with the caller's own rights; ``dispatcher`` the installation's front door, which is asked and
    never told to start anything. ``pause`` lets that many seconds pass; ``entry`` is shown what the run writes down.
    """

    dispatcher: Dispatcher
    cloud: Cloud
    actor: str
    account: str
    region: str
    pause: Callable[[float], None]
    entry: Callable[[Entry], None] = unseen
    soon: timedelta = timedelta(seconds=0.1)
    seldom: timedelta = timedelta(seconds=5)
    """Between looks, each of which is one call of CloudWatch and two or three reads of the ledger: soon after something
    happened, then half as often each time, until it is seldom.
    """

    @property
    def store(self) -> Store:
        """Ledger and state."""
        return self.dispatcher.installation.store

    @property
    def clock(self) -> Clock:
        """The installation's."""
        return self.dispatcher.installation.clock

    def tell(self, kind: str, **what: Any) -> None:
        """Tell who watches."""
        self.dispatcher.installation.tell(kind, what)
