"""A stable service of two tasks whose memory is full, and its alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

CLUSTER, SERVICE = "prod", "checkout"


def a_service(cloud: Arranging, tasks: int) -> None:
    """Stable, with as many tasks running as it wants."""
    ecs = cloud.client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    container = {"name": "app", "image": "shop/checkout:v7", "memory": 64}
    ecs.register_task_definition(family=SERVICE, containerDefinitions=[container])
    ecs.create_service(cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=0)
    # Set to a number, it has it; made with one, it would not.
    ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=tasks)


def an_alarm(cloud: Arranging, metric: str) -> dict[str, Any]:
    """What the alarm on that metric of the service sends."""
    sent = cloud.alarm("asg-cpu-high", {"ClusterName": CLUSTER, "ServiceName": SERVICE})
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found["namespace"], found["name"] = "AWS/ECS", metric
    del found["dimensions"]["AutoScalingGroupName"]
    return sent


def arrange(cloud: Arranging) -> Start:
    a_service(cloud, 2)
    return Start(an_alarm(cloud, "MemoryUtilization"))


def afterwards(cloud: Arranging) -> Any:
    """Its deployments are one; which number it has is chance."""
    found = cloud.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    return [found["status"], found["desiredCount"], found["runningCount"], len(found["deployments"])]


SCENARIO = Scenario("roll-ecs-service", arrange, afterwards, "cured")
