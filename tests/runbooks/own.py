"""A team's own documents and functions in the embedded cloud, an alarm of its own, and what these act on."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

from moto.ssm.models import ssm_backends

from nightcrew.demo.automations import executions
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from tests.house import House
from tests.runbooks.functions import a_function, with_versions

ROLE = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-automation-web"
MANAGED = {"nightcrew": "managed"}
HARMLESS = {**MANAGED, "nightcrew:family": "restart", "nightcrew:risk": "disruptive"}
"""The tags of one whose owner says what it is."""

_numbers = itertools.count(1)


def a_target(house: House) -> str:
    """The ARN of an instance, of a test's own."""
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0]
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made['InstanceId']}"


def a_document(
    house: House,
    *actions: str,
    tags: Mapping[str, str] = HARMLESS,
    role: str | None = ROLE,
    kind: str = "Automation",
    parameters: Mapping[str, Any] | None = None,
) -> str:
    """A document with a step of each of these actions; what stays where it is, says ``nightcrew.demo.automations``."""
    name = f"Restart-{next(_numbers)}"
    content: dict[str, Any] = {
        "schemaVersion": "0.3",
        "parameters": parameters or {},
        "mainSteps": [
            {"name": f"step{number}", "action": action, "inputs": {}}
            for number, action in enumerate(actions or ("aws:executeScript",), 1)
        ],
    }
    if role is not None:
        content["assumeRole"] = role
    house.crew.client("ssm").create_document(
        Content=json.dumps(content),
        Name=name,
        DocumentType=kind,
        DocumentFormat="JSON",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return name


def started(document: str) -> list[dict[str, Any]]:
    """The document's executions, in the cloud itself."""
    return [each for each in executions(ssm_backends[ACCOUNT][REGION]) if each["DocumentName"] == document]


def a_published_function(
    house: House,
    versions: int = 1,
    *,
    tags: Mapping[str, str] = HARMLESS,
    timeout: int = 10,
    retries: int | None = None,
) -> str:
    """A function with so many published versions; ``retries`` is what Lambda is told to try again by itself."""
    name, functions = a_function(house), house.crew.client("lambda")
    arn = functions.update_function_configuration(FunctionName=name, Timeout=timeout)["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags=dict(tags))
    with_versions(house, name, versions)
    if retries is not None:
        functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=retries)
    return name


def an_alarm(house: House, state: str = "ALARM") -> str:
    """An alarm that is in this state."""
    name = f"proof-{next(_numbers)}"
    client = house.crew.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="Checkout",
        MetricName="Failed",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test says so")
    return name


def a_target_group(house: House) -> str:
    """The ARN of a target group with one target, which a load balancer finds healthy."""
    ec2, elbv2 = house.crew.client("ec2"), house.crew.client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"]
    instance = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, SubnetId=subnets[0]["SubnetId"])["Instances"][0]
    name = f"own-{next(_numbers)}"
    balancer = elbv2.create_load_balancer(Name=name, Subnets=[each["SubnetId"] for each in subnets])["LoadBalancers"][0]
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance["InstanceId"]}])
    return arn


def turns_ok(house: House, alarm: str, service: str, operation: str) -> None:
    """The alarm is OK once this operation was called: the procedure helped."""
    client = house.crew.client("cloudwatch")
    house.scripted.after(
        service,
        operation,
        lambda asked, answer: client.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="it helped"),
    )


def start_document(house: House, document: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A person starts a document whose owner says that it is harmless, with an undo document: nobody is asked."""
    undo = {} if "undo_document" in given else {"undo_document": a_document(house)}
    called = {"target": a_target(house), "family": "restart", "risk": "disruptive", "within": "1m"}
    return house.start("run-ssm-automation", document=document, **{**called, **undo, **given})
