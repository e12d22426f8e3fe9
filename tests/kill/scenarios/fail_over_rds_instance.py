"""A Multi-AZ database in zone a that is failed over by hand."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

DATABASE = "ledger"


def arrange(cloud: Arranging) -> Start:
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        AvailabilityZone="eu-west-1a",
        MultiAZ=True,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    return Start(parameters={"instance": DATABASE, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return [each["AvailabilityZone"] for each in cloud.client("rds").describe_db_instances()["DBInstances"]]


SCENARIO = Scenario("fail-over-rds-instance", arrange, afterwards, "succeeded")
