"""A service of which Application Auto Scaling keeps three tasks, and a person who puts its minimum back to one."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.roll_ecs_service import CLUSTER, SERVICE, a_service

CAPACITY = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{CLUSTER}/{SERVICE}",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def arrange(cloud: Arranging) -> Start:
    a_service(cloud, 3)
    cloud.client("application-autoscaling").register_scalable_target(**CAPACITY, MinCapacity=3, MaxCapacity=8)
    given = {"service": SERVICE, "cluster": CLUSTER, "desired": 2, "raised": 3, "smallest": 1}
    return Start(parameters=given)


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return [[each["MinCapacity"], each["MaxCapacity"]] for each in found]


SCENARIO = Scenario("put-back-ecs-service", arrange, afterwards, "succeeded")
