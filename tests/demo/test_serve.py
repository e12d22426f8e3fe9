"""The cloud on loopback, and the file that tells others where it is."""

import os
import signal
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from nightcrew.admission.approvals import find
from nightcrew.aws.cloud import READING
from nightcrew.demo import served
from nightcrew.demo.embedded import clients_of
from nightcrew.demo.serve import ASKED, HOST, cloud_on_loopback, journal_for_others, keep_time, keep_up, questions_left
from nightcrew.demo.served import Served
from nightcrew.demo.stage import Stage
from nightcrew.engine.local import Journal
from nightcrew.engine.local.worker import Means, Worker
from nightcrew.errors import BadInput, Unknown
from tests.demo.conftest import Build


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", HOST)
    return tmp_path


def worker_of(stage: Stage) -> Worker:
    """Nothing is handed to it."""

    def slip(error: Exception) -> None:
        raise error

    journal = Journal(":memory:", stage.clock)
    return Worker(Means(stage.crew.engine, journal, stage.crew.store, stage.clock), slip)


def test_others_see_over_http_what_was_changed_here(build: Build) -> None:
    """One cloud, in the process and on loopback."""
    stage = build()
    name = "i-0aced000000000002"
    arn = f"arn:aws:ec2:eu-west-1:123456789012:instance/{name}"
    stage.fleet.have(arn)
    stage.estate.plain(arn)("ec2", READING).stop_instances(InstanceIds=[name])
    with cloud_on_loopback() as endpoint:
        seen = clients_of(endpoint)("ec2", READING).describe_instances(InstanceIds=[name])
        assert endpoint.startswith(f"http://{HOST}:")
        assert seen["Reservations"][0]["Instances"][0]["State"]["Name"] == "stopped"


def test_a_port_that_is_taken_is_refused() -> None:
    """Named, before anything is served."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(BadInput, match="--port"), cloud_on_loopback(other.getsockname()[1]):
            pass


def test_a_second_demo_is_refused_while_one_is_up() -> None:
    """Its process and endpoint are named; a dead one is no hindrance."""
    served.write(Served("http://127.0.0.1:1", "journal", os.getpid()))
    with pytest.raises(BadInput, match=str(os.getpid())), journal_for_others():
        pass
    served.write(Served("http://127.0.0.1:1", "journal", 2**22 + 1))
    with journal_for_others() as journal:
        journal.touch()
    assert not journal.exists()


def test_a_run_waits_for_whoever_looks(build: Build) -> None:
    """Policy wants a second person's word for it, and there is time for that."""
    stage = build()
    stage.fleet.have(f"arn:aws:ec2:eu-west-1:123456789012:instance/{ASKED['instance_id']}")
    (run,) = questions_left(stage)
    stage.crew.engine.drive(run, until=stage.clock.now())
    question = find(stage.crew.store, run)
    assert question is not None
    assert question.deadline - stage.clock.now() > timedelta(hours=7)


def test_clocks_go_on_from_where_the_others_are(build: Build) -> None:
    """Whoever skips a wait, the others' next step comes after it."""
    stage = build()
    served.write(Served("http://127.0.0.1:1", "journal", os.getpid(), ahead=7200))
    keep_time(stage.clock)
    assert served.ahead_of(stage.clock) > 7199
    stage.clock.sleep(600)
    keep_time(stage.clock)
    assert served.read().ahead > 7799


def test_others_find_the_cloud_while_it_is_up_and_not_after(build: Build) -> None:
    """The file has the endpoint and how far the clock is ahead; it goes with the process's end."""
    stage = build()
    stage.clock.sleep(3600)
    found: list[Served] = []

    def look_and_end() -> None:
        for _ in range(1000):
            with suppress(Unknown):
                found.append(served.read())
                break
            threading.Event().wait(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    other = threading.Thread(target=look_and_end)
    other.start()
    keep_up(stage, "http://127.0.0.1:1", Path("journal"), worker_of(stage))
    other.join()
    assert found[0].endpoint == "http://127.0.0.1:1"
    assert found[0].ahead > 3500
    with pytest.raises(Unknown):
        served.read()
