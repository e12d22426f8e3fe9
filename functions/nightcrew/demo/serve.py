"""The demo's cloud on loopback: any AWS client can look at it, and ``nightcrew --demo …`` elsewhere works on it."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType

from nightcrew.clock import SystemClock
from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.served import Served
from nightcrew.demo.stage import Stage
from nightcrew.errors import BadInput, Unknown

HOST = "127.0.0.1"


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


def keep_up(stage: Stage, endpoint: str, journal: Path) -> None:
    """Tell others where the cloud is, and keep it until Ctrl-C, or until the process is asked to end."""
    ahead = (stage.clock.now() - SystemClock().now()).total_seconds()
    served.write(Served(endpoint, str(journal), os.getpid(), ahead, REGION, ACCOUNT))
    ended = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _ending(ended)) for number in numbers}
    try:
        while not ended.wait(1.0):
            _follow(stage)
            stage.alarms.look()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        served.remove(os.getpid())


def _follow(stage: Stage) -> None:
    """Others skip waits, too: our clock goes on from where theirs is."""
    with suppress(Unknown):
        theirs = SystemClock().now() + timedelta(seconds=served.read().ahead)
        stage.clock.sleep((theirs - stage.clock.now()).total_seconds())


def _ending(ended: threading.Event) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    return end


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True
