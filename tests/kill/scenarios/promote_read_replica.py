"""A replica that is promoted by hand: Bob and Cyd agree to the plan, and Bob once more to what nobody can undo."""

from typing import Any

from tests.kill.night import BOB, CYD, Night
from tests.kill.scenario import Arranging, Scenario, Start

DATABASE, REPLICA = "ledger", "ledger-replica"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    rds.create_db_instance_read_replica(DBInstanceIdentifier=REPLICA, SourceDBInstanceIdentifier=DATABASE)
    # Nobody measures how far it is behind; nothing writes to its primary, somebody said.
    return Start(parameters={"replica": REPLICA, "lag_unknown": True, "fenced": True, "within": "1m"})


def agreed(night: Night) -> None:
    """Who decided in an earlier life decides again: nobody knows whether it arrived."""
    if night.again:
        night.decides(BOB)
        night.decides(CYD)
    night.starts(waits=True)
    for who in (BOB, CYD, BOB):
        night.decides(who)
        night.goes_on(waits=True)
    night.goes_on()


def afterwards(cloud: Arranging) -> Any:
    return [
        [each["DBInstanceIdentifier"], each.get("ReadReplicaSourceDBInstanceIdentifier"), each["BackupRetentionPeriod"]]
        for each in cloud.client("rds").describe_db_instances()["DBInstances"]
    ]


SCENARIO = Scenario("promote-read-replica", arrange, afterwards, "succeeded", story=agreed)
