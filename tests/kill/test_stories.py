"""What happens to a run at night, killed at each point: decisions, a cancel, an OK, refusals, follow-ups, sweeps."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.kill.hunt import Hunt, Ready
from tests.kill.lives import Kill
from tests.kill.points import states
from tests.kill.stories import STORIES, Nightly

pytestmark = pytest.mark.kill


@pytest.fixture(params=STORIES)
def nightly(request: pytest.FixtureRequest) -> Nightly:
    return STORIES[request.param]


@pytest.fixture
def hunt(nightly: Nightly, ready: Ready) -> Iterator[Hunt]:
    with ready(nightly.scenario) as made:
        yield made


def test_killed_anywhere_in_it_the_story_ends_as_if_nobody_had_been(
    nightly: Nightly, hunt: Hunt, report: list[Mapping[str, Any]]
) -> None:
    """Nothing is lost, nothing is done twice, and nothing is left locked or due."""
    outcome = "" if nightly.alike else nightly.scenario.outcome
    judged = hunt.kill([Kill((point,), outcome=outcome) for point in states(nightly.deadly(hunt.points))])
    report += [each.row for each in judged]
    assert not [str(each) for each in judged if each.wrongs]
