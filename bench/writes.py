"""Measure 3: DynamoDB write requests of a run, and their write units. Counted: the same on every machine."""

from collections import Counter

from bench.deployed import Taken
from bench.report import Row
from bench.restarts import restarts

BESIDES = 5
"""What a run writes at most beside its changes and long waits: admit, started, hold, callback, close."""
MOST_UNITS = 44
"""Of a restart with one group, without the indexes."""


def measure() -> Row:
    """Restart an instance that stands alone, and one that stands in a group, each by an alarm."""
    alone, grouped = restarts()
    return Row(
        measure=3,
        name="write requests of a run, beyond m changes + w long waits",
        value=beside(grouped),
        unit="requests",
        goal=f"≤ {BESIDES}; ≤ {MOST_UNITS} WCU with one group",
        met=max(beside(alone), beside(grouped)) <= BESIDES and units(grouped) <= MOST_UNITS,
        how=f"an EC2 restart by an alarm, over moto; requests counted, WCU computed from the bytes of the items. With "
        f"one group: {_told(grouped)}. Without a group: {_told(alone)}",
    )


def beside(run: Taken) -> int:
    """Its write requests without those for changes and long waits."""
    return len(run.charged) - run.changes - run.waits


def units(run: Taken) -> int:
    """Its write units, without those of the indexes."""
    return sum(each.units for each in run.charged)


def _told(run: Taken) -> str:
    kinds = Counter(each.operation for each in run.charged)
    how = ", ".join(f"{count} {name}" for name, count in sorted(kinds.items()))
    indexes = sum(each.index_units for each in run.charged)
    return (
        f"m = {run.changes}, w = {run.waits}, {len(run.charged)} requests ({how}), {units(run)} WCU, "
        f"and {indexes} of index writes beside"
    )
