import pytest

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Journal


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def journal(clock: StoppedClock) -> Journal:
    """With one run, ``run``."""
    made = Journal(":memory:", clock)
    made.open("run", "{}")
    return made
