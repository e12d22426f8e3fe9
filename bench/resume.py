"""Measure 9: what it takes to go on with a run that a dead process left after n steps. Counted."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from aws_durable_execution_sdk_python.lambda_service import (
    CheckpointOutput,
    Operation,
    OperationUpdate,
    StateOutput,
)

from bench.deployed import everything_by_itself
from bench.log import Log, logged
from bench.report import Row
from nightcrew import Run, calls, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import clients_of, crew, embedded_cloud, make_tables
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.local import Invocation, Journal, LocalEngine
from nightcrew.ledger.store import Tables

STEPS = (4, 16, 64, 256)
UNEVEN = 0.1
"""How much the bytes of a step may differ between short and long runs: its number and its titles grow by digits."""

TABLES = Tables("resume-ledger", "resume-state")
Queue = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders")]
sqs = calls("sqs")


@dataclass
class Resumed:
    """What a resume of a run of so many steps took."""

    steps: int
    journal_calls: int
    journal_bytes: int
    table_calls: int
    table_bytes: int


def measure() -> Row:
    """Run n steps, half of them reads and half changes; die; go on in new objects over the same file."""
    taken = resumed(*STEPS)
    made = {(each.journal_calls, each.table_calls) for each in taken}
    slopes = [_slope(taken[0], taken[1]), _slope(taken[-2], taken[-1])]
    straight = abs(slopes[1] / slopes[0] - 1) <= UNEVEN
    first = taken[0]
    sizes = ", ".join(f"{each.steps}: {each.journal_bytes:,} and {each.table_bytes:,}" for each in taken)
    return Row(
        measure=9,
        name=f"calls to resume a run of {', '.join(map(str, STEPS))} steps",
        value=max(each.journal_calls + each.table_calls for each in taken),
        unit="calls",
        goal="the same for each n; bytes linear",
        met=len(made) == 1 and straight,
        how=f"counted at the journal and in the request log, over moto: {first.journal_calls} at the "
        f"journal (begin, which reads all operations; two updates, of the proof that was left; end) and "
        f"{first.table_calls} at the tables (cancelled? and the closing). Bytes of the "
        f"journal and of the tables by n: {sizes}; a step is {slopes[0]:.0f} bytes at first, {slopes[1]:.0f} at last",
    )


def resumed(*steps: int) -> list[Resumed]:
    """Resume one run of each length."""
    with TemporaryDirectory() as room, embedded_cloud(), logged() as log:
        clients = cache(clients_of())
        make_tables(clients, TABLES)
        return [_resumed(number, Path(room) / f"{number}.db", clients, log) for number in steps]


def _resumed(steps: int, path: Path, clients: ClientMaker, log: Log) -> Resumed:
    clients("sqs", None).create_queue(QueueName=f"bench-{steps}")
    lives = iter((1, 2))
    catalog = Catalog([_runbook(steps, lambda: next(lives) == 1)])
    first = crew(
        everything_by_itself(), clients=clients, clock=SkippingClock(), journal=path, catalog=catalog, tables=TABLES
    )
    answer = first.dispatcher.person(
        "go-on", {"queue": f"bench-{steps}"}, actor="bench", account="123456789012", region="eu-west-1"
    )
    with suppress(_Died):
        first.engine.drive(str(answer.run))
    journal = _Counted(path, first.installation.clock)
    before = len(log.requests)
    ended = LocalEngine(durable_handler(lambda: first.installation), journal, first.installation.clock).resume(
        str(answer.run)
    )
    if ended.status != "SUCCEEDED" or ended.result["outcome"] != "succeeded":
        raise RuntimeError(f"it was not resumed: {ended}")
    tables = [request for request in log.requests[before:] if request.service == "dynamodb"]
    sent = sum(len(request.body) + len(request.answer) for request in tables)
    return Resumed(steps, journal.calls, journal.bytes, len(tables), sent)


def _runbook(steps: int, dies: Callable[[], bool]) -> Any:
    """Half reads, half changes, then the process dies; its second life only proves what the first one did."""

    @runbook(
        family="restart",
        risk="low",
        by_hand=timedelta(minutes=1),
        permissions=["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
    )
    def go_on(run: Run, queue: Queue) -> str:
        """Nothing that anybody would notice."""
        url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{queue}"
        read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        for step in range(0, steps, 2):
            run.read(f"look {step}", read)
            run.change(f"set {step}", sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"}))
        if dies():
            raise _Died
        run.prove("it is set", read, _is_set, within=timedelta(minutes=1))
        return "done"

    return go_on


def _is_set(answer: Any) -> bool:
    return bool(answer["Attributes"]["VisibilityTimeout"] == "7")


class _Died(BaseException):
    """Stands for the end of a process: no Exception, so nothing is recorded of it."""


class _Counted(Journal):
    """A journal that counts what the engine and the SDK ask of it, and the bytes that it hands out and takes."""

    calls = 0
    bytes = 0

    def begin(self, name: str) -> Invocation | None:
        begun = super().begin(name)
        self._count(begun.operations if begun else ())
        return begun

    def finish(self, *args: Any, **more: Any) -> bool:
        self._count()
        return super().finish(*args, **more)

    def get_execution_state(self, *args: Any, **more: Any) -> StateOutput:
        state = super().get_execution_state(*args, **more)
        self._count(state.operations)
        return state

    def checkpoint(
        self,
        durable_execution_arn: str,
        checkpoint_token: str,
        updates: list[OperationUpdate],
        client_token: str | None,
    ) -> CheckpointOutput:
        for update in updates:  # one by one: how many go into one checkpoint is a matter of time
            self._count([update])
        return super().checkpoint(durable_execution_arn, checkpoint_token, updates, client_token)

    def _count(self, parts: Iterable[Operation | OperationUpdate] = ()) -> None:
        self.calls += 1
        self.bytes += sum(len(json.dumps(part.to_dict(), default=str)) for part in parts)


def _slope(short: Resumed, long: Resumed) -> float:
    """Bytes that each further step adds."""
    more = long.journal_bytes + long.table_bytes - short.journal_bytes - short.table_bytes
    return more / (long.steps - short.steps)
