"""Where a command acts: on a deployed stack, on the demo that is being served, on the caller's account, or on what this
machine keeps of break-glass. Wired here, once, for each command.
"""

import getpass
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.plan import Plan, plan
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import ClientMaker, Cloud
from nightcrew.cli.account import Account, Who
from nightcrew.cli.asked import Asked
from nightcrew.cli.exits import NotHere
from nightcrew.clock import Clock, SkippingClock, SystemClock
from nightcrew.demo import served
from nightcrew.engine.installation import Watch
from nightcrew.errors import Conflict, Unknown, Unreachable
from nightcrew.ledger.store import Store, client_config

if TYPE_CHECKING:
    from nightcrew.cli.stack import Stack
    from nightcrew.demo.embedded import Crew
    from nightcrew.dispatch.dispatcher import Dispatcher
    from nightcrew.engine.installation import Installation
    from nightcrew.engine.local import LocalEngine

_CREDENTIALS = {"AccessKeyId": "embedded", "SecretAccessKey": "embedded"}


def catalog_of(asked: Asked) -> Catalog:
    """Every runbook there is. What could not be loaded is named on stderr, and the rest works."""
    catalog = Catalog.load()
    for module, why in catalog.broken.items():
        asked.output.note(f"note: {module} could not be loaded: {why}")
    return catalog


def policy_of(asked: Asked, catalog: Catalog) -> Policy:
    """The policy to go by: the file that was named, else the stack's, the demo's, or the one beside the runbooks.

    Raises BadPolicy, NotHere.
    """
    if asked.policy is not None:
        given = load(asked.policy.read_text(encoding="utf-8"), str(asked.policy))
        given.check_against(catalog)
        return given
    stack = stack_of(asked)
    if stack is not None:
        return stack.policy
    package = "nightcrew.demo" if asked.demo else "runbooks"
    return load(
        (files(package) / "policy.yaml").read_text(encoding="utf-8"), f"{package.replace('.', '/')}/policy.yaml"
    )


@dataclass(frozen=True)
class Planning:
    """A place where a runbook can be planned: who asks, and the way to AWS."""

    who: Who
    clients: ClientMaker
    clock: Clock

    def plan(self, runbook: Runbook, parameters: Mapping[str, Any]) -> Plan:
        """What it would do now; ``parameters`` are validated ones."""
        resource = runbook.arn(parameters, account=self.who.account, region=self.who.region)
        return plan(
            runbook, dict(parameters), resource, Cloud(self.clients, runbook.permissions, runbook.name), self.clock
        )


def planning(asked: Asked) -> Planning:
    """The demo, or the caller's account. Raises NotHere, Unreachable, Unknown."""
    if asked.demo:
        demo = Demo()
        return Planning(demo.who, demo.clients, demo.clock)
    account = Account(asked.region, asked.profile)
    return Planning(account.who(), cache(account), SystemClock())


def demo_of(asked: Asked, wish: str, *hints: str) -> "Demo":
    """The demo that is being served. Raises NotHere, Unknown."""
    if not asked.demo:
        known = (
            "`nightcrew --stack NAME …` acts on a deployed stack",
            "`nightcrew --demo …` acts on the demo's, which `nightcrew demo --serve` keeps up",
        )
        raise NotHere(f"there is no installation here {wish}; name one", *known, *hints)
    return Demo()


def stack_of(asked: Asked) -> "Stack | None":
    """The stack that was named, if one was. Raises NotHere where there is none of that name."""
    if asked.stack is None:
        return None
    from nightcrew.cli.stack import Stack

    return Stack(asked.stack, asked.region, asked.profile, asked.output.note)


def looked_at(asked: Asked) -> tuple["Place | None", ClientMaker, datetime]:
    """For what only looks: the stack or the demo with its ledger, or the caller's account without one; the way to AWS;
    and the time there. Raises NotHere, Unknown.
    """
    place = Demo() if asked.demo else stack_of(asked)
    if place is not None:
        return place, place.clients, place.clock.now()
    return None, cache(Account(asked.region, asked.profile)), SystemClock().now()


def installation_of(asked: Asked, wish: str) -> "Stack | Demo":
    """The stack that was named, or the demo that is being served. Raises NotHere, Unknown."""
    return stack_of(asked) or demo_of(asked, wish)


class Working(Protocol):
    """An installation with its engine and its front door, in this process."""

    @property
    def installation(self) -> "Installation": ...
    @property
    def engine(self) -> "LocalEngine": ...
    @property
    def dispatcher(self) -> "Dispatcher": ...
    @property
    def store(self) -> Store: ...


class Place(Protocol):
    """Somewhere with a ledger and a time: a stack, the demo, or this machine under break-glass."""

    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def who(self) -> Who: ...
    def actor(self, name: str | None) -> str:
        """Who acts."""


class Workshop(Place, Protocol):
    """A place where this process carries runs on: the demo, or this machine under break-glass."""

    @property
    def journal(self) -> str: ...

    def crew(self, asked: Asked, catalog: Catalog, watch: Watch) -> Working:
        """The means to carry a run on."""

    def ready(self, run: str) -> None:
        """Whether a run may be carried on now. Raises Refused."""

    def settle(self) -> None:
        """Leave word of the waits that were skipped."""


def ledger_of(asked: Asked, wish: str) -> Place:
    """The stack that was named, else the workshop here. Raises NotHere, Unknown."""
    return stack_of(asked) or workshop_of(asked, wish)


def workshop_of(asked: Asked, wish: str) -> Workshop:
    """The demo, or what this machine keeps of break-glass, which is said. Raises NotHere, Unknown."""
    if asked.stack is not None:
        line = f"the executor of {asked.stack} carries its runs on by itself, and its sweeper closes those that died"
        raise NotHere(line, f"{asked.command} history --outcome running")
    if not asked.demo:
        from nightcrew.cli.glass import kept

        found = kept(asked)
        if found is not None:
            asked.output.note(
                f"note: what {found.directory} keeps of break-glass; `nightcrew upload` takes it to the ledger"
            )
            return found
    return demo_of(asked, wish)


def you() -> str:
    """The user of this machine, as the demo calls them."""
    with suppress(OSError, KeyError, ImportError):  # a container's user may have no name
        return getpass.getuser()
    return "you"


class Demo:
    """The cloud that ``nightcrew demo --serve`` keeps up, its ledger, and its time. Raises Unknown, NotHere."""

    def __init__(self) -> None:
        self.served = served.read()
        self.clients: ClientMaker = cache(Clients(self.served.region, self.served.endpoint, _CREDENTIALS))
        self.clock = SkippingClock(timedelta(seconds=self.served.ahead))
        self._settled = self.served.ahead
        self.store = Store(self.clients("dynamodb", client_config()), clock=self.clock)
        try:
            self.store.get("state", {"key": "is anybody there?"}, consistent=False)
        except (Unreachable, Conflict) as error:
            line = f"the demo at {self.served.endpoint} does not answer"
            raise NotHere(line, "start it again, in another terminal: nightcrew demo --serve") from error

    @cached_property
    def who(self) -> Who:
        """The demo's account, and the user of this machine as its actor."""
        return Who(self.served.account, self.served.region, f"arn:aws:iam::{self.served.account}:user/{you()}")

    @property
    def journal(self) -> str:
        """The file of the local engine's journal."""
        return self.served.journal

    def actor(self, name: str | None) -> str:
        """Who decides: the caller, or in a demo, which one person plays alone, somebody of that name."""
        return self.who.actor if name is None else f"arn:aws:iam::{self.served.account}:user/{name}"

    def crew(self, asked: Asked, catalog: Catalog, watch: Watch) -> "Crew":
        """The whole of Nightcrew, over the served cloud and its journal."""
        from nightcrew.demo.embedded import crew

        policy = policy_of(asked, catalog)
        return crew(
            policy,
            clients=self.clients,
            clock=self.clock,
            journal=self.served.journal,
            catalog=catalog,
            watch=watch,
        )

    def ready(self, run: str) -> None:
        """Each that is left may be carried on: its lock is in the same ledger."""

    def settle(self) -> None:
        """Leave word of the waits that were skipped, so that the next command does not live in this one's past."""
        ahead = served.ahead_of(self.clock)
        if ahead - self._settled >= 1:
            self._settled = ahead
            with suppress(Unknown, OSError):  # the demo ended meanwhile
                served.moved(ahead)
