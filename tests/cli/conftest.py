"""A served demo for each test: one server for the session, an empty ledger and a journal of one's own."""

import copy
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import api
from nightcrew.admission.policy_file import load
from nightcrew.api.desk import Home
from nightcrew.api.people import VARIABLES, People, Right
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import ClientMaker
from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT, Crew, crew, make_tables
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.installation import nobody
from nightcrew.ledger.store import Tables
from tests.cli.cloud import REGION, Demo, Quiet, Stall, at_once
from tests.cli.deployed import ALIAS, NAME, PARAMETER, Deployed, Executor, template
from tests.cli.gateway import Gateway, opened
from tests.cli.night import GONE, ran
from tests.dispatch.glass import closed_port

Items = dict[str, Any]
"""What the two tables hold, by the table's name."""


@dataclass(frozen=True)
class Lived:
    """A night that is over: who is who in it, what it left in the tables, and when it was over."""

    names: dict[str, str]
    items: Items
    over: datetime


def tables() -> dict[str, Any]:
    """The two tables, as moto has them in this process."""
    made = dynamodb_backends[ACCOUNT][REGION].tables
    return {name: made[name] for name in (Tables().ledger, Tables().state)}


@pytest.fixture(scope="session")
def served_cloud(cloud: None) -> Iterator[tuple[str, Stall]]:
    """The session's moto, over HTTP on a free port of this machine."""
    del cloud
    stall, moto = Stall(), DomainDispatcherApplication(create_backend_app)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if stall.words:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            stall.passing(body)
        with stall.one_at_a_time:
            return moto(environ, start_response)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    with at_once(endpoint, stall):
        yield endpoint, stall
    server.shutdown()
    thread.join()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def served_clients(served_cloud: tuple[str, Stall]) -> ClientMaker:
    """Clients of the served cloud, made once, with the two tables."""
    endpoint, _ = served_cloud
    clients = cache(Clients(REGION, endpoint, {"AccessKeyId": "embedded", "SecretAccessKey": "embedded"}))
    make_tables(clients)
    return clients


@pytest.fixture
def demo(served_cloud: tuple[str, Stall], served_clients: ClientMaker, state: Path) -> Iterator[Demo]:
    """A demo that is being served, with an empty ledger."""
    endpoint, stall = served_cloud
    journal = state / "nightcrew" / "journal.sqlite"
    served.write(served.Served(endpoint, str(journal), os.getpid(), region=REGION))
    yield Demo(endpoint, journal, stall, served_clients)
    stall.off()
    for table in tables().values():
        table.items.clear()


@pytest.fixture
def team(demo: Demo, catalog: Catalog) -> Crew:
    """A crew on the demo's cloud, with its journal."""
    return crew(load(""), clients=demo.clients, journal=demo.journal, catalog=catalog)


@pytest.fixture(scope="session")
def lived() -> list[Lived]:
    """The night, once it was lived: each test that looks at it finds what it left."""
    return []


@pytest.fixture
def night(demo: Demo, team: Crew, lived: list[Lived]) -> dict[str, str]:
    """What happened: an instance was restarted, asked for again too soon, and one that does not exist was asked for."""
    clock = team.installation.clock
    if not lived:
        instance = demo.instance()
        names = {
            "instance": instance,
            "succeeded": ran(team, instance, "it hangs"),
            "refused": ran(team, instance),
            "not_applicable": ran(team, GONE),
        }
        items = {name: copy.deepcopy(table.items) for name, table in tables().items()}
        lived.append(Lived(names, items, clock.now()))
        return dict(names)
    [before] = lived
    for name, table in tables().items():
        table.items.update(copy.deepcopy(before.items[name]))
    clock.sleep(max(0.0, (before.over - clock.now()).total_seconds()))
    return dict(before.names)


@pytest.fixture
def reached(demo: Demo) -> dict[str, Any]:
    """An environment whose AWS is the served cloud, as a caller's own account."""
    return {"AWS_ENDPOINT_URL": demo.endpoint, "AWS_REGION": REGION}


@pytest.fixture
def cut(reached: dict[str, Any]) -> dict[str, Any]:
    """The same, where DynamoDB cannot be reached."""
    return {**reached, "AWS_ENDPOINT_URL_DYNAMODB": closed_port()}


@pytest.fixture
def glass(state: Path) -> Path:
    """Where break-glass keeps its files."""
    return state / "nightcrew" / "break-glass"


@pytest.fixture
def deployed(demo: Demo, reached: dict[str, Any], catalog: Catalog) -> Iterator[Deployed]:
    """A stack in that cloud, whose policy is in a parameter."""
    executor = Executor(demo.clients, demo.journal, catalog)
    demo.stall.instead = executor.respond
    cloudformation = demo.client("cloudformation")
    given = {"Autonomy": "auto", "PolicyParameter": PARAMETER}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    cloudformation.create_stack(StackName=NAME, TemplateBody=template(), Parameters=parameters)
    stack = Deployed(demo, executor, reached)
    stack.policy("rules: []")
    yield stack
    executor.through()
    cloudformation.delete_stack(StackName=NAME)


@pytest.fixture
def gateway(deployed: Deployed, tmp_path: Path) -> Iterator[Gateway]:
    """That stack's HTTP API: ``ada`` and ``ops`` may act, ``bob`` may decide, whoever else is let in only looks."""
    environment = {
        "NIGHTCREW_LEDGER": Tables().ledger,
        "NIGHTCREW_STATE": Tables().state,
        "NIGHTCREW_EXECUTOR": ALIAS,
        "NIGHTCREW_AUTONOMY": "auto",
        "NIGHTCREW_POLICY_PARAMETER": PARAMETER,
    }
    people = People.of(
        {
            VARIABLES[Right.OPERATE]: "arn:aws:iam::123456789012:user/ada,arn:aws:iam::123456789012:user/ops",
            VARIABLES[Right.APPROVE]: "arn:aws:iam::123456789012:user/bob,arn:aws:iam::123456789012:user/ops",
        }
    )

    @cache
    def made() -> Callable[[], Dispatcher]:
        """At the first request: by then the test has put its policy."""
        return front_door(environment, nobody, deployed.demo.clients)

    def door() -> Dispatcher:
        return made()()

    handler = api.serving(door, people, Home("123456789012", REGION), tmp_path)
    with opened(Gateway(handler, REGION)) as gate:
        yield gate
