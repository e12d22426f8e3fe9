"""remove-aurora-reader: what it promises, the day after."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.admission.cancelling import cancel
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster, described
from tests.runbooks.clusters import listed as members
from tests.runbooks.databases import a_database, not_applicable, now_of

NAME = "remove-aurora-reader"


def with_extra(house: House) -> tuple[str, str]:
    """A cluster with a reader that a run of ours added."""
    cluster = a_cluster(house)
    name = f"{cluster}-extra-1"
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBClusterIdentifier=cluster,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
        PromotionTier=15,
        Tags=[{"Key": "nightcrew:run", "Value": "20261121-030004-k3f9qa"}],
    )
    return cluster, name


def there(house: House, cluster: str) -> list[str]:
    """What the cluster has, in the cloud itself."""
    return sorted(each["DBInstanceIdentifier"] for each in members(house, cluster)["DBInstances"])


def goes_slowly(house: House, cluster: str, looks: int = 10**6) -> None:
    """It is being deleted, for so many looks (Aurora user guide, "Viewing DB instance status")."""
    before, seen = members(house, cluster), itertools.count()
    for each in before["DBInstances"]:
        if "-extra-" in each["DBInstanceIdentifier"]:
            each["DBInstanceStatus"] = "deleting"
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: before if house.scripted.changes() and next(seen) < looks else None
    )


def cancelled_after(house: House, operation: str) -> None:
    """Somebody cancels the run as soon as this change was made."""

    def wish(_: Any, __: Any) -> None:
        run = next(what["run"] for kind, what in reversed(house.told) if "run" in what)
        cancel(house.crew.store, run, by="bob", reason="wait", now=house.crew.installation.clock.now())

    house.scripted.after("rds", operation, wish)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    _, ended = house.start(NAME, instance=with_extra(house)[1], within="1m")
    assert ended["outcome"] == "succeeded"
    cancelled_after(house, "DeleteDBInstance")
    _, ended = house.start(NAME, instance=with_extra(house)[1], within="1m")
    assert ended["outcome"] == "cancelled"


def test_it_deletes_the_reader_that_was_added_and_sees_it_gone(house: House) -> None:
    """One change; the others are as they were."""
    cluster, name = with_extra(house)
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:DeleteDBInstance"]
    assert there(house, cluster) == [f"{cluster}-{zone}" for zone in "abc"]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        f"{name} is gone, and the others are there"
    ]


def test_a_plan_changes_nothing_and_shows_how_it_would_come_back(house: House) -> None:
    cluster, name = with_extra(house)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": name}
    assert line["unknown"] == "looked at"
    assert line["undo"][0]["title"] == "its name is free, or it stayed"
    assert house.scripted.changes() == []
    assert name in there(house, cluster)


def test_one_that_is_gone_already_is_not_applicable(house: House) -> None:
    """Somebody else took it away: nothing is left to do."""
    not_applicable(house, NAME, "find the reader", instance="shop-extra-1")


def test_a_reader_of_the_teams_own_is_left_alone(house: House) -> None:
    """Whatever its name is: the tag says who made it."""
    not_applicable(house, NAME, "Nightcrew added it", instance=f"{a_cluster(house)}-b")


def test_an_instance_that_stands_alone_is_left_alone(house: House) -> None:
    not_applicable(house, NAME, "it is in a cluster", instance=a_database(house))


def test_one_that_writes_by_now_is_left_alone(house: House) -> None:
    """A failover promoted it: deleting it would be another one."""
    cluster, name = with_extra(house)
    house.crew.client("rds").failover_db_cluster(DBClusterIdentifier=cluster, TargetDBInstanceIdentifier=name)
    not_applicable(house, NAME, "it is a reader", instance=name)


def test_while_nobody_writes_no_reader_goes(house: House) -> None:
    cluster, name = with_extra(house)
    nobody = [
        {**each, "IsClusterWriter": False} for each in described(house, cluster)["DBClusters"][0]["DBClusterMembers"]
    ]
    house.scripted.script("rds", "DescribeDBClusters", lambda _: described(house, cluster, DBClusterMembers=nobody))
    not_applicable(house, NAME, "it is a reader", instance=name)


def test_one_that_is_not_available_is_left_alone(house: House) -> None:
    _, name = with_extra(house)
    answer = {"DBInstances": [{**now_of(house, name), "DBInstanceStatus": "deleting"}]}
    house.scripted.script("rds", "DescribeDBInstances", lambda _: answer)
    not_applicable(house, NAME, "it is available", instance=name)


@pytest.mark.parametrize(("percent", "runs"), [(50.0, True), (50.1, False)])
def test_readers_that_are_still_busy_keep_it(house: House, percent: float, runs: bool) -> None:
    """Taking capacity back while the load lasts brings the alarm back."""
    _, name = with_extra(house)
    figures = {"Datapoints": [{"Timestamp": datetime(2026, 11, 22, 3, tzinfo=UTC), "Maximum": percent}]}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: figures)
    if runs:
        assert house.start(NAME, instance=name, within="1m")[1]["outcome"] == "succeeded"
    else:
        not_applicable(house, NAME, "the readers' CPU is 50 % at most", instance=name)


def test_a_refused_deletion_leaves_nothing_to_undo(house: House) -> None:
    """Errors of DeleteDBInstance, RDS API reference."""
    cluster, name = with_extra(house)
    house.scripted.answer("rds", "DeleteDBInstance", Refusal("InvalidDBInstanceState"))
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidDBInstanceState"
    assert "undone" not in house.closing(run)
    assert name in there(house, cluster)


def test_one_that_is_not_seen_to_go_is_no_cure(house: House) -> None:
    """The deadline passed: AWS is still at it."""
    cluster, name = with_extra(house)
    goes_slowly(house, cluster)
    _, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["rds:DeleteDBInstance"]


def test_a_cancelled_run_adds_it_again_once_its_name_is_free(house: House) -> None:
    """With its class, its tier and its tag."""
    cluster, name = with_extra(house)
    goes_slowly(house, cluster, looks=2)
    cancelled_after(house, "DeleteDBInstance")
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "cancelled"
    assert house.closing(run)["undone"] == [f"delete {name}"]
    again = now_of(house, name)
    assert (again["DBInstanceClass"], again["PromotionTier"]) == ("db.r6g.large", 15)
    assert again["TagList"] == [{"Key": "nightcrew:run", "Value": "20261121-030004-k3f9qa"}]


@pytest.mark.parametrize("looks", [0, 1], ids=["gone", "on its way"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, looks: int) -> None:
    """What is gone is no reason to delete it once more."""
    cluster, name = with_extra(house)
    goes_slowly(house, cluster, looks)
    house.scripted.lose_reply("rds", "DeleteDBInstance")
    run, ended = house.start(NAME, instance=name, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:DeleteDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    """It is due when the time of the reader is over."""
    assert house.crew.installation.catalog[NAME].triggers == ()
