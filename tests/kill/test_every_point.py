"""Each runbook is killed at every point of its run, and resumed: it ends as if nobody had killed it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from nightcrew.authoring.catalog import OURS, Catalog
from tests.kill import drills
from tests.kill.hunt import Hunt, Ready
from tests.kill.lives import Kill
from tests.kill.points import pairs, sample, states
from tests.kill.scenario import scenario_of
from tests.kill.scenarios.recovery_points import SCENARIOS as POINTS

RUNBOOKS = sorted(Catalog.load([OURS]))
PAIRED = {"restart-ec2-instance", "restore-rds-instance", "raise-lambda-concurrency", *drills.SCENARIOS}
"""What is killed a second time while it is resumed: together they have each kind of step."""

OTHERS = {**drills.SCENARIOS, **POINTS}

PAIRS = 8
"""So many kills of two lives, beside two for each change."""


@pytest.fixture(params=[*RUNBOOKS, *OTHERS])
def hunt(request: pytest.FixtureRequest, ready: Ready) -> Iterator[Hunt]:
    with ready(OTHERS.get(request.param) or scenario_of(request.param)) as made:
        yield made


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_every_runbook_has_a_scenario(runbook: str) -> None:
    """One that nobody killed is not known to survive it: tests/kill/README.md says what to write."""
    assert scenario_of(runbook).runbook == runbook


@pytest.mark.kill
def test_killed_anywhere_it_ends_as_if_it_had_not_been(
    hunt: Hunt, report: list[Mapping[str, Any]], *, sampled: bool
) -> None:
    """At each point once; some also at pairs of points, the second one in the life that resumes after the first."""
    points, paired = states(hunt.points), bool({hunt.scenario.runbook, hunt.scenario.name} & PAIRED)
    kills = [Kill((point,)) for point in (sample(points) if sampled and not paired else points)]
    if paired:
        kills += pairs(hunt.points, [change.title for change in hunt.undisturbed.changes], PAIRS)
    judged = hunt.kill(kills)
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
