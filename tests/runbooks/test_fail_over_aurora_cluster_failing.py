"""fail-over-aurora-cluster: when something goes wrong, and the way back."""

import itertools
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster, described, listed, writer

NAME = "fail-over-aurora-cluster"


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def test_a_refused_failover_leaves_nothing_to_undo(house: House) -> None:
    cluster = a_cluster(house)
    house.scripted.answer("rds", "FailoverDBCluster", Refusal("InvalidDBClusterStateFault"))
    run, ended = house.start(NAME, cluster=cluster)
    assert ended["outcome"] == "failed"
    closing = house.closing(run)
    assert closing["error"]["code"] == "InvalidDBClusterStateFault"
    assert "undone" not in closing
    assert writer(house, cluster) == "a"


def test_a_failover_that_aws_gave_up_is_failed_and_needs_no_way_back(house: House) -> None:
    """The deadline passed and the old writer writes: promoting it again would cut connections for nothing."""
    cluster = a_cluster(house)
    house.scripted.script("rds", "FailoverDBCluster", lambda _: {"DBCluster": {"DBClusterIdentifier": cluster}})
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"
    assert "the writer has moved: not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["rds:FailoverDBCluster"]
    assert house.closing(run)["undone"] == [f"fail over from {cluster}-a to {cluster}-b"]


def astray(house: House, cluster: str) -> None:
    """The first failover ends on the instance in zone c, which nobody asked for."""

    def failover(_: Any) -> Any:
        if house.scripted.changes():
            return None
        client = house.crew.client("rds")
        moved = client.failover_db_cluster(DBClusterIdentifier=cluster, TargetDBInstanceIdentifier=f"{cluster}-c")
        return {"DBCluster": moved["DBCluster"]}

    house.scripted.script("rds", "FailoverDBCluster", failover)


def test_a_failover_to_another_instance_is_undone_to_the_writer_that_was(house: House) -> None:
    cluster = a_cluster(house)
    astray(house, cluster)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"
    assert changed(house, run) == [f"fail over from {cluster}-a to {cluster}-b", f"fail back to {cluster}-a"]
    assert writer(house, cluster) == "a"
    assert "not_undone" not in house.closing(run)


def test_the_way_back_waits_until_the_old_writer_is_an_available_reader(house: House) -> None:
    """It restarts after a failover: before that it cannot be promoted."""
    cluster, looks = a_cluster(house), itertools.count()
    astray(house, cluster)

    def restarting(_: Any) -> Any:
        return listed(house, cluster, a="rebooting") if house.scripted.changes() and next(looks) < 2 else None

    house.scripted.script("rds", "DescribeDBInstances", restarting)
    run, _ = house.start(NAME, cluster=cluster, within="1m")
    waited = {fact["waited"]: fact["tries"] for fact in house.facts(run) if "waited" in fact}
    assert waited[f"{cluster}-a can be promoted"] == 3
    assert writer(house, cluster) == "a"


def test_a_way_back_that_fails_calls_a_person_and_does_not_hide_the_first_error(house: House) -> None:
    cluster = a_cluster(house)
    astray(house, cluster)
    house.scripted.script(
        "rds",
        "DescribeDBInstances",
        lambda _: listed(house, cluster, a="incompatible-network") if house.scripted.changes() else None,
    )
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert "the writer has moved" in ended["words"]
    (left,) = house.closing(run)["not_undone"]
    assert left["words"] == f"{cluster}-a can be promoted: not within 1 min"


@pytest.mark.parametrize("status", ["available", "failing-over"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, status: str) -> None:
    """Moved already, or on its way: a second failover would promote somebody else."""
    cluster = a_cluster(house)
    if status == "failing-over":
        on_its_way, looks = described(house, cluster, Status=status), itertools.count()
        house.scripted.script(
            "rds", "DescribeDBClusters", lambda _: on_its_way if house.scripted.changes() and not next(looks) else None
        )
    house.scripted.lose_reply("rds", "FailoverDBCluster")
    run, ended = house.start(NAME, cluster=cluster)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:FailoverDBCluster"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_an_instance_that_does_not_come_back_is_no_cure_and_the_new_writer_stays(house: House) -> None:
    cluster = a_cluster(house)
    house.scripted.script(
        "rds",
        "DescribeDBInstances",
        lambda _: listed(house, cluster, a="rebooting") if house.scripted.changes() else None,
    )
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "each instance that was available is so again" in ended["words"]
    assert len(changed(house, run)) == 1
    assert writer(house, cluster) == "b"
