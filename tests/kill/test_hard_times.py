"""Killed again and again at the same point; resumed when the deadline, or the lock's lease, is over."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.kill import drills
from tests.kill.hunt import Hunt, Ready
from tests.kill.lives import Kill
from tests.kill.points import states

pytestmark = pytest.mark.kill

PATIENCE = "drill-of-patience, repeated, polled and paused"
HOUR = timedelta(hours=1)
"""The deadline of what is killed here; the lease is a quarter longer."""


def around_changes(hunt: Hunt) -> list[str]:
    """The points between a change's first checkpoint and its last, and those of the closing."""
    titles = [*(change.title for change in hunt.undisturbed.changes), "closing"]
    return [point for point in states(hunt.points) if point.split(":")[0] in titles]


def test_a_change_that_never_comes_through_stops_the_run(ready: Ready, report: list[Mapping[str, Any]]) -> None:
    """Four times interrupted: before its entry, nothing was sent, for sure; after it, nobody knows."""
    began, found = "{}: after the checkpoint STEP START", "stop it, found{}: after the checkpoint STEP START"
    written = "stop it: after the entry, before the call"
    times = ["", ", interrupted 1", ", interrupted 2", ", interrupted 3"]
    with ready(drills.RESTART) as hunt:
        unwritten, unsent, unseen = hunt.kill(
            [
                Kill(tuple(began.format(f"stop it{time}") for time in times), outcome="failed"),
                Kill((written,) * 4),
                Kill((written, *(found.format(time) for time in times))),
            ]
        )
    judged = [unwritten, unsent, unseen]
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
    assert [each.row["lives"] for each in judged] == [5, 5, 6]
    assert [each.row["outcome"] for each in judged] == ["failed"] * 3
    assert [each.row["recorded"] for each in judged] == [{}, {"stop it": "unknown"}, {"stop it": "unknown"}]
    assert [each.row["changes"] for each in judged] == [{}, {"stop it": 0}, {"stop it": 0}]


def test_a_change_that_is_repeated_by_one_life_after_the_other_is_told_as_often(
    ready: Ready, report: list[Mapping[str, Any]]
) -> None:
    """Nothing shows whether it took effect, so each life sends it again, and dies."""
    sent = "switch it on: after the call, before the checkpoint"
    with ready(drills.SCENARIOS[PATIENCE]) as hunt:
        (judged,) = hunt.kill([Kill((sent,) * 3)])
    report.append(judged.row)
    assert not judged.wrongs
    assert judged.row["lives"] == 4
    assert judged.row["changes"]["switch it on"] == 4
    assert judged.row["recorded"]["switch it on"] == "repeated, interrupted 2 times"


@pytest.mark.parametrize(
    ("name", "late"),
    [(drills.RESTART.name, 3 * HOUR), (PATIENCE, HOUR + timedelta(minutes=5))],
    ids=["lease", "deadline"],
)
def test_resumed_when_its_time_is_over_it_still_ends_truly_told(
    ready: Ready, name: str, late: timedelta, report: list[Mapping[str, Any]]
) -> None:
    """A change whose entry stands is found out about; no other is begun; what was changed is taken back."""
    with ready(drills.SCENARIOS.get(name, drills.RESTART)) as hunt:
        judged = hunt.kill([Kill((point,), late) for point in around_changes(hunt)])
        assert not [str(each) for each in judged if each.wrongs]
    report += [each.row for each in judged]
    assert {each.row["outcome"] for each in judged} <= {"failed", hunt.scenario.outcome}


def test_a_run_that_lost_its_lock_changes_nothing_any_more(ready: Ready, report: list[Mapping[str, Any]]) -> None:
    """Its lease was over, another run closed it and took the resource: the first one's late life only finds out."""
    with ready(drills.SCENARIOS[PATIENCE]) as hunt:
        points = [point for point in around_changes(hunt) if point != "closing: after its transaction"]
        judged = hunt.kill([Kill((point,), 3 * HOUR, "drill-of-rivalry") for point in points])
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
    assert {each.row["outcome"] for each in judged} == {"failed"}
