"""AWS takes its time: what was asked for is seen to be under way for a while."""

from datetime import timedelta

from nightcrew.aws.cloud import READING
from nightcrew.demo.fleet import LOST, ORDERS, TABLE
from nightcrew.demo.pace import CHECKED, PROMOTING, RESTORING, STOPPING
from tests.demo.conftest import Build


def test_an_instance_stops_and_comes_back_by_and_by(build: Build) -> None:
    """Stopping, stopped, and after a start its checks are initializing."""
    stage = build(paced=True)
    arn = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0aced000000000001"
    stage.fleet.have(arn)
    ec2 = stage.estate.seen(arn)("ec2", READING)
    which = {"InstanceIds": [arn.rsplit("/", 1)[-1]]}

    def state() -> str:
        return str(ec2.describe_instances(**which)["Reservations"][0]["Instances"][0]["State"]["Name"])

    ec2.stop_instances(**which)
    assert state() == "stopping"
    stage.clock.sleep(STOPPING.total_seconds())
    assert state() == "stopped"
    ec2.start_instances(**which)
    assert state() == "pending"
    stage.clock.sleep(CHECKED.total_seconds() - 1)
    assert state() == "running"
    assert ec2.describe_instance_status(**which)["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "initializing"
    stage.clock.sleep(1)
    assert ec2.describe_instance_status(**which)["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "ok"


def test_a_cluster_fails_over_by_and_by(build: Build) -> None:
    """The old instance writes until another one does."""
    stage = build(paced=True)
    arn = "arn:aws:rds:eu-west-1:123456789012:cluster:paced-db"
    stage.fleet.have(arn)
    rds = stage.estate.seen(arn)("rds", READING)

    def seen() -> tuple[str, str]:
        cluster = rds.describe_db_clusters(DBClusterIdentifier="paced-db")["DBClusters"][0]
        writers = [each["DBInstanceIdentifier"] for each in cluster["DBClusterMembers"] if each["IsClusterWriter"]]
        return cluster["Status"], writers[0]

    assert seen() == ("available", "paced-db-1")
    rds.failover_db_cluster(DBClusterIdentifier="paced-db", TargetDBInstanceIdentifier="paced-db-2")
    assert seen() == ("failing-over", "paced-db-1")
    stage.clock.sleep(PROMOTING.total_seconds())
    assert seen() == ("available", "paced-db-2")


def test_a_table_that_is_restored_has_the_orders_of_that_time(build: Build) -> None:
    """Those that were lost since are in the new table, and the old one is as it was."""
    stage = build(paced=True)
    stage.fleet.have(TABLE)
    stage.fleet.lost_orders(stage.clock.now())
    to = stage.clock.now() - timedelta(minutes=10)
    dynamodb = stage.estate.seen(TABLE)("dynamodb", READING)
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="checkout-orders", TargetTableName="orders-of-that-time", RestoreDateTime=to
    )

    def table(name: str) -> dict[str, object]:
        found: dict[str, object] = dynamodb.describe_table(TableName=name)["Table"]
        return found

    assert table("orders-of-that-time")["TableStatus"] == "CREATING"
    stage.clock.sleep(RESTORING.total_seconds())
    restored = table("orders-of-that-time")
    assert (restored["TableStatus"], restored["ItemCount"]) == ("ACTIVE", ORDERS)
    assert table("checkout-orders")["ItemCount"] == ORDERS - LOST
