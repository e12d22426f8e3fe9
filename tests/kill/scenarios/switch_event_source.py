"""Two queues and one function: the old one's mapping reads, the new one's does not; a person starts it."""

import io
import zipfile
from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.kill.scenario import Arranging, Scenario, Start

FUNCTION = "consume"


def arrange(cloud: Arranging) -> Start:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("consume.py", "def handler(event, context): ...")
    role = cloud.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    lambda_ = cloud.client("lambda")
    lambda_.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="consume.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    both = {}
    for which in ("old", "new"):
        cloud.client("sqs").create_queue(QueueName=which)
        mapping = lambda_.create_event_source_mapping(
            FunctionName=FUNCTION, EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{which}", Enabled=which == "old"
        )
        both[which] = mapping["UUID"]
    return Start(parameters=both)


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("lambda").list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    return sorted((each["EventSourceArn"].rsplit(":", 1)[-1], each["State"]) for each in found)


SCENARIO = Scenario("switch-event-source", arrange, afterwards, "succeeded")
