"""An alarm that nothing answers, and whose like a runbook has cured: suggested once, started by nobody."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import moment, stamp
from nightcrew.dispatch.decided import Decided
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.errors import Unreachable
from nightcrew.knowledge.reads import Reads
from nightcrew.ledger.history import Row, history
from nightcrew.ledger.transaction import Piece
from tests.house import House
from tests.knowledge.casebook import RESTART, Casebook, instance

Event = Callable[[str], dict[str, Any]]
ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-is-stuck"
SYMPTOM = "Checkout:StuckOrders:high"
REBOOT = "reboot-ec2-instance"
RENAMED = "Checkout/Staging:OrdersStuck:high"


class Counted(Reads):
    """Counts reads apart from writes."""

    def __init__(self, store: Any) -> None:
        super().__init__(store)
        self.writes = 0

    def transact(self, pieces: Any) -> None:
        self.writes += 1
        self._store.transact(pieces)

    def update(self, piece: Piece) -> dict[str, Any]:
        self.writes += 1
        return dict(self._store.update(piece))


class Night:
    """A front door over the house's ledger; ``news`` is what people were told."""

    def __init__(self, house: House, event: Event) -> None:
        self.news: list[tuple[str, dict[str, Any]]] = []
        self.store = Counted(house.crew.store)
        self.house = house
        self.installation = replace(house.crew.installation, store=self.store, news=self.tell)
        self.started: list[str] = []
        self.door = Dispatcher(self.installation, self.started.append)
        self.sent = self.alarm(event("ec2-status-check"))

    def tell(self, kind: str, what: Mapping[str, Any]) -> None:
        self.news.append((kind, dict(what)))

    def now(self) -> Any:
        return self.installation.clock.now()

    def alarm(self, event: dict[str, Any]) -> dict[str, Any]:
        """It goes off now, on a metric that no runbook answers."""
        detail = event["detail"]
        metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
        metric["namespace"], metric["name"], _ = SYMPTOM.split(":")
        detail["alarmName"], event["resources"] = "checkout-is-stuck", [ALARM]
        detail["state"]["timestamp"] = event["time"] = stamp(self.now())
        return event

    def again(self, seconds: int) -> dict[str, Any]:
        """The same alarm's next change of state."""
        at = moment(self.sent["time"]) + timedelta(seconds=seconds)
        detail = {**self.sent["detail"], "state": {**self.sent["detail"]["state"], "timestamp": stamp(at)}}
        return {**self.sent, "id": f"again-{seconds}", "detail": detail}

    def cold(self) -> Dispatcher:
        """Another process."""
        return replace(self.door, decided=Decided())

    def cured(self, times: int = 4, symptom: str = SYMPTOM, runbook: str = RESTART) -> None:
        """The runbook helped so often with that symptom, and the day is over."""
        book = Casebook(self.house.crew.store)
        for number in range(times):
            book.case(runbook=runbook, symptom=symptom, ended=self.now() - timedelta(hours=number + 1))
        book.day_is_over(self.now().date())

    def refusals(self) -> list[Row]:
        return [row for row in history(self.house.crew.store, now=self.now()).rows if row.outcome == "refused"]


@pytest.fixture
def night(house: House, event: Event) -> Night:
    return Night(house, event)


@pytest.mark.parametrize("symptom", [SYMPTOM, RENAMED])
def test_what_helped_with_the_like_of_it_is_suggested_and_not_started(night: Night, symptom: str) -> None:
    """People are told, and the ledger says it: with the alarm's claim taken."""
    night.cured(symptom=symptom)
    answer = night.door.event(night.sent)
    assert (answer.kind, answer.runbook, answer.resource, answer.reason) == ("suggested", RESTART, ALARM, "no-trigger")
    assert "4 of 4 times" in answer.words
    assert night.started == []
    ((kind, told),) = night.news
    assert (kind, told["runbook"], told["alarm"], told["symptom"]) == (
        "suggested",
        RESTART,
        "checkout-is-stuck",
        SYMPTOM,
    )
    (row,) = night.refusals()
    assert (row.run, row.gate, row.resource, row.runbook) == (answer.run, "match", ALARM, RESTART)


def test_it_is_told_once_however_often_it_is_delivered(night: Night) -> None:
    night.cured()
    first = night.door.event(night.sent)
    for door in (night.door, night.cold(), night.cold()):
        again = door.event(night.sent)
        assert (again.kind, again.run, again.gate) == ("suggested", first.run, "claim")
    assert len(night.news) == 1
    assert len(night.refusals()) == 1


def test_an_alarm_that_keeps_changing_its_state_is_told_of_once_a_day(night: Night) -> None:
    night.cured()
    for seconds in range(5):
        assert night.cold().event(night.again(seconds)).kind == "suggested"
    assert len(night.news) == 1
    assert len(night.refusals()) == 1


def test_who_dies_before_people_are_told_leaves_it_to_the_next(night: Night) -> None:
    """The claim stands, and is not settled: the redelivered signal is told."""
    night.cured()

    class Died(Exception):
        pass

    def dies(kind: str, what: Mapping[str, Any]) -> None:
        raise KeyboardInterrupt

    dying = replace(night.cold(), installation=replace(night.installation, news=dies))
    with pytest.raises(KeyboardInterrupt):
        dying.event(night.sent)
    assert night.news == []
    assert night.cold().event(night.sent).kind == "suggested"
    assert len(night.news) == 1


def test_at_most_two_reads_tell_whether_there_is_anything_to_suggest(night: Night) -> None:
    """And none where this process has seen it before."""
    night.cured()
    for door, reads, writes in ((night.door, 2, 2), (night.door, 0, 0), (night.cold(), 2, 1)):
        night.store.made = night.store.writes = 0
        door.event(night.sent)
        assert (night.store.made, night.store.writes) == (reads, writes)


@pytest.mark.parametrize(
    ("times", "symptom", "runbook"),
    [
        (0, SYMPTOM, RESTART),
        (2, SYMPTOM, RESTART),
        (9, "Checkout:StuckOrders:low", RESTART),
        (9, "Payments:StuckOrders:high", RESTART),
        (9, SYMPTOM, "a-runbook-that-is-gone"),
    ],
)
def test_without_a_good_reason_it_is_left_alone_as_ever(night: Night, times: int, symptom: str, runbook: str) -> None:
    """Nothing is known; luck; the other direction; another service; nobody could start it."""
    night.cured(times, symptom, runbook)
    assert night.door.event(night.sent).kind == "left"
    night.store.made = 0
    assert night.door.event(night.sent).kind == "left"
    assert night.store.made == 0
    assert (night.news, night.refusals(), night.store.writes) == ([], [], 0)


def test_an_alarm_that_is_ok_asks_nothing(night: Night) -> None:
    night.cured()
    night.sent["detail"]["state"]["value"] = "OK"
    assert night.door.event(night.sent).reason == "ok"
    assert night.news == []


def test_a_ledger_out_of_reach_leaves_it_alone(night: Night) -> None:
    """A suggestion is worth no dead letter; and the next process tries again."""
    night.cured()

    class Gone(Reads):
        def get(self, *asked: Any, **how: Any) -> Any:
            raise Unreachable("DynamoDB does not answer")

    gone = replace(night.door, installation=replace(night.installation, store=Gone(night.store)))
    assert gone.event(night.sent).kind == "left"
    assert night.door.event(night.sent).kind == "suggested"


def test_where_remedies_did_not_help_people_are_told_what_did(house: House, event: Event) -> None:
    """Chain refuses the third time; another runbook has cured the same symptom on others."""
    night = Night(house, event)
    book = Casebook(house.crew.store)
    symptom = "AWS/EC2:StatusCheckFailed_Instance:high"
    for number in range(6):
        ended = night.now() - timedelta(hours=number + 1)
        book.case("ineffective", ended=ended, symptom=symptom, resource=instance("others"))
        book.case("cured", ended=ended, symptom=symptom, runbook=REBOOT, resource=instance("others"))
    sent = house.alarmed(event("ec2-status-check"), {"InstanceId": "i-0123456789abcd111"})
    key = "res#arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcd111"
    chain = {"key": key, f"chain|{symptom}": 2, f"chain_since|{symptom}": stamp(night.now())}
    house.crew.store.transact([Piece("state", {"key": key}, "test", put=chain)])
    answer = night.door.event(sent)
    assert answer.gate == "chain"
    ((kind, told),) = night.news
    assert kind == "refused"
    assert f"{REBOOT} helped with this symptom 6 of 6 times" in told["words"]
    assert f"{RESTART} only 0 of 6 times" in told["words"]
