"""A database that is backed up by hand, anew: moto takes an automated snapshot when it makes one."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

DATABASE = "ledger"


def arrange(cloud: Arranging) -> Start:
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    return Start(parameters={"instance": DATABASE, "recent": "0s"})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_snapshots(DBInstanceIdentifier=DATABASE)["DBSnapshots"]
    return sorted(each["SnapshotType"] for each in found)


SCENARIO = Scenario("back-up-rds-instance", arrange, afterwards, "succeeded")
