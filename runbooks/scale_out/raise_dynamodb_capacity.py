"""Raise the capacity of a DynamoDB table, or of one of its indexes, that throttles requests, for a day."""

from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws import dynamodb_throughput as probes
from nightcrew.aws.cloudwatch import highest
from nightcrew.aws.dynamodb import TableName
from nightcrew.aws.dynamodb_throughput import SIDES
from runbooks.scale_out.dynamodb_units import scale_between, set_units

dynamodb = calls("dynamodb")

APART = timedelta(minutes=45)
"""Between the follow-ups about the two sides: one change at a time, and a resource rests after each run."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=2),
    triggers=[
        Alarm("AWS/DynamoDB", "ReadThrottleEvents", direction="high", table="TableName"),
        Alarm("AWS/DynamoDB", "WriteThrottleEvents", direction="high", table="TableName"),
        Alarm(
            "AWS/DynamoDB",
            "ReadThrottleEvents",
            direction="high",
            table="TableName",
            index="GlobalSecondaryIndexName",
        ),
        Alarm(
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            direction="high",
            table="TableName",
            index="GlobalSecondaryIndexName",
        ),
    ],
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "cloudwatch:GetMetricStatistics",
        "dynamodb:DescribeTable",
        "dynamodb:ListTagsOfResource",
        "dynamodb:UpdateTable",
    ],
)
def raise_dynamodb_capacity(
    run: Run,
    table: TableName,
    index: str = "",
    percent: int = 50,
    at_most: int = 1000,
    keep: timedelta = timedelta(days=1),
    within: timedelta = timedelta(minutes=20),
) -> str:
    """Raises what the table may take, or with `index` that index: by `percent`, one unit at least, never above
    `at_most`.

    Only the side that throttled in the last ten minutes is raised: reads, writes or both; nothing throttled, nothing to
    do. Where the capacity scales by itself its minimum is raised, and its maximum where that is in the way. On demand
    the maximum is raised that somebody set; without one there is nothing to raise. Requests go on all the time.

    A table and its indexes have capacities of their own, and an index without enough makes writes to the table fail:
    the alarm's dimensions tell which of them it is. One key that gets most of the requests throttles whatever the
    capacity is (3000 reads or 1000 writes a second is what a partition serves): then this does not help, and the alarm
    stays.

    After `keep` what was there before is put back by `put-back-dynamodb-capacity`, unless it is needed still. AWS
    allows only so many decreases a day.
    """
    state = dynamodb.describe_table(TableName=table)
    look = partial(probes.throughput, index=index)

    before = run.read("find the capacity", state, pick=look)
    run.require("the table and its indexes are ACTIVE: one change at a time", before["ready"])
    run.require("it has a capacity, or on demand a maximum", before["kind"] is not None)
    events = {
        side: run.read(f"look for throttled {side}s", probes.throttled(table, index, side, run.now), pick=highest)
        for side in SIDES
    }
    throttles = [side for side in SIDES if events[side] and before[side] > 0]
    run.require("requests were throttled in the last ten minutes, for want of capacity", throttles)
    run.require("percent is above 0", percent > 0)
    wanted = {side: min(before[side] + max(before[side] * percent // 100, 1), at_most) for side in throttles}
    raised = [side for side in throttles if wanted[side] > before[side]]
    run.require(f"what throttles is below at_most ({at_most})", raised)
    found = run.read("look how it scales", probes.scaled_by(table, index), pick=probes.targets)
    scales = {side: found[side] for side in raised if side in found}
    run.require("its scaling is not suspended", not any(each["suspended"] for each in scales.values()))

    fixed = {side: wanted[side] for side in raised if side not in scales}
    if fixed:
        set_units(run, table, index, before, fixed, within=within)
    for side, target in scales.items():
        old, new = (target["min"], target["max"]), (wanted[side], max(target["max"], wanted[side]))
        scale_between(run, table, index, side, old, new, within=within)
    for number, side in enumerate(raised):
        target = scales.get(side, {"min": 0, "max": 0})
        given = {"table": table, "index": index, "side": side, "units": before[side], "raised": wanted[side]}
        given |= {"smallest": target["min"], "largest": target["max"]}
        run.later(f"put the {side} capacity back", "put-back-dynamodb-capacity", given, after=keep + number * APART)

    def has_it(seen: Any) -> bool:
        return bool(seen["ready"] and all(seen[side] >= wanted[side] for side in raised))

    words = " and ".join(f"{before[side]} to {wanted[side]} {side}s" for side in raised)
    run.prove(f"it went from {words}", state, has_it, within=within, pick=look)
    return f"{index or table} went from {words}; that is put back in {keep / timedelta(hours=1):.0f} h"
