"""Kinesis data streams: how they are named, what their answers say, and how often they throttled.

Sources: Kinesis Data Streams API reference (DescribeStreamSummary, DescribeLimits) and developer guide, "Monitoring the
Amazon Kinesis Data Streams service with Amazon CloudWatch" and "Quotas and limits".
"""

from datetime import datetime, timedelta
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloudwatch import lately
from nightcrew.aws.tags import tags_of

_kinesis = calls("kinesis")
_cloudwatch = calls("cloudwatch")

_MIB = 1024 * 1024

CARRIES = {"IncomingBytes": _MIB, "IncomingRecords": 1000, "GetRecords.Bytes": 2 * _MIB}
"""What one shard carries in a second, by the metric that counts it ("Quotas and limits")."""

_MINUTE = 60


def summary(answer: Any) -> dict[str, Any]:
    """Of a DescribeStreamSummary answer: ``{"status", "mode", "shards"}``: CREATING, DELETING, ACTIVE or UPDATING;
    PROVISIONED or ON_DEMAND; and how many shards are open.
    """
    found = answer["StreamDescriptionSummary"]
    return {
        "status": found["StreamStatus"],
        "mode": (found.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED"),
        "shards": found["OpenShardCount"],
    }


def room(answer: Any) -> int:
    """How many shards more the account may have, of a DescribeLimits answer."""
    return int(answer["ShardLimit"]) - int(answer["OpenShardCount"])


def throttled(name: str, side: str, now: datetime) -> Call:
    """The read of how often ("Read" or "Write") was throttled lately; ``cloudwatch.highest`` picks."""
    return lately(f"{side}ProvisionedThroughputExceeded", {"StreamName": name}, now, namespace="AWS/Kinesis")


def carried(name: str, metric: str, now: datetime) -> Call:
    """The read of what the stream took in the last hour, minute by minute; ``busiest_second`` picks."""
    return _cloudwatch.get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=metric,
        Dimensions=[{"Name": "StreamName", "Value": name}],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        Period=_MINUTE,
        Statistics=["Sum"],
    )


def busiest_second(answer: Any) -> float:
    """How much it was in a second of the busiest minute of such a read; 0 where there is no figure, since then nothing
    came.
    """
    return max((float(point["Sum"]) for point in answer["Datapoints"]), default=0.0) / _MINUTE


StreamName = Annotated[
    str,
    ResourceName(
        "kinesis",
        "stream/{}",
        pattern=r"[a-zA-Z0-9_.-]{1,128}",
        example="clicks",
        lookup=Lookup(
            "kinesis:ListTagsForStream",
            # A stream has 50 tags at most, and so many fit into one answer.
            lambda name: _kinesis.list_tags_for_stream(StreamName=name, Limit=50),
            lambda answer: Surroundings(tags=tags_of(answer.get("Tags"))),
        ),
    ),
]
"""The name of a Kinesis data stream."""
