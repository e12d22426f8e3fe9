"""What is left to carry on: by the journal what a process left when it died, by the ledger what nobody closed."""

from dataclasses import dataclass

from nightcrew.admission.abandon import abandon
from nightcrew.cli.asked import Asked
from nightcrew.cli.carrying import Carried, carry
from nightcrew.cli.place import Working, Workshop
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.engine.local import Journal
from nightcrew.errors import NightcrewError, Unknown
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.history import opening, running, tail

_UNFINISHED = ("RUNNING", "WAITING")


@dataclass(frozen=True)
class Resuming:
    """The means to it: the crew whose engine drives, and the journal that it drives from."""

    crew: Working
    journal: Journal
    demo: Workshop
    asked: Asked

    def resume_all(self) -> list[Carried]:
        """Each that is left; one that cannot be dealt with now stops none of the others."""
        done = []
        for run in self.left():
            try:
                done.append(self.resume(run))
            except NightcrewError as error:
                done.append(Carried(run, None, str(error)))
                done[-1].tell(self.asked)
        return done

    def left(self) -> list[str]:
        """The runs that have not ended, the oldest first."""
        known = self.journal.unfinished()
        return [*known, *(row.run for row in running(self.demo.store) if row.run not in known)]

    def resume(self, run: str) -> Carried:
        """Carry a run on, or close it where that cannot be done any more, and tell. Raises Unknown where there is
        none.
        """
        done = self._resume(run)
        done.tell(self.asked)
        return done

    def _resume(self, run: str) -> Carried:
        last = tail(self.demo.store, run)
        if last is None:
            raise Unknown(f"there is no run {run}")
        status = self._status(run)
        if last.kind in ENDINGS and status not in _UNFINISHED:
            return Carried(run, str(last.body["outcome"]), f"it has ended already: {last.body['words']}")
        if status in _UNFINISHED:
            return self._drive(run, last)
        if status is not None:
            return self._close(run, "its execution has ended without closing it")
        if last.number == 0:
            # Whoever admitted it died before its execution was recorded: nothing of it has happened.
            self.crew.engine.start(run, {"run": run})
            return self._drive(run, last)
        return self._stray(run)

    def _drive(self, run: str, last: Entry) -> Carried:
        self.demo.ready(run)
        # The dead process skipped waits, and may not have left word of all: its next step comes after its last one.
        self.asked.output.print(self.asked.output.mark("running", f"carrying on {run}"))
        self.demo.clock.sleep((last.at - self.demo.clock.now()).total_seconds())
        done = carry(self.crew, run, self.asked, self.demo)
        return done if done.outcome is not None else self._close(run, done.words)

    def _stray(self, run: str) -> Carried:
        """A run that made steps of which this journal knows nothing."""
        first = opening(self.demo.store, run)
        lease = moment(str(first.body["lease"])) if first is not None else self.demo.clock.now()
        if lease >= self.demo.clock.now():
            words = f"the journal here does not know it: whoever runs it holds its lease until {whole(lease)}"
            return Carried(run, "running", words)
        return self._close(run, "its lease is over, and the journal here does not know it")

    def _close(self, run: str, why: str) -> Carried:
        self.asked.output.note(f"{run} cannot be carried on ({why}); it is closed as abandoned")
        closing = abandon(run, self.demo.store, self.demo.clock, why)
        return Carried(run, str(closing.body["outcome"]), str(closing.body["words"]))

    def _status(self, run: str) -> str | None:
        try:
            return self.journal.status(run)
        except Unknown:
            return None
