"""ministack as a child process: the emulator whose transactions are right under threads."""

import http.client
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from nightcrew.demo.embedded import ACCOUNT

HOST = "127.0.0.1"
HEALTH = "/_ministack/health"
LOOKS = 600
"""How often it is asked whether it is up, with a tenth of a second between: a minute on a slow machine."""

STARTS = 3
"""A port that was free may be another's a moment later: then it is started on another one."""

MISSING = (
    "These tests need ministack, an emulator of AWS. Run `make test-concurrency` or `make e2e`, which install it in "
    ".venv-ministack, or name a Python that has it: NIGHTCREW_MINISTACK=/path/to/bin/python"
)


class NoEmulator(Exception):
    """It cannot be started; the words say what to do."""


@contextmanager
def emulator(
    python: str | None,
    directory: Path,
    launch: Sequence[str] = ("-m", "ministack"),
    more: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Its endpoint, for as long as the block lasts. ``python`` is one that has ministack, and is given ``launch``; its
    files, and ``ministack.log``, go to ``directory``; ``more`` is added to its environment. Raises NoEmulator.
    """
    if python is None or not _has_ministack(python):
        raise NoEmulator(f"{MISSING}. NIGHTCREW_MINISTACK is {python!r}.")
    for _ in range(STARTS):
        port = _free_port()
        with (directory / "ministack.log").open("w") as log:
            child = subprocess.Popen(
                [python, *launch],
                env={**_environment(port, directory), **(more or {})},
                cwd=directory,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            if _answers(child, port):
                yield f"http://{HOST}:{port}"
                return
        finally:
            _end(child)
    raise NoEmulator(f"ministack did not come up. It said:\n{(directory / 'ministack.log').read_text()[-2000:]}")


def _has_ministack(python: str) -> bool:
    try:
        return not subprocess.run([python, "-c", "import ministack"], check=False, capture_output=True).returncode
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(port: int, directory: Path) -> dict[str, str]:
    """The caller's own, without what is about the real AWS; nothing is kept, and nothing is heard outside loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return kept | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "0",
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        "TMPDIR": str(directory),
    }


def _answers(child: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether it came up; False where it ended instead."""
    pause = threading.Event()
    for _ in range(LOOKS):
        if child.poll() is not None:
            return False
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", HEALTH)
            if connection.getresponse().status == http.client.OK:
                return True
        except OSError:
            pause.wait(0.1)
        finally:
            connection.close()
    return False


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    # A function that it started would sit through the waits of its run.
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
