"""An Aurora cluster with a writer, restored by hand; Bob approves that it takes the old one's name."""

from typing import Any

from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

CLUSTER, AGAIN, ASIDE = "checkout", "checkout-again", "checkout-aside"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=CLUSTER,
        Engine="aurora-mysql",
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        BacktrackWindow=3600,
        DeletionProtection=True,
        Tags=[{"Key": "team", "Value": "checkout"}],
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{CLUSTER}-a",
        DBClusterIdentifier=CLUSTER,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(parameters={"cluster": CLUSTER, "target": AGAIN, "aside": ASIDE, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_clusters()["DBClusters"]
    return sorted(
        [
            each["DBClusterIdentifier"],
            [member["DBInstanceIdentifier"] for member in each["DBClusterMembers"]],
            each["BacktrackWindow"],
            each["DeletionProtection"],
            sorted(tag["Key"] for tag in each["TagList"]),
        ]
        for each in found
    )


SCENARIO = Scenario("restore-aurora-cluster", arrange, afterwards, "succeeded", story=approved_by(BOB))
