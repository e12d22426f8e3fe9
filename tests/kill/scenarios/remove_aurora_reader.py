"""A cluster with a reader that Nightcrew added, which is taken away by hand."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

CLUSTER, EXTRA = "checkout-db", "checkout-db-extra-1"


def arrange(cloud: Arranging) -> Start:
    rds = cloud.client("rds")
    engine = {"Engine": "aurora-mysql", "DBClusterIdentifier": CLUSTER}
    rds.create_db_cluster(**engine, MasterUsername="shop", MasterUserPassword="not-a-secret")
    for name, tags in ((f"{CLUSTER}-a", []), (EXTRA, [{"Key": "nightcrew:run", "Value": "20261121-030004-k3f9qa"}])):
        rds.create_db_instance(**engine, DBInstanceIdentifier=name, DBInstanceClass="db.r6g.large", Tags=tags)
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)
    return Start(parameters={"instance": EXTRA, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return [each["DBInstanceIdentifier"] for each in cloud.client("rds").describe_db_instances()["DBInstances"]]


SCENARIO = Scenario("remove-aurora-reader", arrange, afterwards, "succeeded")
