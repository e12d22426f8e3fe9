"""Measure 5: a storm of alarms, over tables in memory that count what they are asked. Counted: the same everywhere.

What must hold when many processes meet the same storm is proved on an emulator, by the concurrency suite; here it is
what one decision costs.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bench.deployed import EVENT, everything_by_itself
from bench.report import Row
from nightcrew.admission.closing import close
from nightcrew.admission.hold import hold
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import Group
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import StoppedClock, stamp
from nightcrew.dispatch.decided import Decided
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.installation import Installation
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.history import opening
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Found
from nightcrew.ledger.transaction import Piece

COPIES = 10_000
RESOURCES = 1_000
IN_A_GROUP = 10
NAME = "restart-ec2-instance"
GROUP = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web-"


class Counting(MemoryStore):
    """Tables in memory that count the requests that DynamoDB would get."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def transact(self, pieces: Sequence[Piece]) -> None:
        """Counted as a write."""
        self.asked["write"] += 1
        super().transact(pieces)

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        """Counted as a read."""
        self.asked["read"] += 1
        return super().get(table, key, consistent=consistent)

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """Counted as one read, however many keys."""
        self.asked["read"] += 1
        return [MemoryStore.get(self, table, key) for key in keys]

    def query(self, table: str, where: Condition, **how: Any) -> Found:
        """Counted as a read."""
        self.asked["read"] += 1
        return super().query(table, where, **how)


@dataclass(frozen=True)
class Copies:
    """10,000 copies of one alarm: the runs, and the calls that each repeat took in a cold and in a warm process."""

    runs: int
    cold: float
    warm: float
    clients: int


@dataclass(frozen=True)
class Flood:
    """10,000 alarms on 1,000 resources in 100 groups: how many of them were refused by which gate, and what ran."""

    admitted: int
    ran: int
    refused: Mapping[str, int]
    calls: float


def measure() -> Row:
    """One alarm 10,000 times, and 10,000 alarms on 1,000 resources."""
    copies, flood = of_one_alarm(), of_many()
    told = ", ".join(f"{count} by {gate}" for gate, count in sorted(flood.refused.items()))
    return Row(
        measure=5,
        name="storm: calls for each repeat of an alarm, its process warm",
        value=copies.warm,
        unit="calls",
        goal="one run; a repeat ≤ 1 call, ≤ 0.1 when warm; no EC2 client",
        met=copies.runs == 1 and copies.cold <= 1 and copies.warm <= 0.1 and copies.clients == 0,
        how=f"{COPIES:,} copies of one alarm: {copies.runs} run, {copies.cold:g} calls a repeat in processes that know "
        f"nothing, {copies.warm:g} in one that is warm, {copies.clients} clients made for the runbook. {COPIES:,} "
        f"alarms on {RESOURCES:,} resources in {RESOURCES // IN_A_GROUP} groups: {flood.admitted:,} admitted, "
        f"{flood.ran} ran within the budgets of their groups, refused: {told}; {flood.calls:.1f} calls an alarm. "
        "Tables in memory, each request counted; correctness under concurrency is the concurrency suite's",
    )


def of_one_alarm(copies: int = COPIES) -> Copies:
    """The same event again and again: to one process that stays, and to one that forgets after each."""
    event = _event("i-00000000000000001", "checkout-web-1")
    figures: list[float] = []
    runs: list[int] = []
    clients = 0
    for forgets in (True, False):
        door, store, made = _door()
        kinds = Counter([door.event(event).kind])
        store.asked.clear()
        for _ in range(copies - 1):
            kinds[replace(door, decided=Decided() if forgets else door.decided).event(event).kind] += 1
        figures.append(sum(store.asked.values()) / (copies - 1))
        runs.append(kinds["admitted"] if kinds.total() == kinds["admitted"] + kinds["refused"] else 0)
        clients += len(made)
    return Copies(max(runs), figures[0], figures[1], clients)


def of_many(alarms: int = COPIES, resources: int = RESOURCES) -> Flood:
    """Ten alarms on each resource, ten resources in each group. Each run that is admitted asks for its hold."""
    door, store, _ = _door()
    refused: Counter[str] = Counter()
    admitted: list[tuple[str, int]] = []
    for number in range(alarms):
        resource = number % resources
        answer = door.event(_event(f"i-{resource:017x}", f"alarm-{number}"))
        if answer.kind == "refused":
            refused[str(answer.gate)] += 1
        else:
            admitted.append((str(answer.run), resource))
    asked = sum(store.asked.values())
    ran = 0
    for run, resource in admitted:
        gate = _holds(door, store, run, Group(f"{GROUP}{resource // IN_A_GROUP}", IN_A_GROUP))
        if gate is None:
            ran += 1
        else:
            refused[gate] += 1
    return Flood(len(admitted), ran, refused, asked / alarms)


def _holds(door: Dispatcher, store: Counting, run: str, group: Group) -> str | None:
    """The executor's first step, and its end where it is refused; by which gate."""
    entry = opening(store, run)
    if entry is None:
        raise RuntimeError(f"run {run} was admitted, and is not in the ledger")
    request, clock = request_of(entry), door.installation.clock
    settings = door.installation.policy.settings_for(
        NAME, "restart", "disruptive", alarm_tags={}, region="eu-west-1", account="123456789012"
    )
    try:
        hold(request, [group], settings, store, clock.now())
    except Refused as refusal:
        book = Book(store, clock, run, entry.number, entry.hash)
        close(request, [], "refused", refusal.words, {"gate": refusal.gate, "figures": refusal.figures}, book)
        return refusal.gate
    return None


def _door() -> tuple[Dispatcher, Counting, list[str]]:
    store, made = Counting(), list[str]()

    def clouds(name: str, permissions: object, resource: str, family: str) -> Cloud:
        del permissions, resource, family
        made.append(name)
        raise RuntimeError(f"{name} asks for a client, and nothing was to be asked of AWS")

    wired = Installation(store, Catalog.load(), everything_by_itself(), clouds, StoppedClock())
    return Dispatcher(wired, lambda run: None), store, made


def _event(instance: str, alarm: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(EVENT.read_text())
    detail = event["detail"]
    event["resources"] = [f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{alarm}"]
    detail["alarmName"] = alarm
    detail["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"]["InstanceId"] = instance
    detail["state"]["timestamp"] = stamp(StoppedClock().now() - timedelta(seconds=10))
    return event
