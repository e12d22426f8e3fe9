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
from nightcrew.ledger.store import Store, client_config

_numbers = itertools.count(1)

Make = Callable[..., Request]

CLOSED: dict[str, Any] = {"breaker": Setting(10_000, "the tests' own")}
"""Many tests let the same runbook fail in one cloud: only those that name their own look at its breaker."""


@pytest.fixture
def clock() -> StoppedClock:
    """Three in the morning, until a test moves it."""
    return StoppedClock()


@pytest.fixture
def store(clients: ClientMaker, clock: StoppedClock) -> Store:
    """The shared tables, under this test's clock."""
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
