"""A Serverless v2 cluster that is as large as it may be, and a person who lets it grow."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

CLUSTER = "checkout-db"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    engine = {"Engine": "aurora-mysql", "DBClusterIdentifier": CLUSTER}
    between = {"MinCapacity": 0.5, "MaxCapacity": 8}
    rds.create_db_cluster(
        **engine, MasterUsername="shop", MasterUserPassword="not-a-secret", ServerlessV2ScalingConfiguration=between
    )
    rds.create_db_instance(**engine, DBInstanceIdentifier=f"{CLUSTER}-a", DBInstanceClass="db.serverless")
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(parameters={"cluster": CLUSTER})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("rds").describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]
    return found["ServerlessV2ScalingConfiguration"]["MaxCapacity"]


SCENARIO = Scenario("raise-aurora-capacity", arrange, afterwards, "succeeded")
