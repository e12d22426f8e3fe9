"""An emulator for the session, sixteen clients of it, and two tables of each test's own."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aws_durable_execution_sdk_python import state
from botocore.config import Config

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.change import INTERRUPTIONS
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import CHANGING
from nightcrew.demo.embedded import clients_of
from nightcrew.ledger.schema import create
from nightcrew.ledger.store import Tables, client_config
from tests.concurrency.arena import WORKERS, Arena, Names
from tests.concurrency.emulator import NoEmulator, emulator
from tests.concurrency.lives import Seat
from tests.concurrency.report import Report
from tests.concurrency.stage import POLICY, Stage, change_thrice
from tests.concurrency.weather import Line, Lots

_REPORT = pytest.StashKey[Report]()
_names = Names("test")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_REPORT] = Report()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    seen = config.stash[_REPORT].seen
    if seen:
        terminalreporter.section("what must hold under concurrency")
    for each in seen:
        terminalreporter.write_line(str(each))


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Iterator[Report]:
    """Written at the end, also of a session in which a test failed."""
    report = pytestconfig.stash[_REPORT]
    yield report
    report.write()


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """Clients of ministack, which ends with the session."""
    try:
        with emulator(os.environ.get("NIGHTCREW_MINISTACK"), tmp_path_factory.mktemp("ministack")) as endpoint:
            yield clients_of(endpoint)
    except NoEmulator as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def lines(emulated: Clients) -> list[Line]:
    """A client of its own for each worker."""
    # That requests are well formed is proved elsewhere; here it would cost an eighth of the time.
    config = client_config().merge(Config(parameter_validation=False))
    return [Line(emulated("dynamodb", config), Lots(seed)) for seed in range(WORKERS)]


@pytest.fixture
def tables(lines: list[Line]) -> Tables:
    """Nobody else's."""
    name = _names()
    tables = Tables(f"ledger-{name}", f"state-{name}")
    create(lines[0].client, tables)
    return tables


@pytest.fixture
def arena(lines: list[Line], tables: Tables) -> Iterator[Arena]:
    """Calm weather, until a test sets another."""
    arena = Arena(tables, lines)
    yield arena
    arena.set("calm")


@pytest.fixture(autouse=True)
def _quick_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK looks every 0.1 s whether its checkpoint thread shall stop: for each invocation of each test."""
    monkeypatch.setattr(state, "_STOP_SIGNAL_POLL_SECONDS", 0.005)


@pytest.fixture(scope="session")
def seats(emulated: Clients) -> list[Seat]:
    """For as many lives as one run has at most."""
    policy, catalog = load(POLICY), Catalog([change_thrice])
    return [Seat(emulated, policy, catalog) for _ in range(INTERRUPTIONS + 2)]


@pytest.fixture
def stage(seats: list[Seat], arena: Arena, tmp_path: Path, emulated: Clients) -> Iterator[Stage]:
    """With a queue of its own. Its journals are many, and do not stay."""
    queue = _names()
    emulated("sqs", CHANGING).create_queue(QueueName=queue)
    with TemporaryDirectory(dir=tmp_path) as directory:
        yield Stage(seats, arena, Path(directory), queue)
