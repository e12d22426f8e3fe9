"""restore-aurora-cluster: what it leaves alone, and says why."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import stamp
from tests.house import House
from tests.runbooks.clusters import a_cluster as a_small_cluster
from tests.runbooks.clusters_to_restore import (
    NAME,
    a_cluster,
    a_snapshot,
    beside,
    edited,
    edited_instance,
    names,
)


def refused_to_start(house: House, cluster: str, words: str, **parameters: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = house.start(NAME, cluster=cluster, **{**names(cluster), "within": "1m", **parameters})
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


def test_a_member_of_a_global_cluster_is_only_restored_beside(house: House) -> None:
    """What took its name would be in no global cluster."""
    one, other = a_cluster(house), a_cluster(house)
    edited(house, one, GlobalClusterIdentifier="the-world")
    edited(house, other, GlobalClusterIdentifier="another-world")
    refused_to_start(house, one, "it is in no global cluster")
    _, ended = beside(house, other)
    assert ended["outcome"] == "succeeded", ended["words"]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"EngineMode": "serverless"}, "not Serverless v1"),
        ({"ClusterScalabilityType": "limitless"}, "not Limitless"),
        ({"ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster:x"}, "replicates no other"),
        ({"DomainMemberships": [{"Domain": "d-1"}]}, "joined to no directory"),
        ({"Status": "backing-up"}, "it is available"),
        ({"DBClusterMembers": []}, "an instance of it writes"),
        ({"PendingModifiedValues": {"EngineVersion": "3"}}, "nothing waits"),
        ({"TagList": [{"Key": f"tag-{each}", "Value": "x"} for each in range(50)]}, "leave room for one more"),
    ],
)
def test_what_a_restore_does_not_suit_is_left_alone(house: House, seen: dict[str, Any], words: str) -> None:
    cluster = a_cluster(house)
    edited(house, cluster, **seen)
    refused_to_start(house, cluster, words)


def test_a_multi_az_cluster_is_left_alone(house: House) -> None:
    """Its instances come and go with it."""
    refused_to_start(house, a_small_cluster(house, engine="postgres"), "it is Aurora")


def test_an_instance_that_is_not_available_is_left_alone(house: House) -> None:
    cluster = a_cluster(house)
    edited_instance(house, f"{cluster}-a", DBInstanceStatus="rebooting")
    refused_to_start(house, cluster, "each of them is available")


def test_a_cluster_of_very_many_instances_is_only_restored_beside(house: House) -> None:
    """To rename them all, and back if need be, takes more steps than a run has."""
    cluster = a_cluster(house)

    def many(_: Any, answer: dict[str, Any]) -> None:
        first = answer["DBInstances"][0] if answer["DBInstances"] else {}
        if first.get("DBClusterIdentifier") == cluster:
            answer["DBInstances"] = [{**first, "DBInstanceIdentifier": f"{cluster}-{each}"} for each in range(9)]

    house.scripted.after("rds", "DescribeDBInstances", many)
    refused_to_start(house, cluster, "8 at most")
    assert house.plan(NAME, cluster=cluster, take_over=False).outcome == "planned"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_time_out_of_the_window_is_not_applicable(house: House, days: int) -> None:
    """Before the cluster was made, or still to come; the words name the window."""
    now = house.crew.installation.clock.now()
    refused_to_start(house, a_cluster(house), "its first and last restorable", to=stamp(now + timedelta(days=days)))


def test_a_name_that_is_taken_is_not_applicable(house: House) -> None:
    """A cluster's or one of its instances'."""
    cluster, other = a_cluster(house), a_cluster(house)
    refused_to_start(house, cluster, f"there is no {other} and", target=other)
    refused_to_start(house, cluster, f"no {other} yet", aside=other)
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=f"{cluster}-again-1",
        DBClusterIdentifier=other,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    refused_to_start(house, cluster, "nor instances so called")


def test_a_cluster_that_does_not_exist_is_not_applicable(house: House) -> None:
    refused_to_start(house, "vault-never-made", "find it")


def test_another_clusters_snapshot_or_one_under_another_key_is_not_applicable(house: House) -> None:
    cluster = a_cluster(house)
    refused_to_start(house, cluster, f"it is one of {cluster}", snapshot=a_snapshot(house, a_cluster(house)))
    snapshot = a_snapshot(house, cluster)
    edited(house, cluster, KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/1")
    refused_to_start(house, cluster, "it has the same key", snapshot=snapshot)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"within": "11h"}, "10 h at most"),
        ({"decide": "9h"}, "8 h at most"),
        ({"snapshot": "vault-1", "to": "2026-11-21T03:00:00Z"}, "not both"),
        ({"target": "v" * 62}, "room for a number"),
    ],
)
def test_what_cannot_be_meant_is_not_applicable(house: House, given: dict[str, Any], words: str) -> None:
    refused_to_start(house, a_cluster(house), words, **given)
