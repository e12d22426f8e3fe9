"""A dead-letter queue with three messages, and its alarm."""

import json
from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

QUEUE = "orders"


def arrange(cloud: Arranging) -> Start:
    sqs = cloud.client("sqs")
    dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    sqs.create_queue(QueueName=QUEUE, Attributes={"RedrivePolicy": policy})
    for number in range(3):
        sqs.send_message(QueueUrl=dead, MessageBody=f"order {number}")
    sent = cloud.alarm("asg-cpu-high", {"QueueName": f"{QUEUE}-dead"})
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found["namespace"], found["name"] = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
    del found["dimensions"]["AutoScalingGroupName"]
    return Start(sent)


def afterwards(cloud: Arranging) -> Any:
    sqs, asked = cloud.client("sqs"), ["ApproximateNumberOfMessages"]
    places = [sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (QUEUE, f"{QUEUE}-dead")]
    return [sqs.get_queue_attributes(QueueUrl=place, AttributeNames=asked)["Attributes"] for place in places]


SCENARIO = Scenario("redrive-dead-letters", arrange, afterwards, "cured")
