"""Executions that are over while their run is open: stopped by a person, timed out, or failed.

A stopped execution runs nothing any more, no undo and no closing. Its run would keep its resource until the lease
ends; the sweeper asks Lambda, and closes it soon.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import Clock
from nightcrew.dispatch.invoking import STARTING
from nightcrew.errors import Unreachable
from nightcrew.ledger.history import Row

WORDS = {
    "STOPPED": "its execution was stopped",
    "TIMED_OUT": "its execution took too long, and was ended",
    "FAILED": "its execution failed",
}

SETTLED = timedelta(minutes=2)
"""An invocation may still be at work when its execution is stopped: a call waits a minute for its answer at most. Only
then may the resource go to another run."""

PAGE, PAGES = 100, 3
"""What one question looks at. With more ended executions than that, the rest are closed when their lease ends."""


def executions(clients: ClientMaker, executor: str, clock: Clock) -> Callable[[Sequence[Row]], Mapping[str, str]]:
    """Asks for those of these runs. ``executor`` is the alias's ARN; needs ``lambda:ListDurableExecutionsByFunction``
    on the function. Raises Unreachable.
    """
    function = ":".join(executor.split(":")[:7])  # of every version: a run stays on the one on which it began
    made: list[Any] = []

    def over(open_runs: Sequence[Row]) -> dict[str, str]:
        started = [row.started for row in open_runs if row.started is not None]
        if not started:
            return {}
        if not made:
            made.append(clients("lambda", STARTING))
        names, settled = {row.run for row in open_runs}, clock.now() - SETTLED
        # Lambda counts from the execution's own start, which is a little later than the run's.
        since = {"Statuses": list(WORDS), "StartedAfter": min(started) - timedelta(minutes=1), "MaxItems": PAGE}
        found: dict[str, str] = {}
        asked: dict[str, Any] = {"FunctionName": function, **since}
        for _ in range(PAGES):
            page = _page(made[0], asked)
            for each in page.get("DurableExecutions", ()):
                ended = each.get("EndTimestamp")
                if each["DurableExecutionName"] in names and ended is not None and ended < settled:
                    found[each["DurableExecutionName"]] = WORDS[each["Status"]]
            if not page.get("NextMarker"):
                break
            asked["Marker"] = page["NextMarker"]
        return found

    return over


def _page(client: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.list_durable_executions_by_function(**asked)
    except ClientError as error:
        raise Unreachable(f"Lambda: {error.response.get('Error', {}).get('Code', 'Unknown')}") from error
    except BotoCoreError as error:
        raise Unreachable(f"Lambda: {error}") from error
    return found
