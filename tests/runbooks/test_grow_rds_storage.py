"""grow-rds-storage: what it promises at night."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import Event, a_database, about_rds, described, not_applicable, now_of, seems

NAME = "grow-rds-storage"


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start_decided(house, NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "succeeded"


def test_it_grows_by_a_fifth_once_somebody_agreed(house: House) -> None:
    """One change, at once; who agreed and to what stands in the ledger."""
    name = a_database(house)
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert dict(sent.parameters) == {
        "DBInstanceIdentifier": name,
        "AllocatedStorage": 120,
        "ApplyImmediately": True,
    }
    assert now_of(house, name)["AllocatedStorage"] == 120
    (asked,) = [fact for fact in house.facts(run) if "asked" in fact]
    assert asked["asked"] == "approve: grow it from 100 to 120 GiB"
    assert next(entry for entry in house.entries(run) if entry.kind == "change").body["undo"] == "irreversible"


def test_without_an_answer_nothing_is_changed(house: House) -> None:
    """What cannot be taken back is not done while everybody sleeps, whatever the policy says."""
    name = a_database(house)
    _, ended = house.start(NAME, instance=name)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert now_of(house, name)["AllocatedStorage"] == 100


@pytest.mark.parametrize(
    ("given", "storage", "wanted"),
    [
        ({"percent": 50}, {}, 150),
        ({"percent": 11}, {"AllocatedStorage": 101}, 113),
        ({"percent": 50, "at_most": 130}, {}, 130),
        ({"percent": 50}, {"MaxAllocatedStorage": 140}, 140),
    ],
    ids=["by percentage", "rounded up", "not above at_most", "not above autoscaling's maximum"],
)
def test_the_step_is_bounded(house: House, given: dict[str, Any], storage: dict[str, int], wanted: int) -> None:
    """The lowest bound counts."""
    name = a_database(house, **storage)
    _, ended = start_decided(house, NAME, instance=name, within="1m", **given)
    assert ended["outcome"] == "succeeded"
    assert now_of(house, name)["AllocatedStorage"] == wanted


def test_a_volume_that_is_being_optimized_is_grown_and_can_be_used(house: House) -> None:
    """Status storage-optimization: RDS user guide, "Viewing Amazon RDS DB instance status"."""
    name = a_database(house)
    seems(house, name, after_a_change=True, DBInstanceStatus="storage-optimization", AllocatedStorage=120)
    _, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"


def test_a_full_one_is_what_it_is_for(house: House) -> None:
    name = a_database(house)
    full = described(house, name, DBInstanceStatus="storage-full")
    house.scripted.script("rds", "DescribeDBInstances", lambda _: None if house.scripted.changes() else full)
    _, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"


def test_a_plan_changes_nothing_and_says_that_it_cannot_be_taken_back(house: House) -> None:
    name = a_database(house)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": name, "AllocatedStorage": 120, "ApplyImmediately": True}
    assert (line["undo"], line["unknown"]) == ("irreversible", "looked at")
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the database", instance="nobody-made-this")


def test_auroras_storage_grows_by_itself(house: House) -> None:
    not_applicable(house, NAME, "no cluster contains it", instance=f"{a_cluster(house)}-a")


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"DBInstanceStatus": "storage-optimization"}, "not being optimized"),
        ({"DBInstanceStatus": "modifying"}, "not being optimized"),
        ({"PendingModifiedValues": {"AllocatedStorage": 120}}, "no other change of it is pending"),
        ({"PendingModifiedValues": {"DBInstanceClass": "db.m6g.xlarge"}}, "no other change of it is pending"),
        ({"MaxAllocatedStorage": 105}, "10 % more than 100 GiB fit under the lowest maximum, 105 GiB"),
        ({"StorageType": "io2"}, "fit under the lowest maximum, 0 GiB"),
    ],
    ids=["optimizing", "modifying", "growing already", "another change", "autoscaling's maximum", "no such type"],
)
def test_one_in_another_state_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    name = a_database(house)
    seems(house, name, **otherwise)
    not_applicable(house, NAME, why, instance=name)


@pytest.mark.parametrize("by", ["", "autoscaling-initiated "], ids=["by somebody", "by autoscaling"])
def test_one_that_grew_in_the_last_six_hours_is_left_alone(house: House, by: str) -> None:
    """The events that AWS says to look for (re:Post, "low free storage space"): it would refuse, with less words."""
    name = a_database(house)
    message = f"Finished applying {by}modification to allocated storage"
    grew = {"Message": message, "Date": datetime(2026, 11, 21, 1, tzinfo=UTC), "SourceIdentifier": name}
    house.scripted.script("rds", "DescribeEvents", lambda _: {"Events": [grew]})
    not_applicable(house, NAME, "not changed in the last six hours", instance=name)


@pytest.mark.parametrize(("given", "why"), [({"percent": 9}, "10 at least"), ({"at_most": 100}, "100 GiB")])
def test_what_rds_would_not_take_is_not_asked_for(house: House, given: dict[str, int], why: str) -> None:
    not_applicable(house, NAME, why, instance=a_database(house), **given)


def test_a_refused_growth_is_failed(house: House) -> None:
    """Errors of ModifyDBInstance, RDS API reference."""
    name = a_database(house)
    house.scripted.answer("rds", "ModifyDBInstance", Refusal("StorageQuotaExceeded"))
    run, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "StorageQuotaExceeded"
    assert "undone" not in house.closing(run)


def test_one_that_does_not_grow_in_time_is_no_cure(house: House) -> None:
    """The size stays what it was, the wish stands pending."""
    name = a_database(house)
    seems(house, name, after_a_change=True, PendingModifiedValues={"AllocatedStorage": 120})
    _, ended = start_decided(house, NAME, instance=name, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "no proof that it has 120 GiB" in ended["words"]
    assert house.scripted.changes() == ["rds:ModifyDBInstance"]


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("rds", "ModifyDBInstance")
    run, ended = start_decided(house, NAME, instance=a_database(house), within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:ModifyDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_its_alarm_finds_it(house: House, event: Event) -> None:
    """And it asks before it changes anything: nobody answers here."""
    name = a_database(house)
    sent = about_rds(event("low-direction"), "FreeStorageSpace")
    answer, ended = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": name}))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "declined"


def test_plenty_of_storage_does_not_find_it(house: House, event: Event) -> None:
    sent = about_rds(event("asg-cpu-high"), "FreeStorageSpace")
    answer, _ = house.crew.event(house.alarmed(sent, {"DBInstanceIdentifier": a_database(house)}))
    assert answer.kind == "left"
