"""A database with settings that a restore loses, restored by hand; Bob approves that it takes the old one's name."""

from typing import Any

from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

DATABASE, AGAIN, ASIDE = "checkout-db", "checkout-db-again", "checkout-db-aside"


def arrange(cloud: Arranging) -> Start:
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MaxAllocatedStorage=200,
        BackupRetentionPeriod=7,
        DeletionProtection=True,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        Tags=[{"Key": "team", "Value": "checkout"}],
    )
    return Start(parameters={"instance": DATABASE, "target": AGAIN, "aside": ASIDE, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_instances()["DBInstances"]
    return sorted(
        [
            each["DBInstanceIdentifier"],
            each["MaxAllocatedStorage"],
            each["DeletionProtection"],
            sorted(tag["Key"] for tag in each["TagList"]),
        ]
        for each in found
    )


SCENARIO = Scenario("restore-rds-instance", arrange, afterwards, "succeeded", story=approved_by(BOB))
