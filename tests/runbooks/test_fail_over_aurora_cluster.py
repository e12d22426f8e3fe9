"""fail-over-aurora-cluster: what it promises at night."""

import itertools
from collections.abc import Callable
from typing import Any

from tests.house import House
from tests.runbooks.clusters import a_cluster, described, listed, writer

NAME = "fail-over-aurora-cluster"

Event = Callable[[str], dict[str, Any]]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, cluster=a_cluster(house))
    assert ended["outcome"] == "succeeded"


def test_it_promotes_the_reader_of_the_lowest_tier_and_proves_it(house: House) -> None:
    """One change; that the writer moved is seen by its identity, and every instance is back."""
    cluster = a_cluster(house)
    run, ended = house.start(NAME, cluster=cluster)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:FailoverDBCluster"]
    assert writer(house, cluster) == "b"
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        f"{cluster}-b writes and the cluster is available",
        "each instance that was available is so again",
    ]


def test_the_writer_that_was_stands_in_the_ledger(house: House) -> None:
    cluster = a_cluster(house)
    run, ended = house.start(NAME, cluster=cluster)
    found = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "find the cluster")
    assert found["writer"] == f"{cluster}-a"
    assert [fact["result"] for fact in house.facts(run) if "changed" in fact] == [{"status": "available"}]
    assert ended["words"] == f"{cluster} is written by {cluster}-b now, and was by {cluster}-a"


def test_an_instance_that_is_not_available_is_passed_over(house: House) -> None:
    """The next tier takes its place, and nobody waits for what was broken before."""
    cluster = a_cluster(house)
    house.scripted.script("rds", "DescribeDBInstances", lambda _: listed(house, cluster, b="storage-full"))
    _, ended = house.start(NAME, cluster=cluster)
    assert ended["outcome"] == "succeeded"
    assert writer(house, cluster) == "c"


def test_a_plan_changes_nothing_and_names_the_target(house: House) -> None:
    cluster = a_cluster(house)
    planned = house.plan(NAME, cluster=cluster)
    assert planned.outcome == "planned"
    assert planned.ends is None
    (line,) = planned.changes
    assert line["parameters"] == {"DBClusterIdentifier": cluster, "TargetDBInstanceIdentifier": f"{cluster}-b"}
    assert line["unknown"] == "looked at"
    assert line["undo"][0]["title"] == "the failover is over"
    assert house.scripted.changes() == []
    assert writer(house, cluster) == "a"


def test_available_alone_proves_nothing(house: House) -> None:
    """For a while all looks as before: only another writer is news."""
    cluster = a_cluster(house)
    before, looks = described(house, cluster), itertools.count()

    def stale(_: Any) -> Any:
        return before if house.scripted.changes() and next(looks) < 2 else None

    house.scripted.script("rds", "DescribeDBClusters", stale)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "the writer has moved"] == [3]


def test_a_new_writer_is_a_proof_only_once_the_cluster_is_available(house: House) -> None:
    """While it fails over the members may have changed places already."""
    cluster, looks = a_cluster(house), itertools.count()

    def busy(_: Any) -> Any:
        return (
            described(house, cluster, Status="failing-over") if house.scripted.changes() and next(looks) < 3 else None
        )

    house.scripted.script("rds", "DescribeDBClusters", busy)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "succeeded"
    tries = [fact["tries"] for fact in house.facts(run) if "waited" in fact or "proved" in fact]
    assert tries == [1, 3, 1]


def test_a_writer_that_moves_on_is_no_proof(house: House) -> None:
    """It was the target for a moment, and is the old one again."""
    cluster, looks = a_cluster(house), itertools.count()
    before = described(house, cluster)

    def bouncing(_: Any) -> Any:
        return before if house.scripted.changes() and next(looks) > 0 else None

    house.scripted.script("rds", "DescribeDBClusters", bouncing)
    _, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "ineffective"
    assert f"no proof that {cluster}-b writes" in ended["words"]


def test_the_writers_alarm_finds_it_and_its_ok_is_the_last_proof(house: House, event: Event) -> None:
    """The metric is the role's: after the failover the same alarm watches the new writer."""
    cluster = a_cluster(house)
    sent = house.alarmed(event("aurora-writer-latency"), {"DBClusterIdentifier": cluster})
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert writer(house, cluster) == "b"


def test_an_alarm_that_stays_is_no_cure_and_nobody_fails_back(house: House, event: Event) -> None:
    cluster = a_cluster(house)
    sent = house.alarmed(event("aurora-writer-latency"), {"DBClusterIdentifier": cluster}, state="ALARM")
    _, ended = house.crew.event(sent)
    assert ended is not None
    assert ended.result["outcome"] == "ineffective"
    assert writer(house, cluster) == "b"


def test_a_readers_latency_does_not_find_it(house: House, event: Event) -> None:
    """Moving the writer does not help a reader."""
    sent = house.alarmed(
        event("aurora-writer-latency"), {"DBClusterIdentifier": a_cluster(house), "Role": "READER"}, state="ALARM"
    )
    assert house.crew.event(sent)[0].kind == "left"


def test_a_run_on_a_cluster_holds_its_global_cluster_too(house: House) -> None:
    """Two clusters of one global cluster lie in two Regions: what they share has none in its ARN."""
    cluster = a_cluster(house)
    house.scripted.script(
        "rds", "DescribeDBClusters", lambda _: described(house, cluster, GlobalClusterIdentifier="shop-everywhere")
    )
    run, ended = house.start(NAME, cluster=cluster)
    assert ended["outcome"] == "succeeded"
    (held,) = [fact["held"] for fact in house.facts(run) if "held" in fact and "require" not in fact]
    assert held == ["arn:aws:rds::123456789012:global-cluster:shop-everywhere"]
