"""What happens to a run from outside, as a life of a process sees it: it starts, people decide, alarms, time, sweeps.

A story plays these in order, and plays all of it once more in the life after a kill. So each of them does what its
real counterpart does that does not know how far it came: an event is delivered again, a person decides again, the
sweeper comes by each minute.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.admit import admit
from nightcrew.admission.approvals import decide
from nightcrew.admission.cancelling import cancel
from nightcrew.admission.follow_ups import listed
from nightcrew.clock import Clock, moment, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION, Crew
from nightcrew.dispatch.sweep import sweep
from nightcrew.errors import Refused, Unknown
from nightcrew.ledger.history import opening, running
from tests.kill.life import KilledJournal, Life

ADA, BOB, CYD = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob", "cyd"))
MAIN = "killed"

Story = Callable[["Night"], None]


def run_id(number: int, name: str = MAIN) -> str:
    """The id of a run that a life opens: known before, so that nothing depends on chance."""
    return f"20261121-030000-{name}{number:02}"


@dataclass
class Ids:
    """The ids of the runs that one life opens; ``name`` goes into the next one's."""

    number: int
    name: str = MAIN

    def __call__(self, now: datetime) -> str:
        del now
        return run_id(self.number, self.name)


@dataclass
class Night:
    """One life's part in a story. ``event`` is the alarm's, ``parameters`` are a person's."""

    crew: Crew
    journal: KilledJournal
    life: Life
    ids: Ids
    runbook: str
    event: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def again(self) -> bool:
        """Whether another life has died before this one."""
        return self.life.number > 1

    @property
    def clock(self) -> Clock:
        """Its clock, which skips waits."""
        return self.crew.installation.clock

    def run(self, name: str = MAIN) -> str | None:
        """The run of this name, whichever life opened it."""
        ids = (run_id(number, name) for number in range(1, self.life.number + 1))
        return next((each for each in ids if opening(self.crew.store, each) is not None), None)

    # --- what the process does

    def starts(self, *, waits: bool = False) -> None:
        """It resumes what it finds, then takes the event or the person's wish; ``waits``: no further than it gets
        without time passing.
        """
        self.goes_on(waits=waits)
        if self.event is not None:
            self.fires()
        else:
            self.asks(self.runbook, **self.parameters)
        self.goes_on(waits=waits)

    def goes_on(self, *, waits: bool = False) -> None:
        """It carries on each run that its journal has unfinished."""
        for name in self.journal.unfinished():
            self.crew.engine.drive(name, until=self.clock.now() if waits else None)

    # --- who starts something

    def fires(self) -> None:
        """The event comes in, again if need be."""
        assert self.event is not None
        self.crew.dispatcher.event(self.event)

    def asks(self, runbook: str, *, name: str = MAIN, carried_out: bool = True, **parameters: Any) -> None:
        """Ada starts a runbook, once; what she started and nobody carries out is started again."""
        self.ids.name = name
        if self.run(name) is None:
            asked = self.crew.dispatcher.asked_by_person(
                runbook, parameters, actor=ADA, account=ACCOUNT, region=REGION, reason=""
            )
            if carried_out:
                self.crew.dispatcher.admit(asked)
            else:
                # By a process that died then: nobody ever carries it out.
                admit(asked, self.crew.store, self.clock)
        elif carried_out and (run := self.run(name)) is not None:
            # Admitted, and the process may have died before it was started.
            self.crew.engine.start(run, {"run": run})
        self.ids.name = MAIN

    # --- who has a say

    def decides(self, who: str, *, approve: bool = True) -> None:
        """A person decides, and does so again where she does not know whether it arrived."""
        run = self.run()
        if run is None:
            return
        with suppress(Refused, Unknown):
            decided = decide(self.crew.store, run, by=who, approve=approve, now=self.clock.now())
            if decided.callback is not None:
                self.crew.engine.answer(decided.callback, decided.value)

    def cancels(self) -> None:
        """Bob cancels it, and again."""
        run = self.run()
        if run is None:
            return
        wish = cancel(self.crew.store, run, by="bob", reason="enough", now=self.clock.now())
        if wish.callback is not None:
            self.crew.engine.answer(wish.callback, wish.value)

    def turns_ok(self) -> None:
        """The alarm's OK comes in: the same event each time."""
        sent = json.loads(json.dumps(self.event))
        sent["id"] = f"{sent['id']}-ok"
        detail = sent["detail"]
        at = stamp(moment(detail["state"]["timestamp"]) + timedelta(seconds=1))
        detail["previousState"], detail["state"] = detail["state"], {**detail["state"], "value": "OK"}
        detail["state"]["timestamp"] = sent["time"] = at
        self.crew.dispatcher.event(sent)

    # --- time

    def sweeps(self, *, stopped: bool = False) -> None:
        """The sweeper comes by; each alarm is in ALARM when it asks. ``stopped``: Lambda says that the executions of
        all open runs were.
        """
        over = {row.run: "its execution was stopped" for row in running(self.crew.store)} if stopped else {}
        self.ids.name = "swept"
        sweep(self.crew.dispatcher, lambda arn, alarm: "ALARM", over=lambda rows: over)
        self.ids.name = MAIN

    def passes_until(self, then: datetime) -> None:
        """Time passes, if that is still to come."""
        self.clock.sleep((then - self.clock.now()).total_seconds())

    def passes_until_due(self) -> None:
        """Until what is to be started later is due."""
        for kind in ("later", "retry"):
            for due in listed(self.crew.store, kind):
                self.passes_until(due.due + timedelta(seconds=1))

    def passes_until_lease_ends(self, name: str = MAIN) -> None:
        """Until that run's lease is over, if it is still open, and the sweeper's grace too."""
        for row in running(self.crew.store):
            if row.lease is not None and row.run == self.run(name):
                self.passes_until(row.lease + timedelta(minutes=2))


def to_its_end(night: Night) -> None:
    """Nothing happens beside the run."""
    night.starts()
