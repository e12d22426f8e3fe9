"""A served demo for each test: one server for the session, tables and a journal of one's own."""

import os
import threading
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from nightcrew.admission.policy_file import load
from nightcrew.aws.clients import Clients
from nightcrew.demo import served
from nightcrew.demo.embedded import Crew, crew, make_tables
from nightcrew.ledger.store import Tables, client_config
from tests.cli.cloud import REGION, Demo, Quiet, Stall
from tests.cli.night import GONE, ran


@pytest.fixture(scope="session")
def served_cloud(cloud: None) -> Iterator[tuple[str, Stall]]:
    """The session's moto, over HTTP on a free port of this machine."""
    del cloud
    stall, moto = Stall(), DomainDispatcherApplication(create_backend_app)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if stall.words:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            if stall.words in body:
                stall.reached.set()
                stall.go.wait(30)
        return moto(environ, start_response)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", stall
    server.shutdown()
    thread.join()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def demo(served_cloud: tuple[str, Stall], state: Path) -> Iterator[Demo]:
    """A demo that is being served, with an empty ledger."""
    endpoint, stall = served_cloud
    clients = cache(Clients(REGION, endpoint, {"AccessKeyId": "embedded", "SecretAccessKey": "embedded"}))
    make_tables(clients)
    journal = state / "nightcrew" / "journal.sqlite"
    served.write(served.Served(endpoint, str(journal), os.getpid(), region=REGION))
    yield Demo(endpoint, journal, stall, clients)
    stall.off()
    for table in (Tables().ledger, Tables().state):
        clients("dynamodb", client_config()).delete_table(TableName=table)


@pytest.fixture
def team(demo: Demo) -> Crew:
    """A crew on the demo's cloud, with its journal."""
    return crew(load(""), clients=demo.clients, journal=demo.journal)


@pytest.fixture
def night(demo: Demo, team: Crew) -> dict[str, str]:
    """What happened: an instance was restarted, asked for again too soon, and one that does not exist was asked for."""
    instance = demo.instance()
    return {
        "instance": instance,
        "succeeded": ran(team, instance, "it hangs"),
        "refused": ran(team, instance),
        "not_applicable": ran(team, GONE),
    }
