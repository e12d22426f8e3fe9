"""Aurora Serverless v2 clusters in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)


def a_serverless_cluster(house: House, largest: float = 8, kind: str = "db.serverless") -> str:
    """A cluster of a test's own with one instance, from half an ACU to so many."""
    name, client = f"serverless-{next(_numbers)}", house.crew.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-mysql",
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": largest},
    )
    client.create_db_instance(
        DBInstanceIdentifier=f"{name}-a", DBClusterIdentifier=name, Engine="aurora-mysql", DBInstanceClass=kind
    )
    # Only the first look says "creating".
    client.describe_db_clusters(DBClusterIdentifier=name)
    return name


def between(house: House, cluster: str) -> tuple[float, float]:
    """Between what it scales, in the cloud itself."""
    found = house.crew.client("rds").describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
    seen = found["ServerlessV2ScalingConfiguration"]
    return seen["MinCapacity"], seen["MaxCapacity"]


def alter(house: House, *, since_the_change: bool = False, looks: int = 10**6, **shown: Any) -> None:
    """The cluster shows these members, for so many looks."""
    left = [looks]

    def edited(_: Any, answer: dict[str, Any]) -> None:
        changes = len(house.scripted.changes())
        if left[0] and (changes == 1 or not since_the_change):
            left[0] -= 1
            answer["DBClusters"][0].update(shown)

    house.scripted.after("rds", "DescribeDBClusters", edited)


def figures(house: House, *values: float) -> None:
    """What CloudWatch has, at one look after the other; the last one from then on."""
    left = list(values)

    def answer(asked: Any) -> dict[str, Any]:
        value = left.pop(0) if len(left) > 1 else left[0]
        return {"Datapoints": [{"Timestamp": asked["EndTime"], "Maximum": value}]}

    house.scripted.script("cloudwatch", "GetMetricStatistics", answer)
