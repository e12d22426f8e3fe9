"""The cloud on loopback, and the file that tells others where it is."""

import os
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from nightcrew.aws.cloud import READING
from nightcrew.demo import served
from nightcrew.demo.embedded import clients_of
from nightcrew.demo.serve import HOST, cloud_on_loopback, journal_for_others, keep_up
from nightcrew.demo.served import Served
from nightcrew.errors import BadInput, Unknown
from tests.demo.conftest import Build


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", HOST)
    return tmp_path


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
    keep_up(stage, "http://127.0.0.1:1", Path("journal"))
    other.join()
    assert found[0].endpoint == "http://127.0.0.1:1"
    assert found[0].ahead > 3500
    with pytest.raises(Unknown):
        served.read()
