"""What the alarm did not call a cure: left as it is, or taken back, as the runbook says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "set"


@pytest.mark.parametrize(("undo", "left"), [(True, 30), (False, 61)])
def test_a_missed_ok_is_a_missed_proof(
    house: House, event: Callable[[str], dict[str, Any]], undo: bool, left: int
) -> None:
    """``undo_if_ineffective`` counts for both."""
    shift = Shift.build(house, remedy, undo_if_ineffective=undo)
    sent = shift.event(event("ec2-status-check"), state="ALARM")
    run = shift.fires(sent).run
    assert run is not None
    assert shift.through(run)["outcome"] == "ineffective"
    closing = shift.house.closing(run)
    if undo:
        assert closing["undone"] == ["set it"]
    else:
        assert closing["not_undone"] == [{"title": "set it", "words": "left as it is"}]
    assert hidden_for(shift.house, shift.queue) == left
