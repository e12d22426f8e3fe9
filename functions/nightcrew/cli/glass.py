"""What this machine keeps of break-glass: a ledger and a journal in a directory of the user's own."""

import getpass
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from botocore.config import Config

from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.cli.account import Account, Who
from nightcrew.cli.asked import Asked
from nightcrew.cli.exits import NotHere
from nightcrew.cli.place import policy_of
from nightcrew.clock import SystemClock
from nightcrew.demo import served
from nightcrew.dispatch.break_glass import Alone, alone, files, make_directory
from nightcrew.dispatch.out_of_reach import in_the_way
from nightcrew.dispatch.telling import TeamNews
from nightcrew.engine.installation import Watch
from nightcrew.errors import Unreachable
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store, Tables, client_config

LEDGER, STATE = "NIGHTCREW_LEDGER", "NIGHTCREW_STATE"
TOPIC, BUS = "NIGHTCREW_TOPIC", "NIGHTCREW_BUS"
"""In the environment: the names of the stack's tables, and over what its people are told."""


_PROBING = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=4)


class Glass:
    """The files of a directory, made where there are none, and the machine's time."""

    def __init__(self, directory: Path, profile: str | None = None) -> None:
        try:
            make_directory(directory)
        except OSError as error:
            line = f"{directory} cannot be used: {error.strerror}"
            raise NotHere(line, "--files, before the command, names another directory") from error
        self.directory = directory
        self.profile = profile
        self.clock = SystemClock()
        entries, journal = files(directory)
        self.journal = str(journal)
        self.store = DiskStore(entries)
        self.news: TeamNews | None = None

    @property
    def who(self) -> Who:
        """Where the last run was, and who: for names that are no ARNs."""
        for run in reversed(self.store.runs()):
            first = opening(self.store, run)
            if first is not None:
                _, _, _, region, account, _ = str(first.body["resource"]).split(":", 5)
                return Who(account, region, str(first.body["actor"]))
        return Who("", "", person())

    def actor(self, name: str | None) -> str:
        """Who acts."""
        return name or self.who.actor

    def crew(self, asked: Asked, catalog: Catalog, watch: Watch) -> Alone:
        """The means to run something here, with the caller's own rights; the team is told."""

        @cache
        def clients(region: str) -> ClientMaker:
            return cache(Account(region, asked.profile))

        self.news = self.news or team_news(asked)
        policy = policy_of(asked, catalog)
        return alone(self.directory, policy, catalog, clients, self.clock, watch=watch, news=self.news)

    def ready(self, run: str) -> None:
        """Not where the ledger answers by now, and another run has the resource there. Raises Refused."""
        first = opening(self.store, run)
        resource = str(first.body["resource"]) if first is not None else ""
        try:
            there = probing(Account(resource.split(":")[3], self.profile))
            refusal = in_the_way(there, resource, run, self.clock.now()) if first is not None else None
        except (Unreachable, NotHere):
            return  # as when it began
        if refusal is not None:
            raise refusal

    def settle(self) -> None:
        """No wait is skipped here."""


def directory_of(asked: Asked) -> Path:
    """Where break-glass keeps its files: what was said, else a directory in the user's state directory."""
    return asked.files or served.directory() / "break-glass"


def kept(asked: Asked) -> Glass | None:
    """What this machine keeps; None where it keeps nothing."""
    directory = directory_of(asked)
    return Glass(directory, asked.profile) if files(directory)[0].exists() else None


def tables() -> Tables:
    """The stack's tables, as the environment names them."""
    return Tables(os.environ.get(LEDGER) or Tables().ledger, os.environ.get(STATE) or Tables().state)


def ledger(asked: Asked, region: str) -> Store:
    """The ledger in the caller's account."""
    return Store(Account(region, asked.profile)("dynamodb", client_config()), tables())


def probing(account: Account) -> Store:
    """The ledger, for a question that should be over within seconds."""
    return Store(account("dynamodb", _PROBING), tables())


def team_news(asked: Asked) -> TeamNews:
    """The way to the team, as the environment names it."""
    topic, bus = os.environ.get(TOPIC) or None, os.environ.get(BUS) or None
    arns = [each for each in (topic, bus) if each and each.startswith("arn:")]
    region = arns[0].split(":")[3] if arns else asked.region

    def clients(service: str, config: object) -> object:
        made: ClientMaker = Account(region, asked.profile)
        return made(service, config)

    return TeamNews(clients, topic, bus)


def person() -> str:
    """A name where AWS cannot be asked who it is. Without the machine's name."""
    with suppress(OSError, KeyError, ImportError):
        return f"unverified: {getpass.getuser()}"
    return "unverified"
