"""Where the demo's cloud can be found while ``nightcrew demo --serve`` keeps it up: a small file in the user's state
directory.

The process that serves writes it and removes it; ``nightcrew --demo …`` in another terminal reads it.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

from nightcrew.clock import Clock, SystemClock
from nightcrew.errors import Unknown


@dataclass(frozen=True)
class Served:
    """A cloud that is kept up: its endpoint, the local engine's journal, and the process that keeps it.

    ``ahead`` is how many seconds its clock is ahead of the machine's, since waits are skipped: who writes into the
    same ledger goes on from there. ``region`` and ``account`` are the demo's.
    """

    endpoint: str
    journal: str
    pid: int
    ahead: float = 0.0
    region: str = "eu-west-1"
    account: str = "123456789012"


def where() -> Path:
    """The file: ``$XDG_STATE_HOME/nightcrew/demo.json``, or under ``~/.local/state`` (XDG Base Directory
    Specification).
    """
    return directory() / "demo.json"


def directory() -> Path:
    """The user's state directory for Nightcrew; the journal of a served demo has its place there, too."""
    given = os.environ.get("XDG_STATE_HOME", "")
    # The specification: a relative path there is to be ignored.
    home = Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "state"
    return home / "nightcrew"


def write(served: Served) -> Path:
    """Say where the cloud is; returns the file. Whole or not at all, and nobody else's to read."""
    file = where()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(served), out, indent=2)
    draft.replace(file)
    return file


def read() -> Served:
    """Where the cloud is. Raises Unknown where none is served, or the file cannot be read."""
    file = where()
    try:
        return Served(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Unknown("no demo is up: start one in another terminal with `nightcrew demo --serve`") from None
    except (OSError, ValueError, TypeError) as error:
        raise Unknown(f"{file} cannot be read ({error}): remove it, and start `nightcrew demo --serve` anew") from error


def moved(ahead: float) -> None:
    """A run skipped waits: the cloud's clock is so many seconds ahead now. It only ever goes on."""
    served = read()
    if ahead > served.ahead:
        write(replace(served, ahead=ahead))


def ahead_of(clock: Clock) -> float:
    """How many seconds a clock is ahead of the machine's."""
    return (clock.now() - SystemClock().now()).total_seconds()


def follow(clock: Clock) -> None:
    """Others skip waits, too: our clock goes on from where theirs is. Raises Unknown where no demo is up any more."""
    theirs = SystemClock().now() + timedelta(seconds=read().ahead)
    clock.sleep((theirs - clock.now()).total_seconds())


def remove(pid: int) -> None:
    """The cloud ends. Another process's file is left alone."""
    try:
        mine = read().pid == pid
    except Unknown:
        return
    if mine:
        where().unlink(missing_ok=True)
