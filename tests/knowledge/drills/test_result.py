"""What a drill came to, from the ledger alone."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.drill import Drill
from nightcrew.knowledge.drills.report import Report, lines_of
from nightcrew.knowledge.drills.result import Result, latest, result_of
from tests.house import House
from tests.runbooks.tables import ARN, a_table, creating

NAME = "drill-dynamodb-restore"
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


def drill(house: House, table: str, **more: Any) -> str:
    """The id of a drill that was carried through."""
    return house.start(NAME, table=table, **{"within": "5m", **more})[0]


def result(house: House, run: str) -> Result:
    """What it came to."""
    found = result_of(house.entries(run))
    assert found is not None
    return found


def test_a_drill_that_met_its_targets(house: House) -> None:
    """With what it was given, and what it measured."""
    table = a_table(house)
    found = result(house, drill(house, table, rto="1h", rpo="10m"))
    assert (found.runbook, found.resource, found.verdict) == (NAME, f"{ARN}/{table}/drill", "met")
    assert found.targets == {"rto": HOUR, "rpo": timedelta(minutes=10)}
    assert found.rto is not None
    assert found.missed == []
    told = found.to_dict()
    assert told["targets"] == {"rto": 3600, "rpo": 600}
    assert told["words"] == house.closing(found.run)["words"]


def test_a_drill_that_missed_one_says_which_and_by_how_much(house: House) -> None:
    """It measured, so it is told apart from one that came to nothing."""
    house.scripted.after(
        "dynamodb", "RestoreTableToPointInTime", lambda asked, _: creating(house, asked["TargetTableName"], 3)
    )
    found = result(house, drill(house, a_table(house), rto="1s", rpo="1d"))
    assert (found.verdict, found.missed) == ("missed", ["rto"])
    assert found.rto is not None
    assert found.rto > 1


def test_a_drill_that_came_to_nothing_has_no_figures(house: House) -> None:
    """The data were not right: how fast they came is no matter."""
    found = result(house, drill(house, a_table(house), at_least=9, rto="1h"))
    assert (found.verdict, found.outcome, found.rto, found.rpo) == ("failed", "ineffective", None, None)


def test_what_is_no_drill_or_has_not_ended_is_none(house: House) -> None:
    """A restore measures nothing."""
    table = a_table(house)
    run, _ = house.start("restore-dynamodb-table", table=table, target=f"{table}-again", within="1m")
    assert result_of(house.entries(run)) is None
    assert result_of([]) is None
    assert result_of(house.entries(drill(house, a_table(house)))[:-1]) is None


def test_the_latest_of_each_resource_is_found(house: House) -> None:
    """A refusal since then says nothing of the backup; where there is nothing else, it stands."""
    clock, first, second = house.crew.installation.clock, a_table(house), a_table(house)
    run = drill(house, first)
    answer, _ = house.crew.person(NAME, table=first)
    assert answer.kind == "refused"  # the cool-down of its own
    house.crew.person(NAME, table="no-such-table")
    other = drill(house, second, at_least=9)
    found = {each.resource: each for each in latest(house.crew.store, clock.now(), [NAME], YEAR)}
    assert found[f"{ARN}/{first}/drill"].run == run
    assert found[f"{ARN}/{second}/drill"].run == other
    assert found[f"{ARN}/no-such-table/drill"].verdict == "not drilled"


@pytest.mark.parametrize(("age", "stands"), [(7, "met"), (9, "late")])
def test_one_that_was_well_too_long_ago_is_late(house: House, age: int, stands: str) -> None:
    """A drill of each week may be a day over its time."""
    table = a_table(house)
    found = result(house, drill(house, table))
    policy = Drill(0, NAME, timedelta(days=7), {"table": table}, rto=HOUR)
    (line,) = lines_of([(policy, found.resource)], [found], {policy.key: None})
    report = Report(found.started + timedelta(days=age), [line])
    assert line.stands(report.now) == stands
    assert report.well == (stands == "met")
    assert line.targets == {"rto": HOUR}


def test_what_was_drilled_by_hand_stands_after_what_policy_wants(house: House) -> None:
    """Without a time for the next."""
    found = result(house, drill(house, a_table(house), rto="1h"))
    wanted = Drill(0, NAME, timedelta(days=7), {"table": "orders"})
    first, second = lines_of([(wanted, f"{ARN}/orders/drill")], [found], {})
    assert (first.last, first.stands(found.started)) == (None, "not drilled")
    assert (second.drill, second.last, second.targets) == (None, found, {"rto": HOUR})
    told = Report(found.started, [first, second]).to_dict()
    assert [each["stands"] for each in told["drills"]] == ["not drilled", "met"]
    assert told["drills"][1]["policy"] is None
