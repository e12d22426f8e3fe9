"""A process that is not dead: it stands still at a point, others take it for dead and act, and then it wakes up.

On its own clock no time has passed: only the conditions of what it writes can stop it. It is put to sleep before it
changes, records or closes something. (One that sleeps between a change's entry and the call itself sends it when it
wakes: nothing can recall that. The entry stands, and whoever takes over looks before anything is sent again.)
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.kill import drills
from tests.kill.hunt import Ready
from tests.kill.lives import HEIR, SWEEPER, Kill
from tests.kill.test_hard_times import PATIENCE

pytestmark = pytest.mark.kill

LATE = timedelta(hours=3)
"""The lease is over then."""

POINTS = (
    "invocation: begun",
    "hold: after the checkpoint STEP START",
    "switch it on: after the checkpoint STEP START",
    "switch it on: after the call, before the checkpoint",
    "let it burn: after the wait's entry, before the checkpoint",
    "dim it: before the entry",
    "dim it: after the call, before the checkpoint",
    "closing: before its transaction",
)


@pytest.mark.parametrize("zombie", [HEIR, SWEEPER, "drill-of-rivalry"])
def test_a_zombie_changes_writes_and_closes_nothing_any_more(
    zombie: str, ready: Ready, report: list[Mapping[str, Any]]
) -> None:
    """After an heir that resumed its run, after the sweeper that closed it, after another run on its resource."""
    with ready(drills.SCENARIOS[PATIENCE]) as hunt:
        assert set(POINTS) <= set(hunt.points)
        judged = hunt.kill([Kill((point,), LATE, zombie=zombie) for point in POINTS])
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
