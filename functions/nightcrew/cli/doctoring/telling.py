"""Who hears of it: the subscribers of both topics, and the alarms about Nightcrew itself."""

from collections.abc import Iterator

from nightcrew.cli.doctoring.finding import DEPLOY, PUT_BACK, Finding, ok, problem, warning
from nightcrew.cli.doctoring.patient import Missing, Patient

TOPICS = {"NewsTopic": "what Nightcrew does", "WatchTopic": "that Nightcrew is in trouble"}
"""The topics by the stack's outputs, and of what they tell."""

_ALARM = "AWS::CloudWatch::Alarm"


def subscribed(patient: Patient) -> Iterator[Finding]:
    """Somebody confirmed a subscription to each topic."""
    for output, about in TOPICS.items():
        topic = patient.output(output)
        subscribe = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint ADDRESS"
        try:
            found = patient.ask("sns", "ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"]
        except Missing:
            yield problem(f"the topic {topic} is not there: nobody hears {about}", PUT_BACK)
            continue
        waiting = [each["Endpoint"] for each in found if not each["SubscriptionArn"].startswith("arn:")]
        if len(waiting) < len(found):
            yield ok(f"{len(found) - len(waiting)} subscribed to {output}")
        elif not found:
            yield warning(f"nobody is subscribed to {output}: nobody hears {about}", subscribe)
        if waiting:
            said = f"not confirmed yet, so not told {about}: {', '.join(waiting)}"
            yield warning(said, "they got a mail with a link to confirm; subscribe them again, if it expired")


def watching(patient: Patient) -> Iterator[Finding]:
    """No alarm about Nightcrew itself is in ALARM."""
    named = [str(each["PhysicalResourceId"]) for each in patient.resources.values() if each["ResourceType"] == _ALARM]
    if not named:
        yield warning("there are no alarms about Nightcrew itself", DEPLOY)
        return
    # 100 names at most, and the answer is one page (CloudWatch API reference, DescribeAlarms).
    found = patient.ask("cloudwatch", "DescribeAlarms", AlarmNames=named, MaxRecords=100)["MetricAlarms"]
    there = {each["AlarmName"]: each for each in found}
    for name in sorted(set(named) - there.keys()):
        yield problem(f"the alarm {name} is not there", PUT_BACK)
    for name, each in sorted(there.items()):
        if each["StateValue"] == "ALARM":
            yield problem(f"{name} is in ALARM", str(each.get("AlarmDescription", "")))
        elif not each.get("ActionsEnabled", True):
            on = f"aws cloudwatch enable-alarm-actions --alarm-names {name}"
            yield warning(f"{name} tells nobody: its actions are switched off", on)
    if there and all(each["StateValue"] != "ALARM" for each in there.values()):
        yield ok(f"none of {len(there)} is in ALARM")
