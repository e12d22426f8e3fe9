"""A cluster with two readers that is given a third one by hand; when it shall go is kept for later."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

CLUSTER = "checkout-db"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    engine = {"Engine": "aurora-mysql", "DBClusterIdentifier": CLUSTER}
    rds.create_db_cluster(**engine, MasterUsername="shop", MasterUserPassword="not-a-secret")
    for zone in "abc":
        rds.create_db_instance(**engine, DBInstanceIdentifier=f"{CLUSTER}-{zone}", DBInstanceClass="db.r6g.large")
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(parameters={"cluster": CLUSTER, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_instances()["DBInstances"]
    return sorted([each["DBInstanceIdentifier"], each["PromotionTier"], len(each["TagList"])] for each in found)


SCENARIO = Scenario("add-aurora-reader", arrange, afterwards, "succeeded")
