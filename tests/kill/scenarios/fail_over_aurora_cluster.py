"""A cluster with readers in two other zones whose writer is slow to commit, and its alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

CLUSTER = "checkout-db"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=CLUSTER, Engine="aurora-mysql", MasterUsername="shop", MasterUserPassword="not-a-secret"
    )
    for tier, zone in enumerate("abc"):
        rds.create_db_instance(
            DBInstanceIdentifier=f"{CLUSTER}-{zone}",
            DBClusterIdentifier=CLUSTER,
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
            AvailabilityZone=f"eu-west-1{zone}",
            PromotionTier=tier,
        )
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(cloud.alarm("aurora-writer-latency", {"DBClusterIdentifier": CLUSTER}))


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]
    return [each["DBInstanceIdentifier"] for each in found["DBClusterMembers"] if each["IsClusterWriter"]]


SCENARIO = Scenario("fail-over-aurora-cluster", arrange, afterwards, "cured")
