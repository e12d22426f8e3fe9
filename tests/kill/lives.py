"""A run's lives: each in a forked process, over one journal and one cloud, until one of them is not killed."""

import gc
import os
import signal
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aws_durable_execution_sdk_python import state

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import Clock, SkippingClock, SystemClock
from nightcrew.demo.embedded import Crew
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.durations import in_words
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import Installation
from nightcrew.engine.local import LocalEngine
from nightcrew.ledger.history import opening, running
from nightcrew.ledger.store import Store
from tests.kill.doors import LEDGER, Doors
from tests.kill.life import KILLED, KilledJournal, Life, Told
from tests.kill.scenario import Start

SECONDS = 60
"""A life that takes longer hangs."""

SOON = timedelta(seconds=5)
"""From a life's end to the beginning of the next one."""

RIVAL = 99
"""The number of a life that is none of the run's."""


@dataclass(frozen=True)
class Kill:
    """Where a run's lives are ended, one after the other; ``late`` is how much later the last one begins.

    ``rival`` is a runbook that another process carries out on the same resource before that; ``outcome`` is how the run
    must end then, if it need not be as the undisturbed one does.
    """

    points: tuple[str, ...] = ()
    late: timedelta = SOON
    rival: str = ""
    outcome: str = ""

    @property
    def words(self) -> str:
        points = "; then ".join(self.points) or "not killed"
        late = f"; resumed {in_words(self.late)} later" if self.late != SOON else ""
        return f"{points}{late}{', after a rival' if self.rival else ''}"


@dataclass(frozen=True)
class Staff:
    """What lives are born with, warm: the parent's catalog, policy and clients."""

    catalog: Catalog
    policy: Policy
    doors: Doors

    def crew(self, life: Life, room: Path) -> tuple[Crew, KilledJournal]:
        """A crew as any other, whose journal and clients are places to die at."""
        self.doors.life = life

        def clouds(who: str, permissions: Collection[str], resource: str) -> Cloud:
            return Cloud(self.doors, permissions, who)

        store = Store(self.doors("dynamodb", LEDGER), clock=life.clock)
        installation = Installation(store, self.catalog, self.policy, clouds, life.clock)
        journal = KilledJournal(room / f"{'rival' if life.number == RIVAL else 'journal'}.db", life.clock, life)
        engine = LocalEngine(durable_handler(lambda: installation), journal, life.clock)
        dispatcher = Dispatcher(
            installation, lambda run: engine.start(run, {"run": run}), new_id=lambda _: run_id(life.number)
        )
        return Crew(installation, engine, dispatcher, self.doors), journal


class Astray(AssertionError):
    """A life ended neither at its point nor by itself."""


def run_id(number: int) -> str:
    """The id of a run that a life opens: known before, so that nothing depends on chance."""
    return f"20261121-030000-killed{number:02}"


def live(staff: Staff, runbook: str, start: Start, room: Path, kill: Kill) -> list[Told]:
    """Start a run and kill it at the first point, resume it and kill it at the second, …; at last let it live.

    ``room`` is an empty directory. A life that does not come to its point lives on to the end, and is the last. Raises
    Astray.
    """
    told: list[Told] = []
    for number, deadly in enumerate([*kill.points, None], 1):
        life = Life(number, room / f"life-{number}.jsonl", _clock(told, kill.late if deadly is None else SOON), deadly)
        if deadly is None and kill.rival:
            _rival(staff, kill.rival, start, room, life.clock)

        def work(life: Life = life) -> None:
            crew, journal = staff.crew(life, room)
            if life.number == 1:
                _first(crew, runbook, start)
            else:
                _again(crew, journal, runbook, start, life.number)
            life.tell({"lived": True})

        code = _fork(work, life)
        told.append(Told.read(life.log))
        if code == 0 and told[-1].last.get("lived"):
            return told
        if code != KILLED or told[-1].last.get("point") != deadly:
            raise Astray(f"life {number}, {kill.words}, ended with {code}: {told[-1].last.get('raised')}")
    raise AssertionError("the last life is not killed")


def _clock(told: Sequence[Told], gap: timedelta) -> SkippingClock:
    """The time goes on from where the life before was, whatever waits it had skipped."""
    ahead = told[-1].at + gap - SystemClock().now() if told else timedelta(0)
    return SkippingClock(max(ahead, timedelta(0)))


def _rival(staff: Staff, runbook: str, start: Start, room: Path, clock: Clock) -> None:
    """Another process, with a journal of its own, carries out a run on the same resource meanwhile."""
    life = Life(RIVAL, room / "rival.jsonl", clock, None)

    def work() -> None:
        crew, _ = staff.crew(life, room)
        crew.person(runbook, **start.parameters)
        life.tell({"lived": True})

    if _fork(work, life):
        raise Astray(f"the rival did not live:\n{life.log.read_text()[-3000:]}")


def _first(crew: Crew, runbook: str, start: Start) -> None:
    if start.event is not None:
        crew.event(start.event)
    else:
        crew.person(runbook, **start.parameters)


def _again(crew: Crew, journal: KilledJournal, runbook: str, start: Start, number: int) -> None:
    """What a process does that comes after a dead one. An event is delivered again until somebody has taken it."""
    for name in journal.unfinished():
        crew.engine.resume(name)
    if start.event is not None:
        crew.event(start.event)
        return
    for row in running(crew.store):
        # Admitted, and the process died before it was started.
        crew.engine.start(row.run, {"run": row.run})
        crew.engine.resume(row.run)
    if not any(opening(crew.store, run_id(earlier)) for earlier in range(1, number)):
        crew.person(runbook, **start.parameters)


def _fork(work: Callable[[], None], life: Life) -> int:
    """Do it in a process of its own; how that ended. What it raised stands in the life's log."""
    gc.freeze()
    child = os.fork()
    if child == 0:
        gc.disable()
        signal.alarm(SECONDS)
        # The SDK looks every 0.1 s whether its checkpoint thread shall stop: at the end of each invocation.
        state._STOP_SIGNAL_POLL_SECONDS = 0.005
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001  a forked test must never come back to pytest
            life.tell({"raised": traceback.format_exc()})
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
