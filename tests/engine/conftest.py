import pytest
from aws_durable_execution_sdk_python import state


@pytest.fixture(autouse=True)
def _quick_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK looks every 0.1 s whether its checkpoint thread shall stop: for each invocation of each test."""
    monkeypatch.setattr(state, "_STOP_SIGNAL_POLL_SECONDS", 0.005)
