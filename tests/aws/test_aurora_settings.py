"""Settings of an Aurora cluster and its instances: what a restore is told, and how far another one is like it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws import aurora_settings as probes
from nightcrew.errors import Unknown


def one(**more: Any) -> dict[str, Any]:
    """A DescribeDBClusters answer with one cluster."""
    found = {
        "DBClusterIdentifier": "vault",
        "Status": "available",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.4",
        "Endpoint": "vault.cluster-abc.rds.amazonaws.com",
        "EarliestRestorableTime": "2026-11-14T03:00:00Z",
        "LatestRestorableTime": "2026-11-21T03:00:00Z",
        "DBClusterParameterGroup": "vault",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
        "DBClusterMembers": [
            {"DBInstanceIdentifier": "vault-b", "IsClusterWriter": False, "DBClusterParameterGroupStatus": "in-sync"},
            {"DBInstanceIdentifier": "vault-a", "IsClusterWriter": True, "DBClusterParameterGroupStatus": "in-sync"},
        ],
    }
    return {"DBClusters": [{**found, **more}]}


def settings(**more: Any) -> dict[str, Any]:
    """What is made of its settings."""
    return dict(probes.only_whole_cluster(one(**more))["settings"])


def an_instance(name: str, **more: Any) -> dict[str, Any]:
    """One of a DescribeDBInstances answer."""
    found = {"DBInstanceIdentifier": name, "DBInstanceStatus": "available", "Engine": "aurora-postgresql"}
    return {**found, "DBInstanceClass": "db.r6g.large", "AvailabilityZone": "eu-west-1a", **more}


def members(*found: dict[str, Any], writer: str | None = None) -> list[dict[str, Any]]:
    """What is made of instances."""
    return probes.members_of(writer, {"DBInstances": list(found)})


def test_no_cluster_and_no_snapshot_is_unknown() -> None:
    with pytest.raises(Unknown):
        probes.only_whole_cluster({"DBClusters": []})
    with pytest.raises(Unknown):
        probes.only_cluster_snapshot({"DBClusterSnapshots": []})


def test_a_restore_is_told_of_all_security_groups_and_not_of_groups_of_aws() -> None:
    assert probes.to_restore(settings()) == {
        "DBClusterParameterGroupName": "vault",
        "VpcSecurityGroupIds": ["sg-1", "sg-2"],
    }
    assert "DBClusterParameterGroupName" not in probes.to_restore(settings(DBClusterParameterGroup="default.aurora8.0"))


@pytest.mark.parametrize(("kind", "told"), [("aurora", None), ("aurora-iopt1", "aurora-iopt1"), (None, None)])
def test_only_the_storage_that_is_not_the_ordinary_one_is_named(kind: str | None, told: str | None) -> None:
    """AWS does not name the ordinary one in its answers."""
    assert probes.to_restore(settings(StorageType=kind)).get("StorageType") == told


def test_performance_insights_are_the_clusters_only_in_the_advanced_mode() -> None:
    insights = {"PerformanceInsightsEnabled": True, "PerformanceInsightsRetentionPeriod": 465}
    assert probes.to_modify(settings(DatabaseInsightsMode="standard", **insights)) == {}
    assert probes.to_modify(settings(DatabaseInsightsMode="advanced", **insights)) == {
        "DatabaseInsightsMode": "advanced",
        "EnablePerformanceInsights": True,
        "PerformanceInsightsRetentionPeriod": 465,
    }


def test_the_instances_come_with_the_writer_first_then_by_tier() -> None:
    """The first that is made writes."""
    found = members(an_instance("a", PromotionTier=3), an_instance("b", PromotionTier=0), an_instance("c"), writer="c")
    assert [(each["id"], each["settings"]["PromotionTier"]) for each in found] == [("c", 1), ("b", 0), ("a", 3)]


def test_an_instance_is_made_with_what_is_its_own() -> None:
    """The rest is its cluster's, and a parameter group of AWS's own comes by itself."""
    (found,) = members(
        an_instance(
            "a",
            DBParameterGroups=[{"DBParameterGroupName": "default.aurora8.0", "ParameterApplyStatus": "in-sync"}],
            BackupRetentionPeriod=7,
            PerformanceInsightsEnabled=True,
            PerformanceInsightsKMSKeyId="arn:aws:kms:eu-west-1:123456789012:key/1",
        )
    )
    assert probes.to_create(found["settings"]) == {
        "AvailabilityZone": "eu-west-1a",
        "DBInstanceClass": "db.r6g.large",
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
        "PromotionTier": 1,
    }


def test_what_an_instance_lacks_is_told_in_words() -> None:
    (old,) = members(an_instance("a"))
    assert probes.unlike([(old, "n-1")], members(an_instance("n-1"))) == []
    assert probes.unlike([(old, "n-1")], []) == ["n-1 is not there"]
    other = members(an_instance("n-1", DBInstanceStatus="creating", DBInstanceClass="db.t4g.medium"))
    assert probes.unlike([(old, "n-1")], other) == [
        "n-1 is creating, and waits for nothing",
        "n-1: DBInstanceClass was db.r6g.large, is db.t4g.medium",
    ]


@pytest.mark.parametrize(("day", "held"), [(13, False), (14, True), (21, True), (22, False)])
def test_a_time_must_lie_between_the_restorable_ones(day: int, held: bool) -> None:
    found = probes.only_whole_cluster(one())
    assert probes.can_be_restored_to(found, datetime(2026, 11, day, 3, tzinfo=UTC)) is held
    assert probes.can_be_restored_to(found, None)


def test_what_a_person_must_bring_along_is_named() -> None:
    old = probes.only_whole_cluster(
        one(
            ReadReplicaIdentifiers=["arn:far"],
            CustomEndpoints=["reports"],
            AssociatedRoles=[{"RoleArn": "arn:role"}],
            MasterUserSecret={"SecretArn": "arn:secret"},
            ActivityStreamStatus="started",
            HttpEndpointEnabled=True,
            TagList=[{"Key": "aws:cloudformation:stack-name", "Value": "shop"}],
        )
    )
    left = "; ".join(probes.left_behind(old, probes.only_whole_cluster(one(EngineVersion="16.3"))))
    for words in ("16.3", "arn:far", "reports", "arn:role", "Secrets Manager", "activity stream", "Data API", "shop"):
        assert words in left
    plain = probes.only_whole_cluster(one())
    assert len(probes.left_behind(plain, plain)) == 2


@pytest.mark.parametrize(
    ("more", "special"),
    [({"ClusterScalabilityType": "limitless"}, True), ({"VPCNetworkingEnabled": False}, True), ({}, False)],
)
def test_limitless_clusters_and_those_in_no_vpc_are_special(more: dict[str, Any], special: bool) -> None:
    assert probes.only_whole_cluster(one(**more))["special"] is special


def test_parameters_that_wait_for_a_reboot_are_not_in_sync() -> None:
    waiting = [{"DBInstanceIdentifier": "vault-a", "DBClusterParameterGroupStatus": "pending-reboot"}]
    assert probes.only_whole_cluster(one())["in_sync"]
    assert not probes.only_whole_cluster(one(DBClusterMembers=waiting))["in_sync"]


def test_only_what_the_run_made_may_be_deleted_and_only_without_instances() -> None:
    ours: dict[str, Any] = {"TagList": [{"Key": "nightcrew:run", "Value": "run-1"}]}
    assert probes.cluster_can_be_deleted_as_made_by("run-1", one(DBClusterMembers=[], **ours))
    assert not probes.cluster_can_be_deleted_as_made_by("run-1", one(**ours))
    assert not probes.cluster_can_be_deleted_as_made_by("run-1", one(Status="creating", DBClusterMembers=[], **ours))
    with pytest.raises(Unknown, match="was not made by"):
        probes.cluster_can_be_deleted_as_made_by("run-2", one(**ours))


def test_names_show_who_goes_by_them_and_who_is_on_its_way() -> None:
    moving = one(PendingModifiedValues={"DBClusterIdentifier": "vault-aside"})
    address = "vault.cluster-abc.rds.amazonaws.com"
    assert probes.cluster_names_seen("run-1", one()) == {
        "vault": {"status": "available", "ours": False, "address": address}
    }
    assert probes.cluster_names_seen("run-1", moving)["vault"]["status"] == "renaming"


@pytest.mark.parametrize(("status", "busy"), [("update-iam-db-auth", True), ("backing-up", True), ("available", False)])
def test_a_busy_one_takes_no_request(status: str, busy: bool) -> None:
    assert probes.is_cluster_busy(status) is busy


def test_a_snapshot_tells_whose_it_is_and_of_which_version() -> None:
    made = {"DBClusterSnapshotIdentifier": "s", "DBClusterIdentifier": "vault", "Status": "available"}
    found = probes.only_cluster_snapshot(
        {"DBClusterSnapshots": [{**made, "Engine": "aurora-postgresql", "EngineVersion": "16.3"}]}
    )
    assert (found["of"], found["version"], found["key"]) == ("vault", "16.3", None)
