"""Requests to admit, each on a resource of its own."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import REGION
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store, client_config

_numbers = itertools.count(1)

Make = Callable[..., Request]

CLOSED: dict[str, Any] = {"breaker": Setting(10_000, "the tests' own")}
"""Some tests let a runbook fail again and again: only those that name their own look at its breaker."""


@pytest.fixture
def clock() -> StoppedClock:
    """Three in the morning, until a test moves it."""
    return StoppedClock()


@pytest.fixture
def store() -> Store:
    """Tables of this test's own, in memory: tests/ledger/test_memory.py holds them to what DynamoDB's do."""
    return MemoryStore()


@pytest.fixture
def shared(clients: ClientMaker, clock: StoppedClock) -> Store:
    """The tables in the warm cloud, for what goes wrong, or happens, on the way to them."""
    return Store(clients("dynamodb", client_config()), clock=clock)


@pytest.fixture
def ask(clock: StoppedClock) -> Make:
    """Builds requests; without a resource each gets one of its own."""

    def make(
        *, resource: str | None = None, alarm: str | None = None, level: Level = Level.AUTO, **other: Any
    ) -> Request:
        number = next(_numbers)
        seen = AlarmSeen(f"arn:{alarm}", alarm, clock.now(), f"{alarm}\t\tnow", "high") if alarm else None
        given: dict[str, Any] = {
            "run": f"run-{number}",
            "runbook": "restart-ec2-instance",
            "family": "restart",
            "risk": "disruptive",
            "parameters": {"instance_id": "i-0abc1234def567890"},
            "resource": resource or f"arn:aws:ec2:{REGION}:123456789012:instance/i-{number:017x}",
            "symptom": "AWS/EC2:StatusCheckFailed_Instance:high",
            "by": "alarm" if alarm else "person",
            "actor": f"alarm: {alarm}" if alarm else "ada",
            "at": clock.now(),
            "deadline": timedelta(hours=1),
            "lease": timedelta(hours=1, minutes=15),
            "settings": Settings(autonomy=Setting(level, "the test"), **({} if "runbook" in other else CLOSED)),
            "policy": "0123456789ab",
            "alarm": seen,
        }
        return Request(**{**given, **other})

    return make
