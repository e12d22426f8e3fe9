"""A database whose restore is drilled by hand: whoever dies, nothing of the drill is left."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.isolated import isolated

DATABASE = "checkout-db"


def arrange(cloud: Arranging) -> Start:
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        BackupRetentionPeriod=7,
        DeletionProtection=True,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    return Start(parameters={"instance": DATABASE, "within": "1m", **isolated(cloud)})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_instances()["DBInstances"]
    return [each["DBInstanceIdentifier"] for each in found]


SCENARIO = Scenario("drill-rds-restore", arrange, afterwards, "succeeded")
