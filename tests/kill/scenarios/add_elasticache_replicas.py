"""A group with one replica gets another, by hand."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

GROUP = "sessions"


def arrange(cloud: Arranging) -> Start:
    cloud.client("elasticache").create_replication_group(
        ReplicationGroupId=GROUP,
        ReplicationGroupDescription=GROUP,
        ReplicasPerNodeGroup=1,
        PreferredCacheClusterAZs=["eu-west-1a", "eu-west-1b"],
    )
    return Start(parameters={"group": GROUP})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("elasticache").describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    return [found["Status"], [each["CacheClusterId"] for each in found["NodeGroups"][0]["NodeGroupMembers"]]]


SCENARIO = Scenario("add-elasticache-replicas", arrange, afterwards, "succeeded")
