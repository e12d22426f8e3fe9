"""reboot-rds-instance: what it promises at night."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import Event, a_database, about_rds, described, measured, not_applicable, seems

NAME = "reboot-rds-instance"


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "succeeded"


def test_it_reboots_without_failover_and_sees_the_instance_leave_and_come_back(house: House) -> None:
    """One change; "available" counts only after something else was seen."""
    name = a_database(house)
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert dict(sent.parameters) == {"DBInstanceIdentifier": name, "ForceFailover": False}
    facts = house.facts(run)
    assert [fact["value"]["status"] for fact in facts if fact.get("waited") == "it is rebooting"] == ["rebooting"]
    assert [fact["proved"] for fact in facts if "proved" in fact] == [
        "it is available again, and no parameter waits for a reboot"
    ]


def test_available_right_after_the_call_is_no_proof(house: House) -> None:
    """For two looks it still seems to be up; only then it leaves."""
    name, looks = a_database(house), itertools.count()
    before = described(house, name)
    house.scripted.script(
        "rds",
        "DescribeDBInstances",
        lambda _: before if house.scripted.changes() and next(looks) < 2 else None,
    )
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "it is rebooting"] == [3]


def test_parameters_that_wait_for_a_reboot_are_in_effect_afterwards_and_it_says_so(house: House) -> None:
    """ParameterApplyStatus: RDS API reference, DBParameterGroupStatus."""
    name = a_database(house)
    waiting = [{"DBParameterGroupName": "ours", "ParameterApplyStatus": "pending-reboot"}]
    answer = described(house, name, DBParameterGroups=waiting)
    house.scripted.script("rds", "DescribeDBInstances", lambda _: None if house.scripted.changes() else answer)
    _, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert ended["words"] == f"{name} was rebooted; parameters that waited for it are in effect"


def test_clients_that_were_there_must_come_back(house: House) -> None:
    """CloudWatch tells of them for the time after the reboot."""
    name = a_database(house)
    measured(house, "DatabaseConnections", name, 80.0)
    figures = {"Datapoints": [{"Timestamp": datetime(2026, 11, 21, 3, 9, tzinfo=UTC), "Maximum": 7.0}]}
    answers: Iterator[Any] = iter([None, {"Datapoints": []}, figures])
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: next(answers))
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    (seen,) = [fact for fact in house.facts(run) if fact.get("proved") == "clients connect again"]
    assert (seen["value"], seen["tries"]) == (7.0, 2)


def test_clients_that_stay_away_are_no_cure(house: House) -> None:
    name = a_database(house)
    measured(house, "DatabaseConnections", name, 80.0)
    house.scripted.script(
        "cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": []} if house.scripted.changes() else None
    )
    _, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "clients connect again" in ended["words"]


def test_a_plan_changes_nothing_and_shows_the_reboot_and_its_proofs(house: House) -> None:
    name = a_database(house)
    measured(house, "DatabaseConnections", name, 3.0)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": name, "ForceFailover": False}
    assert (line["undo"], line["unknown"]) == ("none", "looked at")
    assert len([each for each in planned.lines if each["verb"] == "prove"]) == 2
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the database", instance="nobody-made-this")


def test_an_instance_of_aurora_is_left_alone(house: House) -> None:
    cluster = a_cluster(house)
    not_applicable(house, NAME, "no cluster contains it", instance=f"{cluster}-a")


@pytest.mark.parametrize("status", ["rebooting", "backing-up", "storage-full", "stopped"])
def test_one_that_is_not_available_is_left_alone(house: House, status: str) -> None:
    """Rebooting already, busy, or in need of something else."""
    name = a_database(house)
    seems(house, name, DBInstanceStatus=status)
    not_applicable(house, NAME, "it is available", instance=name)


@pytest.mark.parametrize(
    ("action", "runs"),
    [
        ({"OptInStatus": "immediate"}, False),
        ({"CurrentApplyDate": timedelta(minutes=59)}, False),
        ({"CurrentApplyDate": timedelta(days=3)}, True),
        ({"OptInStatus": "next-maintenance"}, True),
    ],
    ids=["at once", "within the hour", "in three days", "on offer"],
)
def test_maintenance_that_comes_first_is_waited_for(house: House, action: dict[str, Any], runs: bool) -> None:
    """PendingMaintenanceAction, RDS API reference: two reboots at a time are one too many."""
    name, now = a_database(house), house.crew.installation.clock.now()
    dated = {key: now + value if isinstance(value, timedelta) else value for key, value in action.items()}
    listed = [{"PendingMaintenanceActionDetails": [{"Action": "system-update", **dated}]}]
    house.scripted.script("rds", "DescribePendingMaintenanceActions", lambda _: {"PendingMaintenanceActions": listed})
    if runs:
        assert house.start(NAME, instance=name, within="1m")[1]["outcome"] == "succeeded"
    else:
        not_applicable(house, NAME, "no maintenance is under way", instance=name)


def test_one_that_never_leaves_is_failed(house: House) -> None:
    """The deadline passed: AWS took the call, and nothing came of it."""
    name = a_database(house)
    seems(house, name)
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert "it is rebooting: not within 1 min" in ended["words"]
    assert "not_undone" not in house.closing(run)


def test_one_that_does_not_come_back_is_no_cure(house: House) -> None:
    name = a_database(house)
    seems(house, name, after_a_change=True, DBInstanceStatus="rebooting")
    _, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "it is available again" in ended["words"]


def test_a_refused_reboot_leaves_nothing_to_undo(house: House) -> None:
    """Errors of RebootDBInstance, RDS API reference."""
    house.scripted.answer("rds", "RebootDBInstance", Refusal("InvalidDBInstanceState"))
    run, ended = house.start(NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidDBInstanceState"
    assert "undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """It is rebooting: a second reboot would cut the connections that just came back."""
    house.scripted.lose_reply("rds", "RebootDBInstance")
    run, ended = house.start(NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:RebootDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


@pytest.mark.parametrize(
    ("metric", "shape"), [("FreeableMemory", "low-direction"), ("DatabaseConnections", "asg-cpu-high")]
)
def test_its_alarms_find_it_and_their_ok_is_the_last_proof(house: House, event: Event, metric: str, shape: str) -> None:
    name = a_database(house)
    sent = house.alarmed(about_rds(event(shape), metric), {"DBInstanceIdentifier": name})
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"


def test_plenty_of_memory_does_not_find_it(house: House, event: Event) -> None:
    sent = about_rds(event("asg-cpu-high"), "FreeableMemory")
    answer, _ = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": a_database(house)}))
    assert answer.kind == "left"
