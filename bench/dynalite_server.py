"""dynalite, a DynamoDB over LevelDB, on this machine: right about queries and indexes, and flat to a million items.

It is an npm package: pinned with its packages by ``bench/dynalite/package-lock.json``, and put into ``.bench/``.
"""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

PINNED = Path(__file__).parent / "dynalite"
HOME = Path(".bench/dynalite")
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
_LOCK = "package-lock.json"
_PATIENCE = 600  # seconds, for npm


class NoDynalite(Exception):
    """It cannot be had on this machine; the text says why."""


def installed() -> Path:
    """The directory of its scripts, installed where they were not. Raises NoDynalite."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoDynalite("node and npm are needed (Node.js 20 or later), and are not on this machine")
    for each in PINNED.iterdir():
        HOME.mkdir(parents=True, exist_ok=True)
        shutil.copy(each, HOME)
    stamp = HOME / "node_modules" / ".installed"
    lock = (PINNED / _LOCK).read_text()
    if not stamp.is_file() or stamp.read_text() != lock:
        try:
            subprocess.run([npm, *_INSTALL], cwd=HOME, check=True, capture_output=True, text=True, timeout=_PATIENCE)
        except subprocess.CalledProcessError as error:
            lines = [line for line in error.stderr.splitlines() if "error" in line.lower()]
            raise NoDynalite(f"npm could not install it: {' '.join(lines[:2]) or error}") from error
        except subprocess.TimeoutExpired as error:
            raise NoDynalite("npm did not install it within ten minutes") from error
        stamp.write_text(lock)
    return HOME


@contextmanager
def served(path: Path) -> Iterator[Any]:
    """A client of the tables that are kept in that directory. Raises NoDynalite."""
    node, home = shutil.which("node") or "", installed()
    serving = [node, "serve.cjs", str(path.resolve())]
    with subprocess.Popen(serving, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            if not port:
                raise NoDynalite(f"it does not start; see what `node serve.cjs` in {HOME} says (Node.js 20 or later?)")
            client = _client(port)
            try:
                client.list_tables()
            except BotoCoreError as error:
                raise NoDynalite(f"it cannot read {path}: another one may be reading it; or remove it") from error
            yield client
        finally:
            server.stdin.close()  # it ends with its input, also where we are killed


def _client(port: str) -> Any:
    """Of a session of its own: an older one knows nothing of a log that is kept since."""
    return boto3.Session().client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",  # noqa: S106  any will do
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


def fill(path: Path, lines: Iterable[str]) -> int:
    """Put lines of ``[table, item]`` into tables that are there and not served; how many it took. Raises NoDynalite."""
    node, home = shutil.which("node") or "", installed()
    filling = [node, "fill.cjs", str(path.resolve())]
    with subprocess.Popen(filling, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as filler:
        assert filler.stdin is not None
        assert filler.stdout is not None
        try:
            for line in lines:
                filler.stdin.write(line + "\n")
            filler.stdin.close()
        except BrokenPipeError as error:
            raise NoDynalite("filling its tables ended early") from error
        said = filler.stdout.read().strip()
    if filler.returncode or not said.isdigit():
        raise NoDynalite(f"filling its tables ended with {filler.returncode}")
    return int(said)
