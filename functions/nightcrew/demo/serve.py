"""The demo's cloud on loopback: any AWS client can look at it, and ``nightcrew --demo …`` elsewhere works on it."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nightcrew.clock import Clock
from nightcrew.console.local import Ending
from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.served import Served
from nightcrew.demo.stage import ADA, Stage
from nightcrew.engine.local.worker import Worker
from nightcrew.errors import BadInput, Unknown

HOST = "127.0.0.1"

ASKED = {"instance_id": "i-0abc1234def567890", "even_if_healthy": True}
"""What waits for an approval while the demo is served."""


@contextmanager
def cloud_on_loopback(port: int = 0) -> Iterator[str]:
    """Serve moto, as it is in this process, while the block lasts; gives its endpoint. Raises BadInput (the port)."""
    from moto.server import ThreadedMotoServer

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BadInput("--port", port, f"a free port of {HOST} ({error.strerror})") from error
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print each request
    server = ThreadedMotoServer(HOST, port, verbose=False)
    server.start()
    try:
        yield f"http://{HOST}:{server.get_host_and_port()[1]}"
    finally:
        server.stop()


@contextmanager
def journal_for_others() -> Iterator[Path]:
    """A journal's file that others can open; it is removed with the cloud. Raises BadInput while a demo is up."""
    with suppress(Unknown):
        other = served.read()
        if _lives(other.pid):
            allowed = f"process {other.pid} serves one at {other.endpoint}: end that one first"
            raise BadInput("--serve", "a second demo", allowed)
    file = served.directory() / f"journal-{os.getpid()}.sqlite"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield file
    finally:
        for each in (file, *(file.with_name(file.name + more) for more in ("-wal", "-shm"))):
            each.unlink(missing_ok=True)


def keep_up(stage: Stage, endpoint: str, journal: Path, worker: Worker) -> None:
    """Tell others where the cloud is, carry what ``worker`` is handed, and keep all of it until Ctrl-C, or until the
    process is asked to end.
    """
    served.write(Served(endpoint, str(journal), os.getpid(), served.ahead_of(stage.clock), REGION, ACCOUNT))
    ending = Ending(worker.wake)
    try:
        with ending.listening():
            while not ending.asked:
                worker.work(1.0)
                keep_time(stage.clock)
                stage.alarms.look()
    finally:
        served.remove(os.getpid())


def questions_left(stage: Stage) -> list[str]:
    """Somebody asks for what policy wants a second person's word for: that run waits for whoever looks. None where a
    gate turns it away.
    """
    crew = stage.crew
    answer = crew.dispatcher.person(
        "reboot-ec2-instance", ASKED, actor=ADA, account=ACCOUNT, region=REGION, reason="it answers, and slowly"
    )
    return [answer.run] if answer.kind == "admitted" and answer.run is not None else []


def keep_time(clock: Clock) -> None:
    """Our clock goes on from where others' are, and theirs from where ours is: all skip waits."""
    with suppress(Unknown):
        served.follow(clock)
        if served.ahead_of(clock) - served.read().ahead >= 1:
            served.moved(served.ahead_of(clock))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True
