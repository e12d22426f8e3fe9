"""A crew for each worker, over the arena's tables: signals that come in, and sweepers. Nothing of what they start is
carried out here.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import stamp
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.installation import Installation
from nightcrew.signals import Signal, signal_from
from tests.concurrency.arena import Arena
from tests.concurrency.stage import change_thrice

POLICY = """
defaults: {breaker: 1000}
rules: [{when: {family: restart}, autonomy: auto}]
bindings:
"""
_EVENT = Path(__file__).resolve().parents[2] / "events" / "ec2-status-check.json"


@dataclass
class Crews:
    """``started`` counts how often each run was given to its engine, and ``news`` which kinds people were told."""

    arena: Arena
    queues: list[str]
    started: Counter[str] = field(default_factory=Counter)
    news: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._event = json.loads(_EVENT.read_text())
        bound = "".join(
            f"  - {{alarm: {queue}-late, runbook: change-thrice, parameters: {{queue: {queue}, seconds: '99'}}}}\n"
            for queue in self.queues
        )
        policy, catalog = load(POLICY + bound), Catalog([change_thrice])
        self.dispatchers = [
            Dispatcher(
                Installation(
                    store, catalog, policy, _no_cloud, self.arena.clock, news=lambda kind, what: self._told(kind)
                ),
                self._start,
            )
            for store in self.arena.stores
        ]

    def signal(self, queue: str, at: datetime) -> Signal:
        """A queue's alarm, as it fired then."""
        event: dict[str, Any] = json.loads(json.dumps(self._event))
        event["detail"]["alarmName"] = f"{queue}-late"
        event["resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{queue}-late"]
        event["detail"]["state"]["timestamp"] = event["time"] = stamp(at)
        return signal_from(event)

    def _start(self, run: str) -> None:
        self.started[run] += 1

    def _told(self, kind: str) -> None:
        self.news[kind] += 1


def _no_cloud(who: str, permissions: object, resource: str, family: str) -> Cloud:
    raise AssertionError(f"{who} asks for {resource}")
