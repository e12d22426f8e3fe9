"""A whole Nightcrew in one process: moto as the cloud, the tables, the local engine, the real way from event to ledger.

Waits are skipped, everything else is as on AWS: the same admission, the same body, the same ledger.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.admission.application_signals import ApplicationSignals
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.aws.web import Web
from nightcrew.clock import Clock, SkippingClock
from nightcrew.demo.models_once import models_once
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import CloudFor, Installation, Watch, nobody
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.knowledge.recall.brief import brief
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
    kept = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        with models_once(), _whole_moto():
            yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _whole_moto() -> Iterator[None]:
    # moto loads for a second or two, and who works on a cloud that another process serves needs none of it.
    from moto import mock_aws

    from nightcrew.demo.automations import whole_automations
    from nightcrew.demo.backups import whole_backups
    from nightcrew.demo.caches import whole_caches
    from nightcrew.demo.clusters import whole_clusters
    from nightcrew.demo.databases import whole_databases
    from nightcrew.demo.experiments import whole_experiments
    from nightcrew.demo.functions import whole_functions
    from nightcrew.demo.global_clusters import whole_global_clusters
    from nightcrew.demo.machines import whole_machines
    from nightcrew.demo.objectives import whole_objectives
    from nightcrew.demo.one_at_a_time import one_at_a_time
    from nightcrew.demo.queues import whole_queues
    from nightcrew.demo.quick_answers import quick_answers
    from nightcrew.demo.quick_instances import quick_instances
    from nightcrew.demo.quick_requests import quick_requests
    from nightcrew.demo.quick_shapes import quick_shapes
    from nightcrew.demo.quick_tables import quick_tables
    from nightcrew.demo.quick_xml import quick_xml
    from nightcrew.demo.quotas import whole_quotas
    from nightcrew.demo.region_switches import whole_region_switches
    from nightcrew.demo.root_volumes import whole_root_volumes
    from nightcrew.demo.routing_controls import whole_routing_controls
    from nightcrew.demo.scaling import whole_groups
    from nightcrew.demo.services import whole_services
    from nightcrew.demo.tables import whole_tables
    from nightcrew.demo.transactions import quick_transactions
    from nightcrew.demo.usage import whole_usage
    from nightcrew.demo.zonal_shifts import whole_zonal_shifts

    whole = (
        mock_aws,
        whole_groups,
        whole_machines,
        whole_experiments,
        whole_root_volumes,
        whole_tables,
        whole_backups,
        whole_databases,
        whole_clusters,
        whole_global_clusters,
        whole_quotas,
        whole_usage,
        whole_objectives,
        whole_caches,
        whole_automations,
        whole_zonal_shifts,
        whole_routing_controls,
        whole_region_switches,
        whole_functions,
        whole_queues,
        whole_services,
        quick_transactions,
        quick_tables,
        quick_answers,
        quick_instances,
        quick_shapes,
        quick_xml,
        quick_requests,
        one_at_a_time,
    )
    with ExitStack() as stack:
        for block in whole:
            stack.enter_context(block())
        yield


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
    clouds: CloudFor | None = None,
    store: Store | None = None,
    looks: int = 1000,
) -> Crew:
    """Wire a crew over a store, or over tables that exist (``make_tables`` makes them). ``checkpoint`` is told of each
    checkpoint of the journal; ``looks`` is the engine's.
    """
    clock = clock or SkippingClock()
    clients = clients or clients_of()
    store = store or Store(clients("dynamodb", client_config()), tables or Tables(), clock)

    def ordinary(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
        del resource, family
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
        web=Web(local=True),
        recalls=brief,
    )
    kept = Journal(journal, clock, checkpoint)
    engine = LocalEngine(durable_handler(lambda: installation), kept, clock, looks=looks)
    budgets = ApplicationSignals(clients)
    dispatcher = Dispatcher(installation, lambda run: engine.start(run, {"run": run}), budgets=budgets)
    return Crew(installation, engine, dispatcher, clients)


def make_tables(clients: ClientMaker, tables: Tables | None = None) -> None:
    """Create the two tables, as template.yaml does."""
    create(clients("dynamodb", client_config()), tables or Tables())
