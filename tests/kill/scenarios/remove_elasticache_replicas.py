"""A group with a replica that a run added, which a person takes away."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

GROUP = "sessions"


def arrange(cloud: Arranging) -> Start:
    cloud.client("elasticache").create_replication_group(
        ReplicationGroupId=GROUP,
        ReplicationGroupDescription=GROUP,
        ReplicasPerNodeGroup=2,
        PreferredCacheClusterAZs=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    )
    return Start(parameters={"group": GROUP, "kept": f"{GROUP}-001,{GROUP}-002", "raised": 2})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("elasticache").describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    return [found["Status"], [each["CacheClusterId"] for each in found["NodeGroups"][0]["NodeGroupMembers"]]]


SCENARIO = Scenario("remove-elasticache-replicas", arrange, afterwards, "succeeded")
