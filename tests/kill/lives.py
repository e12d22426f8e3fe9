"""A run's lives: each in a forked process, over one journal and one cloud, until one of them is not killed."""

import gc
import os
import signal
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

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
from nightcrew.ledger.store import Store
from tests.kill.doors import LEDGER, Doors
from tests.kill.life import KILLED, KilledJournal, Life, Told
from tests.kill.night import Ids, Night, Story
from tests.kill.scenario import Start

SECONDS = 60
"""A life that takes longer hangs."""

SOON = timedelta(seconds=5)
"""From a life's end to the beginning of the next one."""

LOOKS = 10
"""How often a life looks, at least, whether an answer came from elsewhere while it waits: none does."""

RIVAL = 99
"""The number of a life that is none of the run's."""

HEIR, SWEEPER = "an heir", "the sweeper"
"""Who acts while a zombie sleeps, beside rivals: a life that resumes the run, and one that only sweeps."""


@dataclass(frozen=True)
class Kill:
    """Where a run's lives are ended, one after the other; ``late`` is how much later the last one begins.

    ``rival`` is a runbook that another process carries out on the same resource before that; ``outcome`` is how the run
    must end then, if it need not be as the undisturbed one does. ``zombie``: the first life is not killed at its only
    point, but sleeps, until the rival, HEIR or SWEEPER has done what it does, and then wakes up.
    """

    points: tuple[str, ...] = ()
    late: timedelta = SOON
    rival: str = ""
    outcome: str = ""
    zombie: str = ""

    @property
    def words(self) -> str:
        points = "; then ".join(self.points) or "not killed"
        if self.zombie:
            return f"{points}; it sleeps there and wakes up after {self.zombie}"
        late = f"; resumed {in_words(self.late)} later" if self.late != SOON else ""
        return f"{points}{late}{', after a rival' if self.rival else ''}"


@dataclass(frozen=True)
class Staff:
    """What lives are born with, warm: the parent's catalog, policy and clients; and what they play."""

    catalog: Catalog
    policy: Policy
    doors: Doors
    runbook: str
    story: Story

    def night(self, life: Life, start: Start, room: Path) -> Night:
        """A crew as any other, whose journal, clients and news are places to die at."""
        self.doors.life = life

        def clouds(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
            del resource, family
            return Cloud(self.doors, permissions, who)

        def answer(callback: str, value: Any) -> bool:
            return engine.answer(callback, value)

        def news(kind: str, what: Mapping[str, Any]) -> None:
            del what
            life.tell({"news": kind})
            life.come_to(f"news of {kind}: after they were sent")

        store = Store(self.doors("dynamodb", LEDGER), clock=life.clock)
        installation = Installation(store, self.catalog, self.policy, clouds, life.clock, answer=answer, news=news)
        journal = KilledJournal(room / f"{'rival' if life.number == RIVAL else 'journal'}.db", life.clock, life)
        engine = LocalEngine(durable_handler(lambda: installation), journal, life.clock, looks=LOOKS)
        ids = Ids(life.number)
        dispatcher = Dispatcher(installation, lambda run: engine.start(run, {"run": run}), new_id=ids)
        crew = Crew(installation, engine, dispatcher, self.doors)
        return Night(crew, journal, life, ids, self.runbook, start.event, start.parameters)


class Astray(AssertionError):
    """A life ended neither at its point nor by itself."""


def live(staff: Staff, start: Start, room: Path, kill: Kill) -> list[Told]:
    """Start a run and kill it at the first point, resume it and kill it at the second, …; at last let it live.

    ``room`` is an empty directory. A life that does not come to its point lives on to the end, and is the last. Raises
    Astray.
    """
    if kill.zombie:
        return _with_a_zombie(staff, start, room, kill)
    told: list[Told] = []
    for number, deadly in enumerate([*kill.points, None], 1):
        life = Life(number, room / f"life-{number}.jsonl", _clock(told, kill.late if deadly is None else SOON), deadly)
        if deadly is None and kill.rival:
            _rival(staff, kill.rival, start, room, life.clock)
        code = _fork(partial(_play, staff, life, start, room), life)
        told.append(Told.read(life.log))
        if code == 0 and told[-1].last.get("lived"):
            return told
        if code != KILLED or told[-1].last.get("point") != deadly:
            raise Astray(f"life {number}, {kill.words}, ended with {code}: {told[-1].last.get('raised')}")
    raise AssertionError("the last life is not killed")


def _with_a_zombie(staff: Staff, start: Start, room: Path, kill: Kill) -> list[Told]:
    """It sleeps, and does not know how long: on its own clock no time has passed when it wakes up."""
    zombie = Life(1, room / "life-1.jsonl", _clock([], SOON), kill.points[0], faints=True)
    child = _begin(lambda: _play(staff, zombie, start, room), zombie)
    try:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            raise Astray(f"it did not come to {kill.points[0]}: {Told.read(zombie.log).last}")
        asleep = Told.read(zombie.log)
        if kill.zombie == HEIR:
            life = Life(2, room / "life-2.jsonl", _clock([asleep], SOON), None)
            code = _fork(lambda: _play(staff, life, start, room), life)
            if code:
                raise Astray(f"the heir ended with {code}: {Told.read(life.log).last}")
        else:
            _rival(staff, kill.zombie, start, room, _clock([asleep], kill.late))
    finally:
        os.kill(child, signal.SIGCONT)
        _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise Astray(f"the zombie ended with {status}: {Told.read(zombie.log).last}")
    return [Told.read(zombie.log)]


def _play(staff: Staff, life: Life, start: Start, room: Path) -> None:
    staff.story(staff.night(life, start, room))
    life.tell({"lived": True})


def _clock(told: Sequence[Told], gap: timedelta) -> SkippingClock:
    """The time goes on from where the life before was, whatever waits it had skipped."""
    ahead = told[-1].at + gap - SystemClock().now() if told else timedelta(0)
    return SkippingClock(max(ahead, timedelta(0)))


def _rival(staff: Staff, runbook: str, start: Start, room: Path, clock: Clock) -> None:
    """Another process, with a journal of its own, carries out a run on the same resource meanwhile, or sweeps."""
    life = Life(RIVAL, room / "rival.jsonl", clock, None)

    def work() -> None:
        night = staff.night(life, start, room)
        if runbook == SWEEPER:
            night.sweeps()
        else:
            night.crew.person(runbook, **start.parameters)
        life.tell({"lived": True})

    if _fork(work, life):
        raise Astray(f"the rival did not live:\n{life.log.read_text()[-3000:]}")


def _fork(work: Callable[[], None], life: Life) -> int:
    """Do it in a process of its own; how that ended. What it raised stands in the life's log."""
    return os.waitstatus_to_exitcode(os.waitpid(_begin(work, life), 0)[1])


def _begin(work: Callable[[], None], life: Life) -> int:
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
    return child
