"""A database instance that stands alone: answers in AWS's shapes, and what is read out of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws.rds_instance import (
    has_left,
    is_available,
    larger_class,
    largest_storage,
    maintenance_due,
    only_database,
    settings_of,
    storage_changes,
    zones_on_offer,
)
from nightcrew.errors import Unknown

ONE = {
    "DBInstanceIdentifier": "ledger",
    "DBInstanceArn": "arn:aws:rds:eu-west-1:123456789012:db:ledger",
    "DBInstanceClass": "db.m6g.large",
    "DBInstanceStatus": "available",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AvailabilityZone": "eu-west-1a",
    "SecondaryAvailabilityZone": "eu-west-1b",
    "MultiAZ": True,
    "AllocatedStorage": 100,
    "MaxAllocatedStorage": 200,
    "StorageType": "gp3",
    "BackupRetentionPeriod": 7,
    "PubliclyAccessible": False,
    "PendingModifiedValues": {"AllocatedStorage": 120},
    "DBParameterGroups": [{"DBParameterGroupName": "ours", "ParameterApplyStatus": "pending-reboot"}],
    "ReadReplicaDBInstanceIdentifiers": ["ledger-b", "ledger-a"],
    "TagList": [{"Key": "stage", "Value": "prod"}],
}


def answer(**otherwise: Any) -> dict[str, Any]:
    """A DescribeDBInstances answer."""
    return {"DBInstances": [{**ONE, **otherwise}]}


def test_an_instance_is_cut_down_to_what_a_runbook_must_know() -> None:
    assert only_database(answer()) == {
        "arn": "arn:aws:rds:eu-west-1:123456789012:db:ledger",
        "status": "available",
        "engine": "postgres",
        "version": "16.4",
        "class": "db.m6g.large",
        "cluster": None,
        "zone": "eu-west-1a",
        "standby": "eu-west-1b",
        "multi_az": True,
        "storage": 100,
        "most_storage": 200,
        "storage_type": "gp3",
        "pending": {"AllocatedStorage": 120},
        "parameters": ["pending-reboot"],
        "source": None,
        "replication": None,
        "replicas": ["ledger-a", "ledger-b"],
        "backups": 7,
        "tags": {"stage": "prod"},
    }


def test_a_replica_says_whom_it_follows_and_how_that_goes() -> None:
    info = [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}]
    seen = only_database(answer(ReadReplicaSourceDBInstanceIdentifier="main", StatusInfos=info))
    assert (seen["source"], seen["replication"]) == ("main", "replicating")


def test_no_instance_is_unknown() -> None:
    with pytest.raises(Unknown, match="no such database"):
        only_database({"DBInstances": []})


@pytest.mark.parametrize("status", ["rebooting", "backing-up", "storage-optimization"])
def test_whatever_is_not_available_has_left(status: str) -> None:
    seen = only_database(answer(DBInstanceStatus=status))
    assert (is_available(seen), has_left(seen)) == (False, True)
    assert is_available(only_database(answer()))


def due(**action: Any) -> list[str]:
    """What is due by four, of one pending action."""
    listed = [{"PendingMaintenanceActionDetails": [{"Action": "system-update", **action}]}]
    return maintenance_due({"PendingMaintenanceActions": listed}, datetime(2026, 11, 21, 4, tzinfo=UTC))


def test_maintenance_counts_where_it_comes_soon_or_somebody_wants_it_now() -> None:
    assert due(CurrentApplyDate="2026-11-21T03:59:00.000Z") == ["system-update"]
    assert due(OptInStatus="immediate", CurrentApplyDate="2026-11-25T03:00:00.000Z") == ["system-update"]


def test_maintenance_that_is_on_offer_or_days_away_does_not_count() -> None:
    assert due() == []
    assert due(CurrentApplyDate="2026-11-21T04:00:00.001Z") == []
    assert due(OptInStatus="next-maintenance") == []


def test_changes_of_the_storage_are_told_from_other_events() -> None:
    events = [
        {"Message": "Finished applying autoscaling-initiated modification to allocated storage", "Date": "T2"},
        {"Message": "Finished applying modification to allocated storage", "Date": "T1"},
        {"Message": "Finished applying modification to DB instance class", "Date": "T3"},
    ]
    assert storage_changes({"Events": events}) == ["T1", "T2"]


def test_the_largest_storage_is_that_of_its_own_type() -> None:
    """Each type has ranges of its own."""
    storage = [
        {"StorageType": "gp3", "StorageSize": [{"From": 20, "To": 399, "Step": 1}, {"From": 400, "To": 65536}]},
        {"StorageType": "standard", "StorageSize": [{"From": 5, "To": 3072, "Step": 1}]},
    ]
    given = {"ValidDBInstanceModificationsMessage": {"Storage": storage}}
    assert (largest_storage(given, "gp3"), largest_storage(given, "standard")) == (65536, 3072)
    assert largest_storage(given, "io2") == 0


@pytest.mark.parametrize(
    ("name", "larger"),
    [
        ("db.r6g.large", "db.r6g.xlarge"),
        ("db.r6g.xlarge", "db.r6g.2xlarge"),
        ("db.t4g.micro", "db.t4g.small"),
        ("db.r6g.32xlarge", None),
        ("db.serverless", None),
        ("db.r5.6xlarge.tpc2.mem4x", None),
    ],
)
def test_the_next_larger_class_is_of_the_same_family(name: str, larger: str | None) -> None:
    assert larger_class(name) == larger


def test_a_class_is_on_offer_in_its_zones() -> None:
    options = [{"AvailabilityZones": [{"Name": "b"}, {"Name": "a"}]}, {"AvailabilityZones": [{"Name": "a"}]}]
    assert zones_on_offer({"OrderableDBInstanceOptions": options}) == ["a", "b"]
    assert zones_on_offer({"OrderableDBInstanceOptions": []}) == []


def test_a_new_instance_takes_over_what_create_takes() -> None:
    """Class, parameter group, Performance Insights; no identifier, no zone, no status, and nobody's key."""
    insights = {"PerformanceInsightsEnabled": True, "PerformanceInsightsKMSKeyId": "theirs"}
    assert settings_of(answer(**insights, PerformanceInsightsRetentionPeriod=31), "ledger") == {
        "DBInstanceClass": "db.m6g.large",
        "Engine": "postgres",
        "PubliclyAccessible": False,
        "DBParameterGroupName": "ours",
        "EnablePerformanceInsights": True,
        "PerformanceInsightsRetentionPeriod": 31,
        "Tags": {"stage": "prod"},
    }
    assert "EnablePerformanceInsights" not in settings_of(answer(), "ledger")
    with pytest.raises(Unknown, match="nobody"):
        settings_of(answer(), "nobody")
