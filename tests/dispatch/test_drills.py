"""The schedule of drills: each starts once when it is due, through all gates, as policy has it now."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from nightcrew.admission.follow_ups import Due, drop, listed
from nightcrew.admission.policy_file import load
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.drills import Here, next_start
from nightcrew.dispatch.sweep import Swept, sweep
from nightcrew.engine.installation import Installation
from tests.house import House
from tests.runbooks.drilling import drills_left
from tests.runbooks.tables import a_table

HERE = Here(ACCOUNT, REGION)
AUTO = "rules:\n  - {when: {family: restore}, autonomy: auto}\n"
DAY = timedelta(days=1)


def drills(table: str, every: str = "7d", more: str = "") -> str:
    """A policy with one drill, that may run by itself."""
    one = f"{{runbook: drill-dynamodb-restore, parameters: {{table: {table}}}, every: {every}{more}}}"
    return f"{AUTO}drills:\n  - {one}\n"


class Night:
    """A clock that a test moves, a policy that it changes, and what people were told."""

    def __init__(self, house: House, policy: str) -> None:
        self.house, self.now = house, house.crew.installation.clock.now().replace(microsecond=0)
        self.news: list[tuple[str, dict[str, Any]]] = []
        self.policy = load(policy)

    @property
    def installation(self) -> Installation:
        def news(kind: str, what: Any) -> None:
            self.news.append((kind, dict(what)))

        clock = StoppedClock(self.now)
        return replace(self.house.crew.installation, policy=self.policy, clock=clock, news=news)

    def sweep(self, after: timedelta = timedelta(0)) -> Swept:
        """Some time later."""
        self.now += after
        dispatcher: Dispatcher = replace(self.house.crew.dispatcher, installation=self.installation)
        return sweep(dispatcher, lambda arn, name: None, here=HERE)

    def to_come(self) -> list[Due]:
        """The starts of drills that are listed."""
        return [each for each in listed(self.house.crew.store) if each.actor == "schedule"]


@pytest.fixture
def night(house: House) -> Night:
    """One drill of a table, each week."""
    return Night(house, drills(a_table(house), more=", rto: 1h, rpo: 1h"))


def started(swept: Swept) -> list[Answer]:
    """What was admitted."""
    return [each for each in swept.started if each.kind == "admitted"]


def test_the_first_start_is_at_once_and_the_next_a_period_later(night: Night) -> None:
    """Whoever writes a drill into policy sees it work, and not a week later."""
    (answer,) = started(night.sweep())
    assert (answer.runbook, answer.words) == ("drill-dynamodb-restore", "by schedule: restore drill, every 7 d")
    began = night.now
    assert started(night.sweep(timedelta(minutes=1))) == []
    assert [each.due for each in night.to_come()] == [began + 7 * DAY]
    assert next_start(night.house.crew.store, night.policy.drills[0]) == began + 7 * DAY


class Ticking(StoppedClock):
    """Each look at it takes a while, as on a busy machine."""

    def now(self) -> datetime:
        self.sleep(0.1)
        return super().now()


def test_the_first_start_is_in_the_sweep_that_keeps_it_however_slow_that_is(night: Night) -> None:
    """What it keeps at a later moment than its own would wait for the next sweep."""
    slow = replace(night.installation, clock=Ticking(night.now))
    dispatcher: Dispatcher = replace(night.house.crew.dispatcher, installation=slow)
    (answer,) = started(sweep(dispatcher, lambda arn, name: None, here=HERE))
    assert answer.runbook == "drill-dynamodb-restore"


def test_it_is_a_run_as_any_other_with_the_targets_of_policy(night: Night) -> None:
    """Its opening says so; it ends, and leaves nothing."""
    (answer,) = started(night.sweep())
    assert answer.run is not None
    opened = night.house.entries(answer.run)[0].body
    assert (opened["by"], opened["actor"]) == ("follow-up", "schedule")
    assert (opened["parameters"]["rto"], opened["parameters"]["rpo"]) == ("3600s", "3600s")
    ended = night.house.crew.engine.drive(answer.run)
    assert ended.result["outcome"] == "succeeded", ended.result["words"]
    assert drills_left(night.house) == []


def test_each_period_starts_one_and_a_missed_one_is_made_up_once(night: Night) -> None:
    """In step with the first: a sweeper that stood for three weeks starts one, not three."""
    (first,) = started(night.sweep())
    began = night.now
    night.house.crew.engine.drive(str(first.run))
    (second,) = started(night.sweep(24 * DAY))
    night.house.crew.engine.drive(str(second.run))
    assert started(night.sweep(timedelta(minutes=1))) == []
    assert [each.due for each in night.to_come()] == [began + 28 * DAY]


def test_two_sweeps_at_a_time_keep_one_start(night: Night) -> None:
    """The second finds what the first kept."""
    night.sweep()
    night.sweep(timedelta(minutes=1))
    before = night.to_come()
    night.sweep()
    assert night.to_come() == before


def test_what_is_no_longer_in_policy_is_not_started(night: Night) -> None:
    """It is dropped when it would be due."""
    night.sweep()
    night.sweep(timedelta(minutes=1))
    night.policy = load(AUTO)
    swept = night.sweep(8 * DAY)
    assert started(swept) == []
    assert [name for name in swept.dropped if name.startswith("drill#")]
    assert night.to_come() == []


def test_one_that_comes_more_often_now_does_so_from_now_on(night: Night) -> None:
    """And its former start is off the list."""
    night.sweep()
    night.sweep(timedelta(minutes=1))
    table = night.policy.drills[0].parameters["table"]
    night.policy = load(drills(table, every="1d"))
    night.sweep(timedelta(minutes=1))
    assert [each.due for each in night.to_come()] == [night.now + DAY]


def test_a_person_may_drop_one_start_and_the_next_comes(night: Night) -> None:
    night.sweep()
    night.sweep(timedelta(minutes=1))
    (due,) = night.to_come()
    drop(night.house.crew.store, due.name)
    assert started(night.sweep(6 * DAY)) == []
    swept = night.sweep(2 * DAY)
    assert started(swept) == []
    assert len(night.to_come()) == 1


def test_a_drill_passes_the_gates_and_a_refusal_is_told(night: Night) -> None:
    """Policy that lets nothing run by itself lets no drill run either."""
    table = night.policy.drills[0].parameters["table"]
    night.policy = load(drills(table).replace("autonomy: auto", "autonomy: observe"))
    swept = night.sweep()
    assert [(each.kind, each.gate) for each in swept.started] == [("refused", "autonomy")]
    assert [kind for kind, _ in night.news] == ["refused"]


def test_a_drill_whose_parameters_are_wrong_is_told_once_each_time(night: Night) -> None:
    """Not each minute; and the others go on."""
    good = night.policy.drills[0]
    bad = drills("a").partition("drills:\n")[2]
    night.policy = load(drills(good.parameters["table"]) + bad)
    assert len(started(night.sweep())) == 1
    for _ in range(3):
        night.sweep(timedelta(minutes=1))
    told = [what for kind, what in night.news if kind == "refused"]
    assert [what["gate"] for what in told] == ["drill"]
    assert "drills[1] (drill-dynamodb-restore)" in told[0]["words"]
    assert "table" in told[0]["words"]


def test_where_nobody_knows_where_it_is_nothing_is_scheduled(night: Night) -> None:
    """As under break-glass."""
    dispatcher = replace(night.house.crew.dispatcher, installation=night.installation)
    assert sweep(dispatcher, lambda arn, name: None).started == ()
    assert night.to_come() == []


def test_a_drill_elsewhere_is_of_that_account_and_region(house: House) -> None:
    where = ', account: "210987654321", region: eu-central-1'
    night = Night(house, drills("orders", more=where))
    night.sweep()
    night.sweep(timedelta(minutes=1))
    assert [each.what["resource"] for each in night.to_come()] == [
        "arn:aws:dynamodb:eu-central-1:210987654321:table/orders/drill"
    ]


def test_what_a_drill_left_that_died_is_cleared_away_when_its_lease_is_over(night: Night) -> None:
    """From beginning to end: the restore hangs, the process never comes back; fifteen hours later nothing is left."""
    house = night.house

    def hangs(asked: Any, answer: dict[str, Any]) -> None:
        if "-restored-drill-" in asked["TableName"]:
            answer["Table"]["TableStatus"] = "CREATING"

    house.scripted.after("dynamodb", "DescribeTable", hangs)
    (drill,) = started(night.sweep())
    assert house.crew.engine.drive(str(drill.run), until=house.crew.installation.clock.now()).status == "WAITING"
    assert len(drills_left(house)) == 1
    house.scripted.reset()
    assert started(night.sweep(timedelta(hours=14))) == []
    swept = night.sweep(timedelta(hours=1, minutes=5))
    assert swept.closed == (drill.run,)
    (cleared,) = started(swept)
    assert cleared.runbook == "clear-away-drill"
    ended = house.crew.engine.drive(str(cleared.run)).result
    assert ended["outcome"] == "succeeded", ended["words"]
    assert drills_left(house) == []
