"""The events of ``events/``, and an event to change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def event() -> Callable[[str], Any]:
    """Reads an event of ``events/`` by its name; each call gives one of its own."""

    def read(name: str) -> Any:
        return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def alarm(event: Callable[[str], Any]) -> Callable[..., Any]:
    """An alarm on one metric whose state is as given: what it does not name is left out."""

    def make(**state: Any) -> Any:
        made = event("ec2-status-check")
        made["detail"]["state"] = {"value": "ALARM", "timestamp": "2026-11-21T03:00:04.120+0000", **state}
        return made

    return make
