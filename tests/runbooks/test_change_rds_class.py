"""change-rds-class: what it promises at night."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import (
    Event,
    a_database,
    about_rds,
    described,
    not_applicable,
    now_of,
    one_without_snapshots,
    seems,
    snapshots_seem,
)

NAME = "change-rds-class"
OLD, NEW = "db.m6g.large", "db.m6g.xlarge"


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start_decided(house, NAME, instance=one_without_snapshots(house), back_up=True, within="1m")
    assert ended["outcome"] == "succeeded"
    snapshots_seem(house, "failed")
    _, ended = start_decided(house, NAME, instance=one_without_snapshots(house), back_up=True, within="1m")
    assert ended["outcome"] == "failed"


def test_it_takes_the_next_larger_class_once_somebody_agreed(house: House) -> None:
    """One change, at once, and not at the next maintenance."""
    name = a_database(house)
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert dict(sent.parameters) == {"DBInstanceIdentifier": name, "DBInstanceClass": NEW, "ApplyImmediately": True}
    assert now_of(house, name)["DBInstanceClass"] == NEW
    (asked,) = [fact for fact in house.facts(run) if "asked" in fact]
    assert (asked["asked"], asked["decision"]) == (f"agree to an outage: {name} becomes {NEW}", "approved")
    assert ended["words"] == f"{name} is {NEW} now, and was {OLD}"


def test_it_takes_the_class_that_is_named(house: House) -> None:
    name = a_database(house)
    _, ended = start_decided(house, NAME, instance=name, target="db.r6g.4xlarge", within="1m")
    assert ended["outcome"] == "succeeded"
    assert now_of(house, name)["DBInstanceClass"] == "db.r6g.4xlarge"


def test_nobody_agrees_and_nothing_is_changed(house: House) -> None:
    name = a_database(house)
    _, ended = start_decided(house, NAME, instance=name, approve=False)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert now_of(house, name)["DBInstanceClass"] == OLD


def test_a_backup_is_taken_before_and_stays_even_if_the_change_fails(house: House) -> None:
    """A part of the run: its steps are in the same ledger, and its whole snapshot is not taken back."""
    name = one_without_snapshots(house)
    house.scripted.answer("rds", "ModifyDBInstance", Refusal("InsufficientDBInstanceCapacity"))
    run, ended = start_decided(house, NAME, instance=name, back_up=True, within="1m")
    assert ended["outcome"] == "failed"
    assert changed(house, run) == ["back-up-rds-instance: take a snapshot", f"change it from {OLD} to {NEW}"]
    (asked,) = [fact for fact in house.facts(run) if "asked" in fact]
    assert asked["asked"] == f"agree to an outage, after a backup: {name} becomes {NEW}"
    found = house.crew.client("rds").describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]
    assert [each["DBSnapshotIdentifier"] for each in found] == [f"{name}-nightcrew-{run}"]
    assert "not_undone" not in house.closing(run)


def test_a_recent_backup_will_do(house: House) -> None:
    """AWS takes one when it makes a database, and so does moto."""
    run, ended = start_decided(house, NAME, instance=a_database(house), back_up=True, within="1m")
    assert ended["outcome"] == "succeeded"
    assert changed(house, run) == [f"change it from {OLD} to {NEW}"]


def test_without_its_backup_the_class_is_not_changed(house: House) -> None:
    name = one_without_snapshots(house)
    house.scripted.answer("rds", "CreateDBSnapshot", Refusal("SnapshotQuotaExceeded"))
    _, ended = start_decided(house, NAME, instance=name, back_up=True, within="1m")
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["rds:CreateDBSnapshot"]
    assert now_of(house, name)["DBInstanceClass"] == OLD


def test_it_waits_until_the_backup_lets_it_be_changed(house: House) -> None:
    """Status backing-up: RDS user guide, "Viewing Amazon RDS DB instance status"."""
    name = one_without_snapshots(house)
    busy = iter([described(house, name, DBInstanceStatus="backing-up")])
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: next(busy, None) if house.scripted.changes() else None
    )
    run, ended = start_decided(house, NAME, instance=name, back_up=True, within="1m")
    assert ended["outcome"] == "succeeded"
    waited = [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "it can be changed again"]
    assert waited == [2]


def test_a_plan_with_a_backup_shows_both(house: House) -> None:
    planned = house.plan(NAME, instance=one_without_snapshots(house), back_up=True)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == ["rds:CreateDBSnapshot", "rds:ModifyDBInstance"]
    assert house.scripted.changes() == []


def test_a_plan_changes_nothing_and_shows_the_question_and_the_way_back(house: House) -> None:
    name = a_database(house)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": name, "DBInstanceClass": NEW, "ApplyImmediately": True}
    assert line["unknown"] == "looked at"
    assert line["undo"][0]["title"] == "it is available"
    assert [each["title"] for each in planned.lines if each["verb"] == "approve"] == [
        f"agree to an outage: {name} becomes {NEW}"
    ]
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the database", instance="nobody-made-this")


def test_an_instance_of_aurora_is_left_alone(house: House) -> None:
    not_applicable(house, NAME, "no cluster contains it", instance=f"{a_cluster(house)}-a")


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"DBInstanceStatus": "modifying"}, "it is available"),
        ({"PendingModifiedValues": {"DBInstanceClass": NEW}}, "no other change of it is pending"),
        ({"PendingModifiedValues": {"EngineVersion": "17.1"}}, "no other change of it is pending"),
        ({"DBInstanceClass": "db.m6g.32xlarge"}, "name one, none is known above db.m6g.32xlarge"),
    ],
    ids=["modifying", "on its way", "an upgrade would come along", "the largest"],
)
def test_one_in_another_state_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    """ApplyImmediately applies whatever else is pending (RDS user guide, "Using the schedule modifications
    setting").
    """
    name = a_database(house)
    seems(house, name, **otherwise)
    not_applicable(house, NAME, why, instance=name)


def test_one_that_has_the_class_is_left_alone(house: House) -> None:
    not_applicable(house, NAME, f"it is not {OLD} already", instance=a_database(house), target=OLD)


@pytest.mark.parametrize("zones", [[], ["eu-west-1b"]], ids=["not at all", "not in its zone"])
def test_a_class_that_cannot_be_had_is_not_asked_for(house: House, zones: list[str]) -> None:
    """DescribeOrderableDBInstanceOptions, RDS API reference."""
    options = [{"DBInstanceClass": NEW, "AvailabilityZones": [{"Name": zone} for zone in zones]}] if zones else []
    house.scripted.script(
        "rds", "DescribeOrderableDBInstanceOptions", lambda _: {"OrderableDBInstanceOptions": options}
    )
    not_applicable(house, NAME, f"AWS offers {NEW} for its engine in its zone", instance=a_database(house))


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    """Errors of ModifyDBInstance, RDS API reference."""
    house.scripted.answer("rds", "ModifyDBInstance", Refusal("InsufficientDBInstanceCapacity"))
    run, ended = start_decided(house, NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InsufficientDBInstanceCapacity"
    assert "undone" not in house.closing(run)


def test_a_change_that_aws_has_still_before_it_is_taken_back(house: House) -> None:
    """The deadline passed: the class is the old one and the new one pending, so it would come some time."""
    name = a_database(house)
    pending = described(house, name, PendingModifiedValues={"DBInstanceClass": NEW})
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: pending if len(house.scripted.changes()) == 1 else None
    )
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert f"it is {NEW}: not within 1 min" in ended["words"]
    assert changed(house, run) == [f"change it from {OLD} to {NEW}", f"change it back to {OLD}"]
    assert now_of(house, name)["DBInstanceClass"] == OLD
    assert "not_undone" not in house.closing(run)


def test_one_that_nothing_came_of_needs_no_way_back(house: House) -> None:
    """The deadline passed, and nothing is pending: another change would be another outage."""
    name = a_database(house)
    seems(house, name, after_a_change=True)
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["rds:ModifyDBInstance"]
    assert house.closing(run)["undone"] == [f"change it from {OLD} to {NEW}"]


def test_one_that_is_not_available_with_it_is_no_cure_and_keeps_it(house: House) -> None:
    """It may come up still: taking it back would be a second outage."""
    name = a_database(house)
    seems(house, name, after_a_change=True, DBInstanceClass=NEW, DBInstanceStatus="modifying")
    _, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["rds:ModifyDBInstance"]


@pytest.mark.parametrize("at_once", [True, False], ids=["done", "pending"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, at_once: bool) -> None:
    name = a_database(house)
    looks = iter([] if at_once else [described(house, name, PendingModifiedValues={"DBInstanceClass": NEW})])
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: next(looks, None) if house.scripted.changes() else None
    )
    house.scripted.lose_reply("rds", "ModifyDBInstance")
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:ModifyDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_its_alarm_finds_it_and_it_asks(house: House, event: Event) -> None:
    name = a_database(house)
    sent = about_rds(event("asg-cpu-high"), "CPUUtilization")
    answer, ended = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": name}))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "declined"
    assert house.scripted.changes() == []


def test_an_idle_one_does_not_find_it(house: House, event: Event) -> None:
    sent = about_rds(event("low-direction"), "CPUUtilization")
    answer, _ = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": a_database(house)}))
    assert answer.kind == "left"
