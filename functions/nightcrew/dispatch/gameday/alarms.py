"""Alarms by their names, as CloudWatch describes them now, with the tags that their events carry."""

from collections.abc import Iterable
from datetime import datetime

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import read
from nightcrew.clock import moment
from nightcrew.dispatch.backtest.recorded import KINDS, RecordedAlarm, alarms_of, sends_tags

PERMISSIONS = ("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource")

_cloudwatch = calls("cloudwatch")


def alarms(cloud: Cloud, names: Iterable[str]) -> dict[str, RecordedAlarm]:
    """Those that there are, by name. At most 100 (CloudWatch API reference, DescribeAlarms). Raises CallFailed,
    Unreachable, BadEvent.
    """
    wanted = list(dict.fromkeys(names))
    call = _cloudwatch.describe_alarms(
        AlarmNames=wanted, AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=max(len(wanted), 1)
    )
    answer = read(cloud, call)
    return alarms_of({kind: answer.get(kind, []) for kind in KINDS}, {})


def with_tags(cloud: Cloud, alarm: RecordedAlarm) -> RecordedAlarm:
    """The same alarm with the tags that its events carry."""
    if not sends_tags(alarm.described):
        return alarm
    told = read(cloud, _cloudwatch.list_tags_for_resource(ResourceARN=alarm.arn)).get("Tags", [])
    tags = {alarm.arn: {str(each["Key"]): str(each["Value"]) for each in told}}
    kind = KINDS[1] if "AlarmRule" in alarm.described else KINDS[0]
    return alarms_of({kind: [alarm.described]}, tags)[alarm.name]


def changed(alarm: RecordedAlarm) -> list[datetime]:
    """When its state changed last, as CloudWatch says it: the transition first, then the last update."""
    told = (alarm.described.get(name) for name in ("StateTransitionedTimestamp", "StateUpdatedTimestamp"))
    return [moment(each) for each in told if isinstance(each, str)]
