"""Aurora global clusters, scripted: moto makes them, and neither switches them over nor fails them over.

States follow the RDS API reference (GlobalCluster, FailoverState) and the Aurora user guide, "Using switchover or
failover in Amazon Aurora Global Database". A run sees its own Region only: one member is a cluster of the embedded
cloud, the other is known by its ARN.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.house import House

FAR = "us-east-1"
_numbers = itertools.count(1)


@dataclass
class World:
    """A global cluster with a member here, ``cluster``, and one far away; ``stuck``, nothing that moves arrives."""

    house: House
    cluster: str
    writes: str = FAR
    goal: str = REGION
    moving: str | None = None
    stuck: bool = False

    @property
    def version(self) -> str:
        """Its engine's."""
        found = self.house.crew.client("rds").describe_db_clusters(DBClusterIdentifier=self.cluster)["DBClusters"]
        return str(found[0]["EngineVersion"])

    @property
    def name(self) -> str:
        """The global cluster's."""
        return f"{self.cluster}-everywhere"

    def arn(self, region: str = REGION) -> str:
        """The member's in that Region."""
        return f"arn:aws:rds:{region}:{ACCOUNT}:cluster:{self.cluster}"

    def follow(self) -> "World":
        """Let RDS answer from here on."""
        self.house.scripted.script("rds", "DescribeDBClusters", self.here)
        self.house.scripted.script("rds", "DescribeGlobalClusters", self.everywhere)
        self.house.scripted.script("rds", "FailoverGlobalCluster", self.fail_over)
        self.house.scripted.script("rds", "SwitchoverGlobalCluster", self.switch_over)
        return self

    def here(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """DescribeDBClusters: the cluster of the embedded cloud, as a member."""
        found = dict(
            self.house.crew.client("rds").describe_db_clusters(DBClusterIdentifier=self.cluster)["DBClusters"][0]
        )
        members = [
            {**each, "IsClusterWriter": each["IsClusterWriter"] and self.writes == REGION}
            for each in found["DBClusterMembers"]
        ]
        return {"DBClusters": [{**found, "GlobalClusterIdentifier": self.name, "DBClusterMembers": members}]}

    def everywhere(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """DescribeGlobalClusters: each look brings what moves a step further, unless it is stuck."""
        answer = self.described()
        if self.moving and not self.stuck:
            self.writes = self.goal
            self.moving = {"pending": "failing-over"}.get(self.moving)
        return answer

    def described(self) -> dict[str, Any]:
        """As it is now."""
        members = [{"DBClusterArn": self.arn(each), "IsWriter": each == self.writes} for each in (REGION, FAR)]
        state = {"Status": self.moving, "ToDbClusterArn": self.arn(self.goal)} if self.moving else {}
        return {
            "GlobalClusters": [
                {
                    "GlobalClusterIdentifier": self.name,
                    "Status": "failing-over" if self.moving else "available",
                    "Engine": "aurora-mysql",
                    "EngineVersion": self.version,
                    "GlobalClusterMembers": members,
                    "FailoverState": state,
                }
            ]
        }

    def fail_over(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """FailoverGlobalCluster."""
        assert asked == {
            "GlobalClusterIdentifier": self.name,
            "TargetDbClusterIdentifier": self.arn(),
            "AllowDataLoss": True,
        }
        self.goal, self.moving = REGION, "pending"
        return {"GlobalCluster": self.described()["GlobalClusters"][0]}

    def switch_over(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """SwitchoverGlobalCluster."""
        assert asked["GlobalClusterIdentifier"] == self.name
        self.goal = str(asked["TargetDbClusterIdentifier"]).split(":")[3]
        assert asked["TargetDbClusterIdentifier"] == self.arn(self.goal)
        self.moving = "pending"
        return {"GlobalCluster": self.described()["GlobalClusters"][0]}


def a_world(house: House, *, instances: int = 1, writes: str = FAR) -> World:
    """A global cluster of a test's own."""
    name, client = f"far-{next(_numbers)}", house.crew.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="shop", MasterUserPassword="not-a-secret"
    )
    for number in range(instances):
        client.create_db_instance(
            DBInstanceIdentifier=f"{name}-{number}",
            DBClusterIdentifier=name,
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
    # Only the first look says "creating".
    client.describe_db_clusters(DBClusterIdentifier=name)
    return World(house, name, writes).follow()
