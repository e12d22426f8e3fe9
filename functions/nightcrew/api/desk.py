"""Where a question is answered: the installation's front door, who asks, and where they ask from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nightcrew.admission.policy import Policy
from nightcrew.api.people import Person, Right
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import Clock
from nightcrew.ledger.store import Store

if TYPE_CHECKING:
    from nightcrew.dispatch.dispatcher import Dispatcher  # commands share what is here, and start without it


@dataclass(frozen=True)
class Home:
    """The account and the Region in which a bare name is meant, and a start by hand that names neither."""

    account: str
    region: str


@dataclass(frozen=True)
class Desk:
    """``files`` is a directory for the search index."""

    door: "Dispatcher"
    person: Person
    who: Home
    files: Path

    @property
    def store(self) -> Store:
        """Ledger and state."""
        return self.door.installation.store

    @property
    def clock(self) -> Clock:
        """The installation's time."""
        return self.door.installation.clock

    @property
    def catalog(self) -> Catalog:
        """The runbooks."""
        return self.door.installation.catalog

    @property
    def policy(self) -> Policy:
        """The policy of the moment."""
        return self.door.installation.policy

    def actor(self, right: Right) -> str:
        """The ARN of who asks, if they may. Raises NotAllowed."""
        self.person.must(right)
        return self.person.actor
