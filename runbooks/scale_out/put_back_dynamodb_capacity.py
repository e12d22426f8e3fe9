"""Put back the capacity that a DynamoDB table, or one of its indexes, had before it was raised, when it is enough."""

from datetime import timedelta
from functools import partial

from nightcrew import Run, calls, runbook
from nightcrew.aws import dynamodb_throughput as probes
from nightcrew.aws.dynamodb import TableName
from nightcrew.aws.dynamodb_throughput import Side
from nightcrew.aws.setting import SOON
from runbooks.scale_out.dynamodb_units import scale_between, set_units

dynamodb = calls("dynamodb")

AGAIN = timedelta(hours=6)
ENOUGH = 0.8
"""Of the old capacity, what the busiest minute of the last hour may have consumed."""


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "cloudwatch:GetMetricStatistics",
        "dynamodb:DescribeTable",
        "dynamodb:ListTagsOfResource",
        "dynamodb:UpdateTable",
    ],
)
def put_back_dynamodb_capacity(
    run: Run,
    table: TableName,
    side: Side,
    units: int,
    raised: int,
    index: str = "",
    smallest: int = 0,
    largest: int = 0,
    within: timedelta = timedelta(minutes=20),
) -> str:
    """Sets one side of the table, or with `index` of that index, from `raised` back to `units`.

    Where it scales by itself, between `smallest` and `largest` is put back instead, and what it has then is up to its
    scaling policy. A capacity that somebody changed meanwhile is left alone. While the busiest minute of the last hour
    took more than 80 % of what would be left, nothing is changed, and it is tried again in six hours. AWS allows only
    so many decreases a day; one too many is refused, and the higher capacity stays.
    """
    state = dynamodb.describe_table(TableName=table)
    look = partial(probes.throughput, index=index)

    before = run.read("find the capacity", state, pick=look)
    run.require("the table and its indexes are ACTIVE: one change at a time", before["ready"])
    run.require("it has a capacity, or on demand a maximum", before["kind"] is not None)
    run.require(f"{units} is fewer than {raised}", 0 < units < raised)
    target = run.read("look how it scales", probes.scaled_by(table, index), pick=probes.targets).get(side)
    now = (target["min"], target["max"]) if target else before[side]
    left = (raised, max(largest, raised)) if largest else raised
    run.require(f"it is still what it was raised to ({left}), and not {now}", now == left)
    took = run.read("look what it takes", probes.consumed(table, index, side, run.now), pick=probes.peak)
    if took > units * ENOUGH:
        given = {"table": table, "index": index, "side": side, "units": units, "raised": raised}
        given |= {"smallest": smallest, "largest": largest}
        run.later("try again when the load is gone", "put-back-dynamodb-capacity", given, after=AGAIN)
    run.require(f"{units} are enough: the busiest minute took {took:.1f} a second", took <= units * ENOUGH)

    if largest:
        back = (smallest, largest)
        scale_between(run, table, index, side, (raised, max(largest, raised)), back, within=within)
        as_before = partial(probes.scales_between, side, smallest, largest)
        run.prove(f"{side}s scale as before", probes.scaled_by(table, index), as_before, within=SOON)
        return f"{index or table} scales between {smallest} and {largest} {side}s again"
    set_units(run, table, index, before, {side: units}, within=within)
    run.prove(
        f"it takes {units} {side}s",
        state,
        lambda seen: seen["ready"] and seen[side] == units,
        within=within,
        pick=look,
    )
    return f"{index or table} takes {units} {side}s again"
