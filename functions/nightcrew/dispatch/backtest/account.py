"""An account's own history, read with the caller's rights: three actions that only read, and nothing else.

DescribeAlarmHistory gives at most 100 items a call, and AWS throttles it; botocore tries again. CloudWatch keeps alarm
history for 30 days (CloudWatch user guide, "Alarm history").
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import stamp
from nightcrew.dispatch.backtest.recorded import KINDS, Recorded, alarms_of, changes_of, recorded, sends_tags
from nightcrew.errors import Unreachable

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
    described: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for page in _pages(cloud, cloudwatch.describe_alarms(AlarmTypes=TYPES, MaxRecords=PAGE)):
        for kind in KINDS:
            described[kind] += page.get(kind, [])
        progress("alarms", sum(map(len, described.values())))
    everything = [each for kind in KINDS for each in described[kind]]
    tags: dict[str, dict[str, str]] = {}
    for each in filter(sends_tags, everything):
        tags[each["AlarmArn"]] = _tags(cloud, each["AlarmArn"])
        progress("tags", len(tags))
    kinds = ["StateUpdate"]
    if any(has_contributors(each) for each in everything):
        kinds.append("AlarmContributorStateUpdate")
    items = [item for kind in kinds for item in _history(cloud, kind, since, until, progress)]
    return recorded("CloudWatch", alarms_of(described, tags), changes_of(items), since=since, until=until)


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
    for page in _pages(cloud, first):
        items = page.get("AlarmHistoryItems", [])
        read += len(items)
        progress("changes", read)
        yield from items


def _pages(cloud: Cloud, call: Call) -> Iterator[Mapping[str, Any]]:
    while True:
        page = _read(cloud, call)
        yield page
        if not page.get("NextToken"):
            return
        call = Call(call.service, call.operation, {**call.parameters, "NextToken": page["NextToken"]})


def _tags(cloud: Cloud, arn: str) -> dict[str, str]:
    answer = _read(cloud, cloudwatch.list_tags_for_resource(ResourceARN=arn))
    return {str(each["Key"]): str(each["Value"]) for each in answer.get("Tags", [])}


def _read(cloud: Cloud, call: Call) -> Mapping[str, Any]:
    try:
        return cloud.read(call).value
    except CallFailed as failed:
        if failed.kind in ("throttled", "lost"):
            raise Unreachable(f"CloudWatch did not answer {call.action}: {failed.code}: {failed.message}") from failed
        if isinstance(failed.__cause__, BotoCoreError):
            # Nothing was sent: no credentials, say. The door has words for that.
            raise failed.__cause__ from None
        raise
