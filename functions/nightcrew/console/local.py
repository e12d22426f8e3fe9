"""A console on loopback: its pages, its way in, and the end of the process that serves them."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import FrameType

from nightcrew.api.desk import Desk
from nightcrew.api.people import Person
from nightcrew.console.console import Console
from nightcrew.console.key import ENTER, KeySignIn
from nightcrew.console.loopback import Loopback
from nightcrew.console.words import address
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.local.worker import Worker

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Whose:
    """Who started it, by ARN. In a demo one person plays several ``players``; ``arn`` gives their ARN."""

    actor: str
    players: Sequence[str] = ()
    arn: Callable[[str], str] = str


@dataclass(frozen=True)
class Up:
    """A console that is up. ``address`` has its key, ``once`` gives one whose key lets in one time."""

    address: str
    once: Callable[[], str]


@contextmanager
def console_on(
    loopback: Loopback,
    whose: Whose,
    desk_for: Callable[[Person], Desk],
    now: Callable[[], datetime],
    slip: Callable[[Exception], None],
) -> Iterator[Up]:
    """Serve it, in threads of its own, while the block lasts."""
    sign_in = KeySignIn(whose.actor, loopback.hosts, players=whose.players, arn=whose.arn)
    at = loopback.address + ENTER
    with loopback.serving(Console(desk_for, sign_in, now, slip)):
        yield Up(address(at, key=sign_in.key), lambda: address(at, key=sign_in.once()))


def carried_by(worker: Worker, door: Dispatcher) -> Dispatcher:
    """The same front door; what is started and answered there, the worker carries on."""
    return replace(door, installation=replace(door.installation, answer=worker.answer), start=worker.start)


class Ending:
    """Whether the process was asked to end, by Ctrl-C or a signal: what it does at that moment is done first.

    ``wake`` is called then, in the signal's handler. Who asks a second time is obeyed at once.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.asked = False
        self._wake = wake

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the block lasts, in the main thread."""
        before = {number: signal.signal(number, self._ask) for number in ENDINGS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        for each in ENDINGS:
            signal.signal(each, signal.SIG_DFL)
        self._wake()
