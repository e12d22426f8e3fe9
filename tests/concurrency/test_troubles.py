"""A run carried out while its writes to the ledger meet conflicts, throttling and lost replies."""

from collections import Counter

import pytest

from nightcrew.clock import SkippingClock
from nightcrew.engine.local import Ended
from nightcrew.ledger.store import TRIES
from tests.concurrency.lives import Points
from tests.concurrency.report import Report
from tests.concurrency.stage import OPERATIONS, Stage, Told

pytestmark = pytest.mark.concurrency

WRITES = ("hold", *(f"change {title}" for title in OPERATIONS), "closing")
ATTEMPTS = 4
"""How often botocore sends what gets no reply."""


def carried(stage: Stage, trouble: str, write: str, times: int) -> tuple[Told, Ended | BaseException]:
    """A run of which one write meets the trouble so often."""
    request = stage.admitted()
    life = stage.live(0, request, 0, SkippingClock(), Points(troubles=Counter({(trouble, write): times})))
    end = life.end()
    assert not life.points.troubles[trouble, write]
    return Told(stage, request), end


@pytest.mark.parametrize("trouble", ["conflict", "throttled", "lost"])
def test_a_trouble_that_passes_is_seen_nowhere(stage: Stage, report: Report, trouble: str) -> None:
    """A few times for each write of a run: it is as if it had not been."""
    for write in WRITES:
        for times in (1, 2, 3):
            told, end = carried(stage, trouble, write, times)
            told.truly([], [end])
            assert told.how == dict.fromkeys(OPERATIONS, "once")
            assert told.chain[-1].body["outcome"] == "succeeded"
    report.add(
        f"a run's own writes, {trouble}",
        rounds=stage.rounds,
        workers=1,
        winners=stage.rounds,
        refused=0,
        conflicts=len(WRITES) * 6,
    )


@pytest.mark.parametrize("trouble", ["conflict", "throttled"])
def test_a_change_that_meets_conflicts_to_the_end_is_not_made(stage: Stage, trouble: str) -> None:
    """Nothing was written, so nothing is sent; the run ends as failed, since it could not go on."""
    for title, operation in OPERATIONS.items():
        told, end = carried(stage, trouble, f"change {title}", TRIES)
        told.closed([end])
        assert told.chain[-1].body["outcome"] == "failed"
        assert title not in [entry.body.get("title") for entry in told.chain]
        assert not told.sent[operation]


@pytest.mark.parametrize(
    ("trouble", "write", "times"),
    [
        ("conflict", "hold", TRIES),
        ("lost", "hold", ATTEMPTS),
        ("conflict", "closing", TRIES),
        ("lost", "closing", ATTEMPTS),
        *(("lost", f"change {title}", ATTEMPTS) for title in OPERATIONS),
    ],
)
def test_a_trouble_that_lasts_neither_refuses_a_run_nor_leaves_it_open(
    stage: Stage, trouble: str, write: str, times: int
) -> None:
    """It passes later: the run is closed by then, and its execution says how."""
    told, end = carried(stage, trouble, write, times)
    told.truly([], [end])
    assert isinstance(end, Ended)
    assert end.status == "SUCCEEDED"
    assert told.chain[-1].body["outcome"] != "refused"
