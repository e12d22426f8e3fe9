"""Setting what a DynamoDB table, or one of its indexes, may take: shared by the runbook that raises it and the one that
puts it back.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws import dynamodb_throughput as probes
from nightcrew.aws.dynamodb import is_ready
from nightcrew.aws.dynamodb_throughput import SIDES, Side

dynamodb = calls("dynamodb")


def set_units(
    run: Run,
    table: str,
    index: str,
    before: Mapping[str, Any],
    units: Mapping[Side, int],
    *,
    within: timedelta,
) -> None:
    """Set these sides, another one as it is; ``before`` is ``throughput``. To be undone it must be ACTIVE again."""
    state = dynamodb.describe_table(TableName=table)
    old: dict[Side, int] = {side: before[side] for side in SIDES}
    new: dict[Side, int] = {**old, **units}
    words = " and ".join(f"{side}s to {many}" for side, many in units.items())

    def set_it_back() -> None:
        run.wait_until("the table can be changed again", state, is_ready, within=within)
        run.change("set the old units again", probes.update(table, index, before["kind"], old))

    def on_its_way(answer: Any) -> bool:
        seen = probes.throughput(answer, index)
        # It was ACTIVE before; while it is UPDATING it still shows the old units (API reference, UpdateTable).
        return not seen["ready"] or {side: seen[side] for side in SIDES} == new

    run.change(
        f"set {words}",
        probes.update(table, index, before["kind"], new),
        undo=set_it_back,
        took_effect=(state, on_its_way),
        pick=lambda answer: answer["TableDescription"]["TableStatus"],
    )


def scale_between(
    run: Run, table: str, index: str, side: Side, old: tuple[int, int], new: tuple[int, int], *, within: timedelta
) -> None:
    """Set between what it scales by itself, once the table is ACTIVE: else its capacity would stay as it is."""
    smallest, largest = new
    state = dynamodb.describe_table(TableName=table)
    run.wait_until(f"its {side} capacity can be changed", state, is_ready, within=within)
    run.change(
        f"let {side}s scale between {smallest} and {largest}",
        probes.scale_between(table, index, side, smallest, largest),
        undo=probes.scale_between(table, index, side, *old),
        took_effect=(probes.scaled_by(table, index), partial(probes.scales_between, side, smallest, largest)),
    )
