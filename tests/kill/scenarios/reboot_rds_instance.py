"""A database that is rebooted by hand."""

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
    return Start(parameters={"instance": DATABASE, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return [each["DBInstanceIdentifier"] for each in cloud.client("rds").describe_db_instances()["DBInstances"]]


SCENARIO = Scenario("reboot-rds-instance", arrange, afterwards, "succeeded")
