"""Split the shards of a Kinesis data stream that throttles its producers or consumers."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest
from nightcrew.aws.kinesis import StreamName, room, summary, throttled

kinesis = calls("kinesis")

STEPS = (25, 50, 75, 100)
"""Others take longer, and more than double is refused (API reference, UpdateShardCount)."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=3),
    triggers=[
        Alarm("AWS/Kinesis", "WriteProvisionedThroughputExceeded", direction="high", stream="StreamName"),
        Alarm("AWS/Kinesis", "ReadProvisionedThroughputExceeded", direction="high", stream="StreamName"),
    ],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "kinesis:DescribeLimits",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListTagsForStream",
        "kinesis:UpdateShardCount",
    ],
)
def split_kinesis_shards(
    run: Run,
    stream: StreamName,
    percent: int = 100,
    at_most: int = 100,
    keep: timedelta = timedelta(days=1),
    within: timedelta = timedelta(minutes=45),
) -> str:
    """Raises how many shards the stream has by `percent` (25, 50, 75 or 100), one at least, never above `at_most`.

    Only if records were throttled in the last ten minutes, and never a stream on demand: that scales by itself. Writing
    and reading go on meanwhile; it takes about half a minute for each shard. Each consumer gets more shards to read: a
    Lambda function runs that many times more at once, and records of one key move to another shard only after what lies
    in the old one was read.

    After `keep` the old number is set again by `merge-kinesis-shards`, if that carries the load. AWS allows ten such
    changes of a stream in 24 hours, the way back among them. If the stream is not through in time, the old number is
    set again at once. One key that gets most of the records throttles however many shards there are: then this does not
    help, and the alarm stays.
    """
    state = kinesis.describe_stream_summary(StreamName=stream)

    before = run.read("find the stream", state, pick=summary)
    old = before["shards"]
    run.require("it is ACTIVE: nothing is on its way already", before["status"] == "ACTIVE")
    run.require("it is provisioned, and not on demand", before["mode"] == "PROVISIONED")
    run.require(f"percent is one of {', '.join(map(str, STEPS))}", percent in STEPS)
    events = [
        run.read(f"look for throttled {side.lower()}s", throttled(stream, side, run.now), pick=highest)
        for side in ("Read", "Write")
    ]
    run.require("records were throttled in the last ten minutes", any(events))
    wanted = min(old + max(old * percent // 100, 1), at_most)
    run.require(f"it has fewer shards than at_most ({at_most})", old < wanted)
    left = run.read("look how many shards the account may have", kinesis.describe_limits(), pick=room)
    run.require(f"the account may have {wanted - old} shards more ({left} left)", wanted - old <= left)

    def merge_again() -> None:
        run.wait_until("it can be changed again", state, _is_active, within=within, pick=summary)
        run.change(f"go back to {old} shards", _scale_to(stream, old))
        run.wait_until(f"it has {old} shards again", state, _has(old), within=within, pick=summary)

    run.change(
        f"split {old} shards into {wanted}",
        _scale_to(stream, wanted),
        undo=merge_again,
        took_effect=(state, lambda answer: summary(answer)["status"] == "UPDATING" or _has(wanted)(summary(answer))),
    )
    given = {"stream": stream, "shards": old, "raised": wanted}
    run.later("merge them again", "merge-kinesis-shards", given, after=keep)
    run.wait_until(f"it has {wanted} shards", state, _has(wanted), within=within, pick=summary)
    run.prove(f"it is ACTIVE with {wanted} shards", state, _has(wanted), within=timedelta(minutes=4), pick=summary)
    return f"{stream} has {wanted} shards and had {old}; they are merged again in {keep / timedelta(hours=1):.0f} h"


def _scale_to(stream: str, shards: int) -> Call:
    return kinesis.update_shard_count(StreamName=stream, TargetShardCount=shards, ScalingType="UNIFORM_SCALING")


def _is_active(seen: Any) -> bool:
    return bool(seen["status"] == "ACTIVE")


def _has(shards: int) -> Any:
    return lambda seen: _is_active(seen) and seen["shards"] == shards
