"""An account's own history, read with the caller's rights: three actions that only read, and nothing else.

DescribeAlarmHistory gives at most 100 items a call, and AWS throttles it; botocore tries again. CloudWatch keeps alarm
history for 30 days (CloudWatch user guide, "Alarm history").
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages, read
from nightcrew.clock import stamp
from nightcrew.dispatch.backtest.recorded import (
    KINDS,
    Recorded,
    RecordedAlarm,
    alarms_of,
    changes_of,
    recorded,
    sends_tags,
)

cloudwatch = calls("cloudwatch")

PERMISSIONS = ("cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory", "cloudwatch:ListTagsForResource")
"""What the caller must be allowed; what the wall in front of AWS lets through."""

KEPT = timedelta(days=30)
"""How far back CloudWatch's own history goes."""

PAGE = 100
TYPES = ["MetricAlarm", "CompositeAlarm"]

Progress = Callable[[str, int], None]
"""Is told what is read (``alarms``, ``tags``, ``changes``), and how many there are so far."""


def from_account(cloud: Cloud, since: datetime, until: datetime, progress: Progress) -> Recorded:
    """The alarms of the account in this Region and their changes of state. ``cloud`` lets PERMISSIONS through.

    Raises CallFailed where AWS says no, Unreachable where it does not answer, and what botocore raises where it cannot
    even ask.
    """
    alarms = alarms_from(cloud, progress)
    kinds = ["StateUpdate"]
    if any(has_contributors(each.described) for each in alarms.values()):
        kinds.append("AlarmContributorStateUpdate")
    items = [item for kind in kinds for item in _history(cloud, kind, since, until, progress)]
    return recorded("CloudWatch", alarms, changes_of(items), since=since, until=until)


def alarms_from(cloud: Cloud, progress: Progress) -> dict[str, RecordedAlarm]:
    """The alarms alone, by name, with the tags that they send along. Raises as ``from_account`` does."""
    described: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for page in pages(cloud, cloudwatch.describe_alarms(AlarmTypes=TYPES, MaxRecords=PAGE)):
        for kind in KINDS:
            described[kind] += page.get(kind, [])
        progress("alarms", sum(map(len, described.values())))
    tags: dict[str, dict[str, str]] = {}
    for each in filter(sends_tags, [each for kind in KINDS for each in described[kind]]):
        tags[each["AlarmArn"]] = _tags(cloud, each["AlarmArn"])
        progress("tags", len(tags))
    return alarms_of(described, tags)


def has_contributors(alarm: Mapping[str, Any]) -> bool:
    """Whether it watches many series, each of which has a history of its own: a query that groups, or PromQL."""
    expressions = [str(each.get("Expression") or "") for each in alarm.get("Metrics") or ()]
    return bool(alarm.get("EvaluationCriteria")) or any("GROUP BY" in each.upper() for each in expressions)


def _history(cloud: Cloud, kind: str, since: datetime, until: datetime, progress: Progress) -> Iterator[Any]:
    read = 0
    first = cloudwatch.describe_alarm_history(
        AlarmTypes=TYPES,
        HistoryItemType=kind,
        StartDate=stamp(since),
        EndDate=stamp(until),
        MaxRecords=PAGE,
        ScanBy="TimestampAscending",
    )
    for page in pages(cloud, first):
        items = page.get("AlarmHistoryItems", [])
        read += len(items)
        progress("changes", read)
        yield from items


def _tags(cloud: Cloud, arn: str) -> dict[str, str]:
    answer = read(cloud, cloudwatch.list_tags_for_resource(ResourceARN=arn))
    return {str(each["Key"]): str(each["Value"]) for each in answer.get("Tags", [])}
