"""A team's own document, whose owner says that it is harmless and which has an undo document; a person starts it.

moto runs no Automation: the embedded cloud's is over at once.
"""

import json
from typing import Any

from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from tests.kill.scenario import Arranging, Scenario, Start

DOCUMENT, BACK = "RestartCheckout", "TakeCheckoutBack"
CONTENT = {
    "schemaVersion": "0.3",
    "assumeRole": f"arn:aws:iam::{ACCOUNT}:role/nightcrew-automation-checkout",
    "mainSteps": [{"name": "restart", "action": "aws:executeScript", "inputs": {}}],
}
TAGS = {"nightcrew": "managed", "nightcrew:family": "restart", "nightcrew:risk": "disruptive"}


def arrange(cloud: Arranging) -> Start:
    for name in (DOCUMENT, BACK):
        cloud.client("ssm").create_document(
            Content=json.dumps(CONTENT),
            Name=name,
            DocumentType="Automation",
            DocumentFormat="JSON",
            Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
        )
    made = cloud.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0]
    target = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made['InstanceId']}"
    about = {"target": target, "family": "restart", "risk": "disruptive"}
    return Start(parameters={**about, "document": DOCUMENT, "undo_document": BACK})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ssm").describe_automation_executions()["AutomationExecutionMetadataList"]
    return [(each["DocumentName"], each["AutomationExecutionStatus"]) for each in found]


SCENARIO = Scenario("run-ssm-automation", arrange, afterwards, "succeeded")
