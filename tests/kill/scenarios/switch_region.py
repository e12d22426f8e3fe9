"""A plan that is active at home, and a person who has the other Region activated; two people approve it.

moto knows no Region switch: the embedded cloud's executes a plan at once.
"""

from typing import Any

from nightcrew.aws.cloud import READING
from nightcrew.demo.embedded import clients_of
from tests.kill.night import BOB, CYD
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

HOME, AWAY = "eu-west-1", "us-east-1"


def _arc(cloud: Arranging) -> Any:
    return clients_of(cloud.client("ec2").meta.endpoint_url)("arc-region-switch", READING)


def arrange(cloud: Arranging) -> Start:
    made = _arc(cloud).create_plan(
        name="shop",
        regions=[HOME, AWAY],
        workflows=[{"workflowTargetAction": "activate", "steps": []}],
        executionRole="arn:aws:iam::123456789012:role/region-switch",
        recoveryApproach="activePassive",
        primaryRegion=HOME,
    )["plan"]
    # Its ARN is the one thing that who looks afterwards cannot know.
    cloud.client("ssm").put_parameter(Name="plan", Value=made["arn"], Type="String")
    return Start(parameters={"plan": made["arn"].rsplit("/", 1)[1], "to": AWAY})


def afterwards(cloud: Arranging) -> Any:
    arn = cloud.client("ssm").get_parameter(Name="plan")["Parameter"]["Value"]
    found = _arc(cloud).list_plan_executions(planArn=arn)["items"]
    return [[each["executionRegion"], each["executionState"]] for each in found]


SCENARIO = Scenario("switch-region", arrange, afterwards, "succeeded", story=approved_by(BOB, CYD))
