"""One warm cloud for the whole suite, and a crew of one's own for each test."""

import gc
import itertools
import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import hypothesis
import pytest
from aws_durable_execution_sdk_python import state

from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.outline import outline
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.cli import commands
from nightcrew.clock import SkippingClock
from nightcrew.console.rendering import templates
from nightcrew.demo.embedded import clients_of, embedded_cloud, make_tables
from nightcrew.demo.house import EVERYTHING_RUNS, House
from nightcrew.demo.models_once import models_once
from nightcrew.demo.scripted import Scripted
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import Piece

EVENTS = Path(__file__).parent.parent / "events"


def pytest_configure(config: pytest.Config) -> None:
    """Some tests import moto before the cloud goes up. And what is loaded until all are collected stays: it need not be
    searched for garbage again and again, which took a tenth of all. What an example may take is no fact: it depends on
    who else is at work.
    """
    gc.disable()
    hypothesis.settings.register_profile("ours", deadline=None)
    hypothesis.settings.load_profile("ours")
    stack = ExitStack()
    stack.enter_context(models_once())
    config.add_cleanup(stack.close)


def pytest_collection_finish() -> None:
    """From here on only what tests make is searched."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_before_workers() -> None:
    """What every worker needs is loaded before they are copied: the cloud, AWS's models, the runbooks, the commands,
    the console's templates.
    """
    with embedded_cloud():
        clients = clients_of()
        make_tables(clients)
        for service in ASKED_MOST:
            clients(service, READING)
    for door in DOORS:
        import_module(f"moto.{door}.urls")
    for command in iter_modules(commands.__path__, f"{commands.__name__}."):
        import_module(command.name)
    for runbook in Catalog.load().values():
        outline(runbook)
    for name in templates().list_templates():
        templates().get_template(name)
    gc.freeze()


ASKED_MOST = (
    "application-autoscaling",
    "application-signals",
    "autoscaling",
    "backup",
    "cloudformation",
    "cloudwatch",
    "ec2",
    "ecs",
    "elasticache",
    "elbv2",
    "events",
    "fis",
    "iam",
    "kinesis",
    "lambda",
    "logs",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "service-quotas",
    "sns",
    "sqs",
    "ssm",
    "sts",
)

DOORS = (
    "applicationautoscaling",
    "autoscaling",
    "cloudformation",
    "cloudwatch",
    "ec2",
    "ecs",
    "elasticache",
    "elb",
    "elbv2",
    "events",
    "iam",
    "kinesis",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "servicequotas",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
"""Where moto answers what is asked most; it loads each at the first request."""

_ended = itertools.count(1)


def pytest_runtest_logfinish() -> None:
    """What the last tests left is searched where much of it is open files, or one process runs all: a worker of several
    ends before that. To search took a second for a thousand tests, a twentieth of all, and what it finds is 200 MB.
    """
    ended = next(_ended)
    if ended % 4000 == 0 or (ended % 100 == 0 and _open_files() > MANY_FILES):
        gc.collect()
        gc.freeze()


MANY_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
"""Half of what this process may have."""


def _open_files() -> int:
    """About how many this process has: a new one takes the lowest number that is free."""
    lowest = os.dup(2)
    os.close(lowest)
    return lowest


def pytest_sessionfinish() -> None:
    """And what the very last ones left: pytest itself searches five times, then through nothing."""
    gc.collect()
    gc.freeze()


ALONE = ("build", "concurrency", "kill", "browser", "e2e")


@pytest.fixture(autouse=True, scope="session")
def _quick_ends() -> Iterator[None]:
    """The SDK looks every 0.1 s whether its checkpoint thread shall stop: for each invocation of each test. And it
    holds each checkpoint for a millisecond, in case a parallel branch has one, too: a run has none.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "_STOP_SIGNAL_POLL_SECONDS", 0.005)
        patch.setattr(state, "_BLOCKED_CALLER_WAIT_SECONDS", 0)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_width() -> Iterator[None]:
    """What is printed has the width that a test gives it, not that of whoever runs the suite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _outermost(request: pytest.FixtureRequest) -> None:
    """The warm cloud goes up before any other, and so down after it: what each of them gives moto is taken away in
    reverse. Where emulators are asked, or processes killed, there is none.
    """
    if not any(item.get_closest_marker(name) for item in request.session.items for name in ALONE):
        request.getfixturevalue("cloud")


@pytest.fixture(scope="session")
def cloud() -> Iterator[None]:
    """moto, started once, with the two tables."""
    with embedded_cloud():
        make_tables(clients_of())
        yield


@pytest.fixture(scope="session")
def clients(cloud: None) -> ClientMaker:
    """Clients of the cloud as it is, made once."""
    del cloud
    return cache(clients_of())


@pytest.fixture(scope="session")
def scripted(cloud: None) -> Scripted:
    """The cloud as runbooks see it, its clients made once; ``house`` resets it."""
    del cloud
    return Scripted(clients_of())


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog, loaded once."""
    return Catalog.load()


@pytest.fixture(scope="session")
def auto_policy() -> Policy:
    """A policy under which every family runs by itself."""
    return load(EVERYTHING_RUNS)


@pytest.fixture
def house(clients: ClientMaker, scripted: Scripted, catalog: Catalog, auto_policy: Policy) -> House:
    """A crew whose AWS follows a script, on a clock that skips waits, with an empty ledger. Name resources anew in each
    test: the cloud is shared.
    """
    scripted.reset()
    return House.build(clients, scripted, catalog, auto_policy, SkippingClock())


@pytest.fixture
def on_tables(clients: ClientMaker, scripted: Scripted, catalog: Catalog, auto_policy: Policy) -> House:
    """The same with its ledger in the two tables, as it is deployed: for doors, and for replies that get lost. All
    tests share them, but for the breaker of the runbook that most of them start: some make it fail.
    """
    scripted.reset()
    clock = SkippingClock()
    store = Store(clients("dynamodb", client_config()), clock=clock)
    store.transact([Piece("state", breaker_key("restart-ec2-instance"), gate="breaker", delete=True)])
    return House.build(clients, scripted, catalog, auto_policy, clock, store)


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """An event of ``events/`` by name."""

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
        return found

    return read
