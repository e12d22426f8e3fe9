"""An Aurora cluster whose restore is drilled by hand: whoever dies, nothing of the drill is left."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.isolated import isolated

CLUSTER = "checkout"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=CLUSTER,
        Engine="aurora-mysql",
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        DeletionProtection=True,
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{CLUSTER}-a",
        DBClusterIdentifier=CLUSTER,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(parameters={"cluster": CLUSTER, "within": "1m", **isolated(cloud)})


def afterwards(cloud: Arranging) -> Any:
    rds = cloud.client("rds")
    clusters = [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]]
    return [*clusters, *(each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"])]


SCENARIO = Scenario("drill-aurora-restore", arrange, afterwards, "succeeded")
