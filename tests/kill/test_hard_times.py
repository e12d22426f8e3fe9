"""Killed again and again at the same point; resumed when the deadline, or the lock's lease, is over."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from tests.kill.cloud import Cloud
from tests.kill.drills import SCENARIOS
from tests.kill.hunt import Hunt, hunting
from tests.kill.judged import outcome
from tests.kill.lives import RIVAL, SOON, Kill, run_id
from tests.kill.scenario import Scenario, scenario_of

pytestmark = pytest.mark.kill

HOUR = timedelta(hours=1)
"""The deadline of what is killed here; the lease is a quarter longer."""

Ready = Callable[[Scenario], AbstractContextManager[Hunt]]


@pytest.fixture
def ready(clouds: list[Cloud], catalog: Catalog, auto_policy: Policy, tmp_path: Path) -> Ready:
    """A hunt for one scenario."""

    @contextmanager
    def hunt(scenario: Scenario) -> Iterator[Hunt]:
        with hunting(scenario, clouds, catalog, auto_policy, tmp_path) as ready:
            yield ready

    return hunt


@pytest.fixture
def restart() -> Scenario:
    found = scenario_of("restart-ec2-instance")
    assert found is not None
    return found


def around_changes(hunt: Hunt) -> list[str]:
    """The points between a change's first checkpoint and its last, and those of the closing."""
    titles = [*(change.title for change in hunt.undisturbed.changes), "closing"]
    return [point for point in hunt.points if point.split(":")[0] in titles]


def test_a_change_that_never_comes_through_is_left_to_a_person(
    ready: Ready, restart: Scenario, report: list[Mapping[str, Any]]
) -> None:
    """Four times interrupted between entry and checkpoint: the run stops, closes, and says that nobody knows."""
    points = ["stop it: after the checkpoint STEP START", "stop it: after the entry, before the call"]
    with ready(restart) as hunt:
        judged = hunt.kill([Kill((point,) * 4) for point in points])
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
    assert [each.lives for each in judged] == [5, 5]
    assert [each.row["outcome"] for each in judged] == ["failed", "failed"]


@pytest.mark.parametrize("late", [HOUR + timedelta(minutes=5), 3 * HOUR], ids=["deadline", "lease"])
@pytest.mark.parametrize("name", ["restart-ec2-instance", "drill-of-patience, repeated, polled and paused"])
def test_resumed_when_its_time_is_over_it_still_ends_truly_told(
    ready: Ready, restart: Scenario, name: str, late: timedelta, report: list[Mapping[str, Any]]
) -> None:
    """A change whose entry stands is found out about; no other is begun; what was changed is taken back."""
    with ready(SCENARIOS.get(name, restart)) as hunt:
        judged = hunt.kill([Kill((point,), late) for point in around_changes(hunt)])
        assert not [str(each) for each in judged if each.wrongs]
    report += [each.row for each in judged]
    assert {each.row["outcome"] for each in judged} <= {"failed", hunt.scenario.outcome}


def test_a_run_that_lost_its_lock_changes_nothing_any_more(ready: Ready, report: list[Mapping[str, Any]]) -> None:
    """Its lease was over, another run closed it and took the resource: the first one's late life only finds out."""
    with ready(SCENARIOS["drill-of-patience, repeated, polled and paused"]) as hunt:
        judged = hunt.kill([Kill((point,), 3 * HOUR, "drill-of-rivalry") for point in around_changes(hunt)])
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
