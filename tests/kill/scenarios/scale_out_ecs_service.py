"""A stable service of two tasks whose CPU is too busy, and its alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.roll_ecs_service import CLUSTER, SERVICE, a_service, an_alarm


def arrange(cloud: Arranging) -> Start:
    a_service(cloud, 2)
    return Start(an_alarm(cloud, "CPUUtilization"))


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    return [found["desiredCount"], found["runningCount"]]


SCENARIO = Scenario("scale-out-ecs-service", arrange, afterwards, "cured")
