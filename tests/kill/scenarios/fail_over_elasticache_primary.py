"""A group in two zones that fails over by itself, whose replica lags little, failed over by hand."""

from datetime import timedelta
from typing import Any

from nightcrew.clock import SystemClock
from tests.kill.scenario import Arranging, Scenario, Start

GROUP = "sessions"


def arrange(cloud: Arranging) -> Start:
    cloud.client("elasticache").create_replication_group(
        ReplicationGroupId=GROUP,
        ReplicationGroupDescription=GROUP,
        ReplicasPerNodeGroup=1,
        PreferredCacheClusterAZs=["eu-west-1a", "eu-west-1b"],
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
    )
    lag = {
        "MetricName": "ReplicationLag",
        "Dimensions": [{"Name": "CacheClusterId", "Value": f"{GROUP}-002"}],
        "Timestamp": SystemClock().now() - timedelta(minutes=2),
        "Value": 0.1,
    }
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/ElastiCache", MetricData=[lag])
    return Start(parameters={"group": GROUP})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("elasticache").describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    roles = {each["CacheClusterId"]: each["CurrentRole"] for each in found["NodeGroups"][0]["NodeGroupMembers"]}
    return [roles, found["AutomaticFailover"], found["MultiAZ"]]


SCENARIO = Scenario("fail-over-elasticache-primary", arrange, afterwards, "succeeded")
