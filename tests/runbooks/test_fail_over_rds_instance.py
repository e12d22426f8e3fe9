"""fail-over-rds-instance: what it promises at night."""

import itertools
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import Event, a_database, about_rds, described, not_applicable, now_of, seems

NAME = "fail-over-rds-instance"
HOME, THERE = "eu-west-1a", "eu-west-1b"


def multi_az(house: House) -> str:
    """In zone a, with a standby."""
    return a_database(house, MultiAZ=True)


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, instance=multi_az(house), within="1m")
    assert ended["outcome"] == "succeeded"


def test_it_fails_over_and_proves_it_by_the_zone(house: House) -> None:
    """One change; where it was stands in the ledger."""
    name = multi_az(house)
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert ended["words"] == f"{name} was failed over from {HOME} to {THERE}"
    assert house.scripted.changes() == ["rds:RebootDBInstance"]
    assert now_of(house, name)["AvailabilityZone"] == THERE
    found = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "find the database")
    assert (found["zone"], found["multi_az"]) == (HOME, True)


def test_available_alone_proves_nothing(house: House) -> None:
    """AWS may show the new zone minutes late (RDS user guide, "Rebooting a DB instance")."""
    name, looks = multi_az(house), itertools.count()
    before = described(house, name)
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: before if house.scripted.changes() and next(looks) < 2 else None
    )
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "it is in another zone"] == [3]


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    name = multi_az(house)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": name, "ForceFailover": True}
    assert line["unknown"] == "looked at"
    assert line["undo"][0]["title"] == "it is available"
    assert house.scripted.changes() == []
    assert now_of(house, name)["AvailabilityZone"] == HOME


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the database", instance="nobody-made-this")


def test_one_without_a_standby_is_left_alone(house: House) -> None:
    """AWS would refuse; a reboot in its place would help nobody."""
    not_applicable(house, NAME, "it is Multi-AZ", instance=a_database(house))


def test_an_instance_of_aurora_is_left_alone(house: House) -> None:
    not_applicable(house, NAME, "no cluster contains it", instance=f"{a_cluster(house)}-a")


@pytest.mark.parametrize("status", ["rebooting", "modifying", "failed"])
def test_one_that_is_not_available_is_left_alone(house: House, status: str) -> None:
    """It may be failing over already."""
    name = multi_az(house)
    seems(house, name, DBInstanceStatus=status)
    not_applicable(house, NAME, "it is available", instance=name)


def test_a_refused_failover_leaves_nothing_to_undo(house: House) -> None:
    name = multi_az(house)
    house.scripted.answer("rds", "RebootDBInstance", Refusal("InvalidDBInstanceState"))
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidDBInstanceState"
    assert "undone" not in house.closing(run)


def test_one_that_stays_where_it_is_is_failed_and_needs_no_way_back(house: House) -> None:
    """The deadline passed, and the zone is the old one: failing over again would cut connections for nothing."""
    name = multi_az(house)
    house.scripted.script("rds", "RebootDBInstance", lambda _: _taken(name))
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert "it is in another zone: not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["rds:RebootDBInstance"]
    assert house.closing(run)["undone"] == [f"fail it over from {HOME}"]


def _taken(name: str) -> dict[str, Any]:
    """AWS takes the call, and nothing comes of it."""
    return {"DBInstance": {"DBInstanceIdentifier": name, "DBInstanceStatus": "rebooting"}}


def test_one_that_moved_too_late_is_failed_back_to_where_it_was(house: House) -> None:
    """The deadline passed while it was still rebooting: the undo waits, and finds it in the other zone."""
    name, clock = multi_az(house), house.crew.installation.clock
    rebooting, started = described(house, name, DBInstanceStatus="rebooting"), clock.now()

    def slow(_: Any) -> Any:
        early = (clock.now() - started).total_seconds() < 65
        return rebooting if early and house.scripted.changes() else None

    house.scripted.script("rds", "DescribeDBInstances", slow)
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert "it is in another zone: not within 1 min" in ended["words"]
    assert changed(house, run) == [f"fail it over from {HOME}", f"fail back to {HOME}"]
    assert now_of(house, name)["AvailabilityZone"] == HOME
    assert "not_undone" not in house.closing(run)


@pytest.mark.parametrize("seen", [{"DBInstanceStatus": "rebooting"}, {"AvailabilityZone": THERE}], ids=str)
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, seen: dict[str, str]) -> None:
    """On its way, or there already: a second failover would bring it back."""
    name, looks = multi_az(house), itertools.count()
    first = described(house, name, **seen)
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: first if house.scripted.changes() and not next(looks) else None
    )
    house.scripted.lose_reply("rds", "RebootDBInstance")
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:RebootDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_its_alarm_finds_it_and_its_ok_is_the_last_proof(house: House, event: Event) -> None:
    name = multi_az(house)
    sent = house.alarmed(about_rds(event("asg-cpu-high"), "WriteLatency"), {"DBInstanceIdentifier": name})
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"


def test_quick_writes_do_not_find_it(house: House, event: Event) -> None:
    sent = about_rds(event("low-direction"), "WriteLatency")
    answer, _ = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": multi_az(house)}))
    assert answer.kind == "left"
