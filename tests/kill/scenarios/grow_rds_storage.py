"""A database whose storage is grown by hand; Bob agrees, since nobody can take it back."""

from typing import Any

from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

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
    return [each["AllocatedStorage"] for each in cloud.client("rds").describe_db_instances()["DBInstances"]]


SCENARIO = Scenario("grow-rds-storage", arrange, afterwards, "succeeded", story=approved_by(BOB))
