"""Nightcrew as it is deployed, over moto: wired from the functions' environment, with a log of all that it sends.

Other than on AWS: the executor runs over a journal in memory (so its checkpoints are no requests; they are counted),
waits are skipped, and the policy lets every family run by itself.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.capacity import Charged, Meter
from bench.log import Log, Request, answer, logged
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING
from nightcrew.clock import SkippingClock, stamp
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION, embedded_cloud, make_tables
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.invoking import invoker
from nightcrew.engine.deployed import installation
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.ways import Roles, clouds
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Tables

EVENT = Path(__file__).parent.parent / "events" / "ec2-status-check.json"
MENDED = timedelta(minutes=5)
"""After this the alarm says OK, and its event answers the run, which waits by then."""
FAMILIES = ("restart", "scale-out", "failover", "restore")
EXECUTOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nightcrew-executor:live"
REMEDIATORS = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-{{family}}"
ENVIRONMENT = {
    "NIGHTCREW_LEDGER": "bench-ledger",
    "NIGHTCREW_STATE": "bench-state",
    "NIGHTCREW_EXECUTOR": EXECUTOR,
    "NIGHTCREW_REMEDIATORS": REMEDIATORS,
}
"""What template.yaml sets."""


@dataclass(frozen=True)
class Taken:
    """What one run took: every request, every write with its price, the kinds of its entries, its checkpoints, and the
    durable operations that they begin and end.
    """

    outcome: str
    requests: tuple[Request, ...]
    charged: tuple[Charged, ...]
    entries: tuple[str, ...]
    checkpoints: int
    operations: int
    pushed: tuple[Request, ...] = ()
    """What the alarm's OK took, when its event came in: no part of the run's own."""

    @property
    def changes(self) -> int:
        """m: the changes that it made."""
        return self.entries.count("change")

    @property
    def waits(self) -> int:
        """w: the long waits, each with an entry before it."""
        return self.entries.count("wait")


class Deployment:
    """Moto, the two tables, the log and the meter. ``aside`` makes clients that are not in the log."""

    def __init__(self, aside: Clients, log: Log) -> None:
        self.aside = aside
        self.log = log
        self.meter = Meter(log, aside("dynamodb", READING))
        self._checkpoints: list[str] = []
        self.packaged = replace(installation(ENVIRONMENT), policy=everything_by_itself(), clock=SkippingClock())
        self._invoke = invoker(Clients(), EXECUTOR)

    def restart(self, catalog: Catalog) -> Taken:
        """An alarm about an instance comes in, and its run is carried through: stop, start, proof, the alarm's OK."""
        engine = LocalEngine(
            durable_handler(lambda: wired),
            Journal(":memory:", self.packaged.clock, self._checkpointed),
            self.packaged.clock,
        )
        wired = replace(
            self.packaged, catalog=catalog, clouds=clouds(Clients(), catalog, Roles(REMEDIATORS)), answer=engine.answer
        )

        def start(run: str) -> None:
            self._invoke(run)
            engine.start(run, {"run": run})

        event = self.alarm()
        first, paid, marks = len(self.log.requests), len(self.meter.charged), len(self._checkpoints)
        door = Dispatcher(wired, start)
        run = door.event(event).run
        if run is None:
            raise RuntimeError("the alarm started nothing")
        engine.drive(run, until=wired.clock.now() + MENDED)
        requests, charged, begun = self.log.requests[first:], self.meter.charged[paid:], len(self.log.requests)
        door.event(_ok_after(event, stamp(wired.clock.now())))
        pushed = tuple(self.log.requests[begun:])
        first, paid = len(self.log.requests), len(self.meter.charged)
        ended = engine.drive(run)
        requests += self.log.requests[first:]
        charged += self.meter.charged[paid:]
        kinds = tuple(entry.kind for entry in entries(wired.store, run))
        marked = self._checkpoints[marks:]
        operations = sum(" START " in what for what in marked)
        return Taken(ended.result["outcome"], tuple(requests), tuple(charged), kinds, len(marked), operations, pushed)

    def _checkpointed(self, run: str, point: str, what: str) -> None:
        del run
        if point == "after":
            self._checkpoints.append(what)

    def alarm(self) -> Mapping[str, Any]:
        """The event of ``events/``, now and about an instance of its own; its alarm says OK when it is asked."""
        made = self.aside("ec2", READING).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
        event: dict[str, Any] = json.loads(EVENT.read_text())
        name = event["detail"]["alarmName"]
        metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
        metric["dimensions"]["InstanceId"] = made["Instances"][0]["InstanceId"]
        event["detail"]["state"]["timestamp"] = stamp(self.packaged.clock.now())
        client = self.aside("cloudwatch", READING)
        client.put_metric_alarm(
            AlarmName=name,
            Namespace=metric["namespace"],
            MetricName=metric["name"],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=2,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="as if cured")
        return event


def _ok_after(alarm: Mapping[str, Any], at: str) -> dict[str, Any]:
    """The event of the same alarm's OK."""
    detail = alarm["detail"]
    state = {**detail["previousState"], "value": "OK", "timestamp": at}
    return {**alarm, "id": f"{alarm['id']}-ok", "detail": {**detail, "state": state, "previousState": detail["state"]}}


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Keep it up for as long as the block lasts."""
    with embedded_cloud():
        aside = Clients(REGION)
        tables = Tables(ENVIRONMENT["NIGHTCREW_LEDGER"], ENVIRONMENT["NIGHTCREW_STATE"])
        make_tables(aside, tables)
        try:
            with logged({"lambda:Invoke": answer(202, b"")}) as log:
                yield Deployment(aside, log)
        finally:
            for table in (tables.ledger, tables.state):
                aside("dynamodb", READING).delete_table(TableName=table)


def everything_by_itself() -> Policy:
    """A policy under which each family runs by itself."""
    rules = "".join(f"  - when: {{family: {family}}}\n    autonomy: auto\n" for family in FAMILIES)
    return load(f"rules:\n{rules}")
