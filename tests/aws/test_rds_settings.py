"""Settings of a database instance: what a restore is told, and how far another one is like it."""

from typing import Any

import pytest

from nightcrew.aws import rds_settings as probes
from nightcrew.errors import Unknown


def one(**more: Any) -> dict[str, Any]:
    """A DescribeDBInstances answer with one instance."""
    found = {
        "DBInstanceIdentifier": "till",
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "Endpoint": {"Address": "till.abc.rds.amazonaws.com", "Port": 5432},
        "StorageType": "gp3",
        "Iops": 3000,
        "StorageThroughput": 125,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
        "DBParameterGroups": [{"DBParameterGroupName": "till", "ParameterApplyStatus": "in-sync"}],
        "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16", "Status": "in-sync"}],
    }
    return {"DBInstances": [{**found, **more}]}


def settings(**more: Any) -> dict[str, Any]:
    """What is made of its settings."""
    return dict(probes.only_db_instance(one(**more))["settings"])


def test_no_instance_is_unknown() -> None:
    with pytest.raises(Unknown):
        probes.only_db_instance({"DBInstances": []})


def test_a_restore_is_told_of_all_security_groups() -> None:
    assert probes.to_restore(settings())["VpcSecurityGroupIds"] == ["sg-1", "sg-2"]


def test_groups_of_aws_are_not_named_and_ones_own_are() -> None:
    """A restore to another version of the engine would refuse a default group of this one."""
    told = probes.to_restore(settings())
    assert told["DBParameterGroupName"] == "till"
    assert "OptionGroupName" not in told


@pytest.mark.parametrize(
    ("storage", "told"),
    [
        ({}, {}),
        ({"Iops": 12000, "StorageThroughput": 500}, {"Iops": 12000, "StorageThroughput": 500}),
        ({"StorageType": "io2", "Iops": 1000, "StorageThroughput": 0}, {"Iops": 1000}),
        ({"StorageType": "gp2"}, {}),
    ],
)
def test_speed_is_named_only_where_aws_takes_it(storage: dict[str, Any], told: dict[str, Any]) -> None:
    """What gp3 has by itself may not be named for a small volume."""
    found = probes.to_restore(settings(**storage))
    assert {key: value for key, value in found.items() if key in {"Iops", "StorageThroughput"}} == told


def test_a_monitoring_role_is_set_only_with_an_interval() -> None:
    """AWS refuses one without the other."""
    assert "MonitoringRoleArn" not in probes.to_modify(settings(MonitoringRoleArn="arn", MonitoringInterval=0))
    told = probes.to_modify(settings(MonitoringRoleArn="arn", MonitoringInterval=60))
    assert told == {"MonitoringRoleArn": "arn", "MonitoringInterval": 60}


def test_a_difference_is_told_in_words_in_both_directions() -> None:
    new = settings(VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-1"}], MaxAllocatedStorage=200)
    assert probes.differences(settings(), new) == [
        "MaxAllocatedStorage: None, now 200",
        "VpcSecurityGroupIds: ['sg-1', 'sg-2'], now ['sg-1']",
    ]
    assert probes.differences(settings(), settings()) == []


def test_parameters_that_wait_for_a_reboot_are_not_in_sync() -> None:
    group = {"DBParameterGroupName": "till", "ParameterApplyStatus": "pending-reboot"}
    assert probes.only_db_instance(one())["in_sync"]
    assert not probes.only_db_instance(one(DBParameterGroups=[group]))["in_sync"]


def test_what_a_person_must_bring_along_is_named() -> None:
    found = probes.only_db_instance(
        one(
            ReadReplicaDBInstanceIdentifiers=["till-reader"],
            AssociatedRoles=[{"RoleArn": "arn:role"}],
            MasterUserSecret={"SecretArn": "arn:secret"},
            ActivityStreamStatus="started",
            TagList=[{"Key": "aws:cloudformation:stack-name", "Value": "shop"}],
        )
    )
    left = "; ".join(probes.left_behind(found))
    for words in ("till-reader", "arn:role", "Secrets Manager", "activity stream", "the stack shop"):
        assert words in left
    assert len(probes.left_behind(probes.only_db_instance(one()))) == 1


def test_size_and_version_drift_and_are_no_difference() -> None:
    old, new = (
        probes.only_db_instance(one(EngineVersion=version, AllocatedStorage=size))
        for version, size in (("16.4", 100), ("16.3", 80))
    )
    assert probes.drift(old, new) == ["version: 16.4, now 16.3", "GiB: 100, now 80"]
    assert probes.differences(old["settings"], new["settings"]) == []


@pytest.mark.parametrize("status", ["creating", "backing-up", "configuring-enhanced-monitoring", "renaming"])
def test_a_busy_one_takes_no_request(status: str) -> None:
    assert probes.is_busy(status)


@pytest.mark.parametrize("status", ["available", "failed", "storage-full", "incompatible-network", "stopped"])
def test_others_do(status: str) -> None:
    assert not probes.is_busy(status)


def test_only_what_the_run_made_may_be_deleted() -> None:
    """By its tag, not by its name."""
    tagged = [{"Key": "nightcrew:run", "Value": "run-1"}]
    assert probes.can_be_deleted_as_made_by("run-1", one(TagList=tagged))
    assert not probes.can_be_deleted_as_made_by("run-1", one(TagList=tagged, DBInstanceStatus="creating"))
    with pytest.raises(Unknown, match="was not made by"):
        probes.can_be_deleted_as_made_by("run-2", one(TagList=tagged))


def test_names_show_who_goes_by_them_and_who_is_on_its_way() -> None:
    tagged = [{"Key": "nightcrew:run", "Value": "run-1"}]
    moving = {"TagList": tagged, "PendingModifiedValues": {"DBInstanceIdentifier": "till"}}
    seen = probes.names_seen("run-1", {"DBInstances": [*one()["DBInstances"], *_named("till-again", **moving)]})
    assert seen["till"] == {"status": "available", "ours": False, "address": "till.abc.rds.amazonaws.com"}
    assert (seen["till-again"]["status"], seen["till-again"]["ours"]) == ("renaming", True)


def _named(name: str, **more: Any) -> list[dict[str, Any]]:
    return list(one(DBInstanceIdentifier=name, **more)["DBInstances"])


def test_a_snapshot_tells_whose_it_is_and_of_when() -> None:
    made = {"DBSnapshotIdentifier": "s", "DBInstanceIdentifier": "till", "Status": "available", "Engine": "postgres"}
    found = probes.only_snapshot({"DBSnapshots": [{**made, "SnapshotCreateTime": "2026-11-21T03:00:00Z"}]})
    assert (found["of"], found["key"], found["at"]) == ("till", None, "2026-11-21T03:00:00Z")
    with pytest.raises(Unknown):
        probes.only_snapshot({"DBSnapshots": []})
