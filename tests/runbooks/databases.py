"""RDS instances that stand alone, in the embedded cloud, for the tests of the runbooks about them."""

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tests.house import House

_numbers = itertools.count(1)

Event = Callable[[str], dict[str, Any]]


def a_database(house: House, **more: Any) -> str:
    """A database of a test's own in zone a, 100 GiB of gp3; its identifier."""
    name = f"ledger-{next(_numbers)}"
    given = {
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "DBInstanceClass": "db.m6g.large",
        "AllocatedStorage": 100,
        "StorageType": "gp3",
        "AvailabilityZone": "eu-west-1a",
        "MasterUsername": "shop",
        "MasterUserPassword": "not-a-secret",
    }
    house.crew.client("rds").create_db_instance(DBInstanceIdentifier=name, **{**given, **more})
    return name


def one_without_snapshots(house: House) -> str:
    """A database of a test's own of which there is no snapshot; moto takes an automated one when it makes one."""
    rds, name = house.crew.client("rds"), a_database(house)
    for each in rds.describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]:
        rds.delete_db_snapshot(DBSnapshotIdentifier=each["DBSnapshotIdentifier"])
    return name


def snapshots_seem(house: House, status: str, looks: int = 1000) -> None:
    """A snapshot that is asked for by its name is in this state, for so many looks (RDS API reference, DBSnapshot)."""
    left = [looks]

    def edit(asked: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBSnapshots"]:
            if left[0] and "Filters" in asked:
                left[0] -= 1
                each["Status"] = status

    house.scripted.after("rds", "DescribeDBSnapshots", edit)


def a_replica(house: House) -> tuple[str, str]:
    """A database and a replica that follows it."""
    source = a_database(house)
    replica = f"{source}-replica"
    house.crew.client("rds").create_db_instance_read_replica(
        DBInstanceIdentifier=replica, SourceDBInstanceIdentifier=source
    )
    return source, replica


def now_of(house: House, name: str) -> dict[str, Any]:
    """The database as it is in the cloud."""
    return dict(house.crew.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


def described(house: House, name: str, **otherwise: Any) -> dict[str, Any]:
    """The answer about it as it is now, but for these members."""
    return {"DBInstances": [{**now_of(house, name), **otherwise}]}


def seems(house: House, name: str, *, after_a_change: bool = False, **otherwise: Any) -> None:
    """It looks otherwise to the runbook than it is; with ``after_a_change``, from its first change on."""
    answer = described(house, name, **otherwise)
    house.scripted.script(
        "rds",
        "DescribeDBInstances",
        lambda _: None if after_a_change and not house.scripted.changes() else answer,
    )


def measured(house: House, metric: str, name: str, *values: float) -> None:
    """What CloudWatch has about it, minute by minute, the newest last."""
    now = house.crew.installation.clock.now()
    for ago, value in enumerate(reversed(values)):
        figure = {
            "MetricName": metric,
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": name}],
            "Timestamp": now - timedelta(minutes=1 + ago),
            "Value": value,
        }
        house.crew.client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[figure])


def about_rds(event: Mapping[str, Any], metric: str) -> dict[str, Any]:
    """The event, about a metric of RDS instead, whose dimensions are yet to come."""
    sent: dict[str, Any] = json.loads(json.dumps(event))
    sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"] = {
        "namespace": "AWS/RDS",
        "name": metric,
        "dimensions": {},
    }
    return sent


def not_applicable(house: House, runbook: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = house.start(runbook, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
