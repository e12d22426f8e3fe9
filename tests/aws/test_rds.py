"""Aurora clusters and database instances: answers in AWS's shapes, and what is read out of them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.arns import ResourceName, beside
from nightcrew.aws.rds import (
    ClusterId,
    DbInstanceId,
    available,
    best_reader,
    instances,
    only_cluster,
    readers_of,
    writer_of,
)
from nightcrew.errors import Unknown

ARN = "arn:aws:rds:eu-west-1:123456789012:cluster:checkout-db"
PRIMARY = "arn:aws:rds:us-east-1:123456789012:cluster:checkout-db"

MARKER: Any = get_args(ClusterId)[1]
INSTANCE: Any = get_args(DbInstanceId)[1]


def cluster(*members: tuple[str, bool], **more: Any) -> dict[str, Any]:
    """A DescribeDBClusters answer."""
    return {
        "DBClusters": [
            {
                "DBClusterIdentifier": "checkout-db",
                "DBClusterArn": ARN,
                "Status": "available",
                "Engine": "aurora-postgresql",
                "EngineVersion": "16.4",
                "EngineMode": "provisioned",
                "MultiAZ": True,
                "DBClusterMembers": [
                    {
                        "DBInstanceIdentifier": name,
                        "IsClusterWriter": writes,
                        "DBClusterParameterGroupStatus": "in-sync",
                        "PromotionTier": 1,
                    }
                    for name, writes in members
                ],
                "ReadReplicaIdentifiers": [],
                "TagList": [{"Key": "stage", "Value": "prod"}],
                **more,
            }
        ]
    }


def instance(name: str, zone: str, *, tier: int = 1, size: str = "db.r6g.large", status: str = "available") -> Any:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": size,
        "Engine": "aurora-postgresql",
        "DBInstanceStatus": status,
        "AvailabilityZone": f"eu-west-1{zone}",
        "DBClusterIdentifier": "checkout-db",
        "PromotionTier": tier,
    }


def test_a_cluster_is_cut_down_to_what_a_failover_must_know() -> None:
    assert only_cluster(cluster(("db-1", False), ("db-2", True))) == {
        "engine": "aurora-postgresql",
        "mode": "provisioned",
        "status": "available",
        "writer": "db-2",
        "source": None,
        "global": None,
    }


def test_a_secondary_of_a_global_cluster_has_a_source_and_no_writer() -> None:
    """All its instances read; what it replicates is the primary."""
    answer = cluster(("db-1", False), ReplicationSourceIdentifier=PRIMARY, GlobalClusterIdentifier="checkout")
    found = only_cluster(answer)
    assert (found["source"], found["writer"], found["global"]) == (PRIMARY, None, "checkout")


def test_while_nobody_writes_there_is_no_writer() -> None:
    assert writer_of(cluster(("db-1", False), ("db-2", False))) is None
    assert writer_of({"DBClusters": []}) is None


def test_readers_are_the_members_that_do_not_write() -> None:
    """Those behind the reader endpoint."""
    assert readers_of(cluster(("db-3", False), ("db-1", True), ("db-2", False))) == ["db-2", "db-3"]
    assert readers_of({"DBClusters": []}) == []


def test_no_cluster_is_unknown() -> None:
    with pytest.raises(Unknown, match="no such cluster"):
        only_cluster({"DBClusters": []})


def best(*found: Any) -> str | None:
    """Who takes over from db-1."""
    chosen = best_reader(instances({"DBInstances": list(found)}), "db-1")
    return str(chosen["id"]) if chosen else None


WRITER = instance("db-1", "a", tier=0)


def test_the_lowest_tier_takes_over() -> None:
    """The team's own order, which Aurora follows too."""
    assert best(WRITER, instance("db-2", "b", tier=2), instance("db-3", "c", tier=1)) == "db-3"


def test_within_a_tier_one_of_the_writers_class_takes_over() -> None:
    small = instance("db-2", "b", size="db.t4g.medium")
    assert best(WRITER, small, instance("db-3", "c")) == "db-3"
    assert best(WRITER, small, instance("db-3", "c", tier=2)) == "db-2"


def test_among_equals_the_choice_is_the_same_each_time() -> None:
    assert best(WRITER, instance("db-3", "c"), instance("db-2", "b")) == "db-2"


@pytest.mark.parametrize(
    "other",
    [instance("db-2", "a"), instance("db-2", "b", status="rebooting"), instance("db-2", "b", status="storage-full")],
    ids=["in the same zone", "not up", "not well"],
)
def test_a_reader_beside_the_writer_or_not_available_is_no_target(other: Any) -> None:
    assert best(WRITER, other) is None


def test_without_the_writer_in_sight_nobody_takes_over() -> None:
    """Its zone is not known then."""
    assert best(instance("db-2", "b")) is None


def test_an_instance_without_a_tier_has_the_default_one() -> None:
    bare = instance("db-2", "b")
    del bare["PromotionTier"]
    assert best(WRITER, bare, instance("db-3", "c", tier=2)) == "db-2"


def test_available_are_those_that_say_so() -> None:
    found = instances({"DBInstances": [WRITER, instance("db-2", "b", status="modifying")]})
    assert available(found) == {"db-1"}


def test_the_surroundings_are_the_tags_and_the_global_cluster_which_has_no_region() -> None:
    """So that runs on two of its clusters, in two Regions, see the same group."""
    lookup = MARKER.lookup
    around = lookup.read(cluster(GlobalClusterIdentifier="checkout"))
    assert around.tags == {"stage": "prod"}
    (group,) = around.groups
    assert beside(ARN, *group.split(":", 1)) == "arn:aws:rds::123456789012:global-cluster:checkout"
    assert beside(PRIMARY, *group.split(":", 1)) == "arn:aws:rds::123456789012:global-cluster:checkout"


def test_a_cluster_of_its_own_and_one_that_is_gone_have_no_group() -> None:
    assert MARKER.lookup.read(cluster()).groups == ()
    assert MARKER.lookup.read({"DBClusters": []}).groups == ()


def test_a_clusters_arn_is_the_one_that_aws_gives_it() -> None:
    assert isinstance(MARKER, ResourceName)
    assert MARKER.arn("checkout-db", account="123456789012", region="eu-west-1") == ARN


def test_an_instance_and_its_cluster_meet_at_the_same_lock() -> None:
    """The ARN of the group is the one that the cluster's identifier builds."""
    arn = INSTANCE.arn("db-1", account="123456789012", region="eu-west-1")
    assert arn == "arn:aws:rds:eu-west-1:123456789012:db:db-1"
    answer = {"DBInstances": [{**instance("db-1", "a"), "TagList": [{"Key": "stage", "Value": "prod"}]}]}
    around = INSTANCE.lookup.read(answer)
    assert [beside(arn, *group.split(":", 1)) for group in around.groups] == [ARN]
    assert around.tags == {"stage": "prod"}


def test_an_instance_that_stands_alone_and_one_that_is_gone_have_no_group() -> None:
    alone = instance("db-1", "a")
    del alone["DBClusterIdentifier"]
    assert INSTANCE.lookup.read({"DBInstances": [alone]}).groups == ()
    assert INSTANCE.lookup.read({"DBInstances": []}).groups == ()


def test_an_instance_is_looked_up_by_its_identifier() -> None:
    call = INSTANCE.lookup.call("db-1")
    assert (call.action, call.parameters) == (INSTANCE.lookup.action, {"DBInstanceIdentifier": "db-1"})


@pytest.mark.parametrize("name", ["checkout-db", "a", "x1-2-3", "a" * 63])
def test_identifiers_are_taken_as_rds_keeps_them(name: str) -> None:
    assert re.fullmatch(MARKER.pattern, name)
    assert re.fullmatch(INSTANCE.pattern, name)


@pytest.mark.parametrize("name", ["", "Checkout-DB", "1st", "a--b", "a-", "a_b", "a" * 64, "a*"])
def test_other_spellings_are_not(name: str) -> None:
    """One cluster in two spellings would be two locks."""
    assert not re.fullmatch(MARKER.pattern, name)
    assert not re.fullmatch(INSTANCE.pattern, name)
