"""The three ways in which measure 2 carries out a recorded restart: our engine, the SDK alone, the calls bare."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from bench import sdk_alone
from bench.recording import Recording
from bench.tape import Tape, Timed
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import CHANGING, READING, Cloud
from nightcrew.clock import StoppedClock
from nightcrew.engine.body import carry_out
from nightcrew.engine.installation import Installation
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.local.engine import Handler
from nightcrew.engine.steps import DurableSteps
from nightcrew.ledger.store import Store, client_config

MEMORY = ":memory:"


@dataclass(frozen=True)
class Spent:
    """Seconds of one run: inside the handler without the ledger's calls, in those, and around the handler."""

    body: float
    ledger: float = 0.0
    around: float = 0.0


class Durable:
    """A body over the local engine, with a new journal for each run."""

    def __init__(self, body: Callable[[dict[str, Any], DurableContext], Any]) -> None:
        self._seconds = 0.0

        @durable_execution
        def handle(event: dict[str, Any], context: DurableContext) -> Any:
            began = time.perf_counter()
            try:
                return body(event, context)
            finally:
                self._seconds = time.perf_counter() - began

        self._handler: Handler = handle

    def run(self, name: str, payload: dict[str, Any], journal: str | Path = MEMORY) -> Spent:
        """Raises RuntimeError where it did not succeed in one invocation: no other is measured."""
        clock = StoppedClock()
        kept = Journal(journal, clock)
        engine = LocalEngine(self._handler, kept, clock)
        engine.start(name, payload)
        began = time.perf_counter()
        ended = engine.drive(name)
        whole = time.perf_counter() - began
        kept.close()
        if ended.status != "SUCCEEDED":
            raise RuntimeError(f"it did not succeed: {ended}")
        return Spent(self._seconds, 0.0, whole - self._seconds)


class Ours:
    """The runbook on our engine: its own body and ledger, everything but the network."""

    def __init__(self, recording: Recording, catalog: Catalog) -> None:
        self._run = recording.run
        self._tape = tape = Tape(recording.requests)
        self._ledger = Timed(tape("dynamodb", client_config()))
        clock = StoppedClock()

        def cloud(who: str, permissions: Any, resource: str, family: str) -> Cloud:
            del resource, family
            return Cloud(tape, permissions, who)

        installation = Installation(Store(self._ledger, None, clock), catalog, Policy("bench"), cloud, clock)
        self._durable = Durable(lambda event, context: carry_out(event["run"], DurableSteps(context), installation))

    def take(self, journal: str | Path = MEMORY) -> Spent:
        """Carry it out."""
        self._tape.rewind()
        self._ledger.seconds = 0.0
        spent = self._durable.run(self._run, {"run": self._run}, journal)
        return Spent(spent.body - self._ledger.seconds, self._ledger.seconds, spent.around)


class Alone:
    """The same steps on the SDK alone."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._tape = tape = Tape(recording.ec2)
        reading, changing = tape("ec2", READING), tape("ec2", CHANGING)
        self._durable = Durable(lambda event, context: sdk_alone.restart(context, event, reading, changing))

    def take(self) -> Spent:
        """Carry it out."""
        self._tape.rewind()
        return self._durable.run(
            self._recording.run, {"run": self._recording.run, "instance": self._recording.instance}
        )


class Bare:
    """The same calls, and nothing else."""

    def __init__(self, recording: Recording) -> None:
        self._ids = {"InstanceIds": [recording.instance]}
        self._tape = tape = Tape(recording.ec2)
        self._reading, self._changing = tape("ec2", READING), tape("ec2", CHANGING)

    def take(self) -> Spent:
        """Send them."""
        self._tape.rewind()
        began = time.perf_counter()
        self._reading.describe_instances(**self._ids)
        self._reading.describe_instances(**self._ids)
        self._changing.stop_instances(**self._ids)
        self._reading.describe_instances(**self._ids)
        self._changing.start_instances(**self._ids)
        self._reading.describe_instance_status(**self._ids)
        return Spent(time.perf_counter() - began)


def empty(steps: int, *, at_most_once: bool) -> Callable[[], Spent]:
    """So many steps of one kind that do nothing, on the SDK alone."""
    config = sdk_alone.AT_MOST_ONCE if at_most_once else None

    def body(event: dict[str, Any], context: DurableContext) -> None:
        del event
        for number in range(steps):
            context.step(lambda _: None, f"step {number}", config)

    durable = Durable(body)
    return lambda: durable.run("empty", {})
