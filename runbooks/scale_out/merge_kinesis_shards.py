"""Merge the shards of a Kinesis data stream again that were split under load, when the old number carries it."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest
from nightcrew.aws.kinesis import CARRIES, StreamName, busiest_second, carried, summary, throttled

kinesis = calls("kinesis")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=3),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListTagsForStream",
        "kinesis:UpdateShardCount",
    ],
)
def merge_kinesis_shards(
    run: Run,
    stream: StreamName,
    shards: int,
    raised: int,
    busy: int = 70,
    within: timedelta = timedelta(minutes=45),
) -> str:
    """Lets the stream have `shards` shards again, if it still has the `raised` ones that a run left behind.

    A number that somebody changed meanwhile is left alone. Writing and reading go on; consumers read the old shards to
    their end first, and a Lambda function runs fewer times at once. AWS takes no less than half of what there is, and
    ten changes of a stream in 24 hours: one more is refused, and the shards stay.

    While records were throttled in the last ten minutes, or the busiest minute of the last hour took more than `busy` %
    of what the old number carries (1 MiB and 1,000 records written, 2 MiB read, each second and shard), nothing is
    changed, and it is tried again in six hours. If the stream is not through in time, it is split again.
    """
    state = kinesis.describe_stream_summary(StreamName=stream)

    before = run.read("find the stream", state, pick=summary)
    run.require("it is ACTIVE: nothing is on its way already", before["status"] == "ACTIVE")
    run.require("it is provisioned, and not on demand", before["mode"] == "PROVISIONED")
    run.require(f"{shards} is fewer than {raised}, and half of it at least", 0 < shards < raised <= 2 * shards)
    run.require(f"it still has {raised} shards", before["shards"] == raised)

    events = [
        run.read(f"look for throttled {side.lower()}s", throttled(stream, side, run.now), pick=highest)
        for side in ("Read", "Write")
    ]
    took = {
        metric: run.read(f"look at {metric}", carried(stream, metric, run.now), pick=busiest_second)
        for metric in CARRIES
    }
    full = max(100 * took[metric] / (shards * each) for metric, each in CARRIES.items())
    if any(events) or full > busy:
        given = {"stream": stream, "shards": shards, "raised": raised, "busy": busy}
        run.later("try again when the load is gone", "merge-kinesis-shards", given, after=AGAIN)
    run.require("no records were throttled in the last ten minutes", not any(events))
    run.require(f"{shards} would be {busy} % full at most, and not {full:.0f} %", full <= busy)

    def split_again() -> None:
        run.wait_until("it can be changed again", state, _is_active, within=within, pick=summary)
        run.change(f"go back to {raised} shards", _scale_to(stream, raised))
        run.wait_until(f"it has {raised} shards again", state, _has(raised), within=within, pick=summary)

    run.change(
        f"merge {raised} shards into {shards}",
        _scale_to(stream, shards),
        undo=split_again,
        took_effect=(state, lambda answer: summary(answer)["status"] == "UPDATING" or _has(shards)(summary(answer))),
    )
    run.wait_until(f"it has {shards} shards", state, _has(shards), within=within, pick=summary)
    run.prove(f"it is ACTIVE with {shards} shards", state, _has(shards), within=timedelta(minutes=4), pick=summary)
    return f"{stream} has {shards} shards again"


def _scale_to(stream: str, shards: int) -> Call:
    return kinesis.update_shard_count(StreamName=stream, TargetShardCount=shards, ScalingType="UNIFORM_SCALING")


def _is_active(seen: Any) -> bool:
    return bool(seen["status"] == "ACTIVE")


def _has(shards: int) -> Any:
    return lambda seen: _is_active(seen) and seen["shards"] == shards
