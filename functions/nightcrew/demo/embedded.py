"""A whole Nightcrew in one process: moto as the cloud, the tables, the local engine, the real way from event to ledger.

Waits are skipped, everything else is as on AWS: the same admission, the same body, the same ledger.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.clock import Clock, SkippingClock
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import Installation, Watch, nobody
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.ledger.schema import create
from nightcrew.ledger.store import Store, Tables, client_config

REGION = "eu-west-1"
ACCOUNT = "123456789012"
"""moto's, and AWS's own in examples."""

IMAGE = "ami-12c6146b"
"""An image's id: moto's instances have an EBS root, whichever it is."""

_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "embedded",
    "AWS_SECRET_ACCESS_KEY": "embedded",
    # To list all images that AWS has takes moto a second or two, and nothing here asks for one.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}
_CREDENTIALS = {"AccessKeyId": "embedded", "SecretAccessKey": "embedded"}


@dataclass(frozen=True)
class Crew:
    """An installation with its engine and its front door."""

    installation: Installation
    engine: LocalEngine
    dispatcher: Dispatcher
    clients: ClientMaker

    @property
    def store(self) -> Store:
        """The two tables."""
        return self.installation.store

    def client(self, service: str) -> Any:
        """A client of one's own, to look at the cloud or to arrange it."""
        return self.clients(service, READING)

    def event(self, event: Mapping[str, Any]) -> tuple[Answer, Ended | None]:
        """An event comes in, and what it starts is carried through."""
        return self._through(self.dispatcher.event(event))

    def person(
        self, runbook: str, *, actor: str = "arn:aws:iam::123456789012:user/ada", reason: str = "", **parameters: Any
    ) -> tuple[Answer, Ended | None]:
        """A person starts a runbook, and it is carried through."""
        return self._through(
            self.dispatcher.person(runbook, parameters, actor=actor, account=ACCOUNT, region=REGION, reason=reason)
        )

    def _through(self, answer: Answer) -> tuple[Answer, Ended | None]:
        if answer.kind != "admitted" or answer.run is None:
            return answer, None
        return answer, self.engine.drive(answer.run)


@contextmanager
def embedded_cloud() -> Iterator[None]:
    """Moto in this process, for as long as the block lasts; nothing of it reaches AWS."""
    # moto loads for a second or two, and who works on a cloud that another process serves needs none of it.
    from moto import mock_aws

    from nightcrew.demo.scaling import whole_groups
    from nightcrew.demo.tables import whole_tables
    from nightcrew.demo.transactions import quick_transactions

    kept = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        with mock_aws(), whole_groups(), whole_tables(), quick_transactions():
            yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def clients_of(endpoint: str | None = None, region: str = REGION) -> Clients:
    """Clients of the embedded cloud: in process, or over its endpoint."""
    return Clients(region, endpoint, _CREDENTIALS)


def crew(
    policy: Policy,
    *,
    clients: ClientMaker | None = None,
    clock: Clock | None = None,
    journal: str | Path = ":memory:",
    catalog: Catalog | None = None,
    watch: Watch = nobody,
    tables: Tables | None = None,
    checkpoint: Callable[[str, str, str], None] | None = None,
    clouds: Callable[[str, Collection[str], str], Cloud] | None = None,
) -> Crew:
    """Wire a crew over tables that exist (``make_tables`` makes them). ``checkpoint`` is told of each checkpoint of
    the journal.
    """
    clock = clock or SkippingClock()
    clients = clients or clients_of()
    store = Store(clients("dynamodb", client_config()), tables or Tables(), clock)

    def ordinary(who: str, permissions: Collection[str], resource: str) -> Cloud:
        del resource
        return Cloud(clients, permissions, who)

    def answer(callback: str, value: Any) -> bool:
        return engine.answer(callback, value)

    installation = Installation(
        store,
        catalog or Catalog.load(),
        policy,
        clouds or ordinary,
        clock,
        watch,
        answer=answer,
    )
    engine = LocalEngine(durable_handler(lambda: installation), Journal(journal, clock, checkpoint), clock)
    dispatcher = Dispatcher(installation, lambda run: engine.start(run, {"run": run}))
    return Crew(installation, engine, dispatcher, clients)


def make_tables(clients: ClientMaker, tables: Tables | None = None) -> None:
    """Create the two tables, as template.yaml does."""
    create(clients("dynamodb", client_config()), tables or Tables())
