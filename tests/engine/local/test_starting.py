"""A run is started once, and prints nothing."""

import logging
from typing import Any

import pytest
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution

from nightcrew.authoring.steps import Json, Steps
from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.errors import BadInput, Unknown
from tests.engine.local.driving import started


def test_a_run_gets_its_payload(journal: Journal, clock: StoppedClock) -> None:
    @durable_execution
    def echo(event: Any, context: DurableContext) -> Json:
        return event

    engine = LocalEngine(echo, journal, clock)
    engine.start("other", {"instance": "i-1"})
    assert engine.drive("other") == Ended("SUCCEEDED", {"instance": "i-1"})


def test_starting_runs_nothing_and_an_equal_name_runs_once(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        bodies.append(1)
        return "done"

    engine = started(body, journal, clock)
    engine.start("run", {})
    assert bodies == []

    assert engine.drive("run") == engine.drive("run") == Ended("SUCCEEDED", "done")
    engine.start("run", {})
    assert engine.resume("run").result == "done"
    assert bodies == [1]


def test_an_equal_name_with_another_payload_is_refused(journal: Journal, clock: StoppedClock) -> None:
    engine = started(lambda steps: None, journal, clock)
    with pytest.raises(BadInput, match="payload"):
        engine.start("run", {"instance": "i-2"})


def test_an_unknown_run_cannot_be_driven(journal: Journal, clock: StoppedClock) -> None:
    with pytest.raises(Unknown, match="elsewhere"):
        started(lambda steps: None, journal, clock).drive("elsewhere")


def test_nothing_is_printed_when_steps_fail_and_waits_end(
    journal: Journal, clock: StoppedClock, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python prints what the SDK logs where nobody configured logging; pytest did, so it is taken away here."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("aws_durable_execution_sdk_python"), "handlers", [])

    def fail() -> Json:
        raise ValueError("no")

    def body(steps: Steps) -> Json:
        try:
            steps.once("stop it", fail)
        except Exception:  # noqa: BLE001  whatever it is
            steps.pause("settle", 60)
        raise ValueError("no")

    assert started(body, journal, clock).drive("run").status == "FAILED"
    assert capfd.readouterr() == ("", "")
