"""A service of two tasks of which one hangs, and a person who stops it."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.roll_ecs_service import CLUSTER, SERVICE, a_service


def arrange(cloud: Arranging) -> Start:
    a_service(cloud, 2)
    made = cloud.client("ecs").run_task(
        cluster=CLUSTER, taskDefinition=SERVICE, launchType="FARGATE", count=2, group=f"service:{SERVICE}"
    )
    task = made["tasks"][0]["taskArn"].rsplit("/", 1)[-1]
    return Start(parameters={"service": SERVICE, "cluster": CLUSTER, "task": task})


def afterwards(cloud: Arranging) -> Any:
    """One was stopped, and one started; their ids are chance."""
    ecs = cloud.client("ecs")
    return [len(ecs.list_tasks(cluster=CLUSTER, desiredStatus=each)["taskArns"]) for each in ("RUNNING", "STOPPED")]


SCENARIO = Scenario("stop-ecs-task", arrange, afterwards, "succeeded")
