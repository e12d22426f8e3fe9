"""fail-over-aurora-cluster: which clusters it leaves as they are."""

from datetime import timedelta
from typing import Any

import pytest

from tests.house import House
from tests.runbooks.clusters import a_cluster, described, listed

NAME = "fail-over-aurora-cluster"


ODD = {
    "serverless v1": ({"EngineMode": "serverless"}, "not Serverless v1"),
    "a secondary": (
        {"ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster:shop"},
        "it is no secondary",
    ),
    "under way already": ({"Status": "failing-over"}, "it is available"),
    "without a writer": ({"DBClusterMembers": []}, "it has a writer"),
}


def not_applicable(house: House, cluster: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = house.start(NAME, cluster=cluster, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_cluster_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the cluster")


def test_a_multi_az_cluster_that_is_not_aurora_is_left_alone(house: House) -> None:
    """The same call would fail it over, but neither tiers nor lag are the same there."""
    not_applicable(house, a_cluster(house, engine="mysql"), "it is Aurora")


@pytest.mark.parametrize(("otherwise", "why"), ODD.values(), ids=ODD)
def test_a_cluster_in_another_state_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    cluster = a_cluster(house)
    house.scripted.script("rds", "DescribeDBClusters", lambda _: described(house, cluster, **otherwise))
    not_applicable(house, cluster, why)


def test_a_reader_in_the_writers_own_zone_is_no_target(house: House) -> None:
    not_applicable(house, a_cluster(house, zones="aa"), "in another zone than the writer's")


def test_readers_that_are_not_available_are_no_target(house: House) -> None:
    cluster = a_cluster(house, zones="ab")
    house.scripted.script("rds", "DescribeDBInstances", lambda _: listed(house, cluster, b="rebooting"))
    not_applicable(house, cluster, "in another zone than the writer's is available")


def lags(house: House, cluster: str, *milliseconds: float) -> None:
    """What CloudWatch has of the lag of the reader in zone b, minute by minute, the newest last."""
    now = house.crew.installation.clock.now()
    for ago, value in enumerate(reversed(milliseconds)):
        house.crew.client("cloudwatch").put_metric_data(
            Namespace="AWS/RDS",
            MetricData=[
                {
                    "MetricName": "AuroraReplicaLag",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": f"{cluster}-b"}],
                    "Timestamp": now - timedelta(minutes=1 + ago),
                    "Value": value,
                    "Unit": "Milliseconds",
                }
            ],
        )


def test_a_reader_that_lags_is_not_promoted(house: House) -> None:
    """It would have to catch up first, while nobody can write."""
    cluster = a_cluster(house)
    lags(house, cluster, 20.0, 4000.0)
    not_applicable(house, cluster, f"{cluster}-b lags 1000 ms at most")


def test_the_newest_lag_counts_and_how_much_is_the_callers_to_say(house: House) -> None:
    cluster = a_cluster(house)
    lags(house, cluster, 9000.0, 1500.0)
    run, ended = house.start(NAME, cluster=cluster, lag="2s")
    assert ended["outcome"] == "succeeded"
    assert {"read": f"the lag of {cluster}-b", "value": 1500.0}.items() <= next(
        fact for fact in house.facts(run) if fact.get("read", "").startswith("the lag")
    ).items()


def test_a_lag_that_nobody_measured_is_no_objection(house: House) -> None:
    """The storage is shared: a lag costs time, not data. That there was no figure stands in the ledger."""
    run, ended = house.start(NAME, cluster=a_cluster(house))
    assert ended["outcome"] == "succeeded"
    (seen,) = [fact for fact in house.facts(run) if fact.get("read", "").startswith("the lag")]
    assert seen["value"] is None
