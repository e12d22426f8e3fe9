"""The demo's stage: the cloud, its fleet, its alarms and a crew, on one clock; and what becomes of an event there."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.demo.alarms import Alarms, FleetClock
from nightcrew.demo.embedded import ACCOUNT, REGION, Crew, clients_of, crew, embedded_cloud, make_tables
from nightcrew.demo.estate import Dress, Estate
from nightcrew.demo.events import Event, happened, moved
from nightcrew.demo.fleet import Fleet
from nightcrew.demo.happenings import come_true
from nightcrew.demo.moto_time import moto_by
from nightcrew.demo.objectives import have_objective
from nightcrew.demo.pace import Pace
from nightcrew.dispatch.answer import Answer
from nightcrew.engine.installation import Watch
from nightcrew.engine.local import Ended
from nightcrew.errors import BadParameter
from nightcrew.ledger.history import tail
from nightcrew.ledger.store import Store, Tables
from nightcrew.signals import Signal, signal_from

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
"""An engineer of the shop."""


@dataclass(frozen=True)
class Played:
    """What became of one thing that was played.

    ``end`` is a run's outcome, the gate that refused, ``left`` or ``suggested``. ``took`` goes from the alarm's change
    of state (or a person's start) to the run's end.
    """

    end: str
    answer: Answer
    took: timedelta | None = None


@dataclass
class Stage:
    """Where the demo plays. Its parts are there to be looked at."""

    crew: Crew
    estate: Estate
    fleet: Fleet
    alarms: Alarms
    clock: FleetClock
    _moves: dict[tuple[str, str], timedelta] = field(default_factory=dict)

    def event(self, event: Event, *, anew: bool = False, about: str | None = None) -> Played:
        """Play an event, its times moved to now; what it is about is made to exist, and is ill from now on (of an event
        that is no alarm's: is as the event says).

        An event that tells the same change of state as one before is a redelivery, unless it happens ``anew``.
        ``about`` is the ARN of what it is about, where matching does not tell. Raises BadEvent.
        """
        later = self.arrange(event, anew=anew, about=about)
        answer, ended = self.crew.event(later)
        return self._played(answer, ended, signal_from(later))

    def person(self, runbook: str, parameters: Mapping[str, Any], reason: str) -> Played:
        """Somebody starts a runbook by hand."""
        since = self.clock.now()
        answer, ended = self.crew.person(runbook, actor=ADA, reason=reason, **parameters)
        played = self._played(answer, ended, None)
        return Played(played.end, answer, self.clock.now() - since) if ended else played

    def carried(self, answer: Answer, since: datetime | None = None) -> Played:
        """What was admitted, carried to its end."""
        if answer.run is None or answer.kind != "admitted":
            return self._played(answer, None, None)
        played = self._played(answer, self.crew.engine.drive(answer.run), None)
        return Played(played.end, answer, self.clock.now() - since if since else None)

    def tell(self, kind: str, **what: Any) -> None:
        """Tell who watches what happens on the stage itself."""
        self.crew.installation.tell(kind, what)

    def arrange(self, event: Event, *, anew: bool = False, about: str | None = None) -> Event:
        """The event as it is to be delivered; the fleet is as it says."""
        then = happened(event)
        if then is None:
            return event
        change = (str(event.get("resources")), str(then))
        again = change in self._moves and not anew
        if not again:
            self._moves[change] = self.clock.now() - then
        later = moved(event, self._moves[change])
        signal = signal_from(later)
        resource = about or self._resource(signal)
        if resource and not again and self.fleet.have(resource):
            if signal.happening is None:
                self.alarms.sound(later, signal, resource)
            else:
                come_true(self.estate, signal.happening, resource)
        return later

    def _resource(self, signal: Signal) -> str | None:
        match = self.crew.dispatcher.match(signal)
        if match.runbook is None:
            return None
        runbook = self.crew.installation.catalog[match.runbook]
        try:
            checked = runbook.form.validate(match.parameters)
        except BadParameter:
            return None
        return runbook.arn(checked, account=match.account, region=signal.region)

    def _played(self, answer: Answer, ended: Ended | None, signal: Signal | None) -> Played:
        if ended is None:
            return Played(answer.gate or answer.kind, answer)
        end = str(ended.result["outcome"]) if ended.status == "SUCCEEDED" else "failed"
        if end == "refused":  # by hold, the run's first step
            closing = tail(self.crew.store, str(answer.run))
            end = str(closing.body["gate"]) if closing is not None else end
        return Played(end, answer, self.clock.now() - signal.at if signal else None)


@contextmanager
def stage(
    policy: Policy,
    watch: Watch,
    *,
    catalog: Catalog | None = None,
    faults: Collection[Dress] = (),
    journal: str | Path = ":memory:",
    tables: Tables | None = None,
    store: Store | None = None,
    paced: bool = True,
) -> Iterator[Stage]:
    """A stage, for as long as the block lasts. The fleet is empty: it makes what is asked for. The ledger is in tables
    of the cloud, which are made, unless a ``store`` is given.

    ``paced``: what AWS takes its time for takes time on the demo's clock, too; else it is done at once.
    """
    clock = FleetClock()
    with embedded_cloud(), moto_by(clock):
        estate = Estate(faults=list(faults))
        fleet = Fleet(estate)
        estate.pace += [*([Pace(clock)] if paced else []), fleet.as_it_was]
        home = estate.plain(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/nightcrew")

        def clouds(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
            del family
            return Cloud(estate.seen(resource), permissions, who)

        have_objective(ACCOUNT, REGION, clock.now())
        if store is None:
            make_tables(clients_of(), tables)
        made = crew(
            policy,
            clients=home,
            clock=clock,
            journal=journal,
            catalog=catalog,
            watch=watch,
            tables=tables,
            store=store,
            clouds=clouds,
        )
        alarms = Alarms(estate, clock, made.dispatcher.event)
        clock.each_minute = alarms.look
        yield Stage(made, estate, fleet, alarms, clock)
