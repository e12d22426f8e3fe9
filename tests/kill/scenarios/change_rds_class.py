"""A database that is given a larger class by hand, after a backup as a part of it; Bob agrees to the outage."""

from typing import Any

from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

DATABASE = "ledger"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=DATABASE,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        AvailabilityZone="eu-west-1a",
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    for each in rds.describe_db_snapshots()["DBSnapshots"]:
        rds.delete_db_snapshot(DBSnapshotIdentifier=each["DBSnapshotIdentifier"])  # moto's own: it would do as a backup
    return Start(parameters={"instance": DATABASE, "back_up": True, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    rds = cloud.client("rds")
    classes = [each["DBInstanceClass"] for each in rds.describe_db_instances()["DBInstances"]]
    return [classes, len(rds.describe_db_snapshots()["DBSnapshots"])]


SCENARIO = Scenario("change-rds-class", arrange, afterwards, "succeeded", story=approved_by(BOB))
