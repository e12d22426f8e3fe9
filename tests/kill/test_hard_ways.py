"""What is hard to survive, killed at every point too: undos, changes that may not be repeated, long waits."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from tests.kill.cloud import Cloud
from tests.kill.drills import SCENARIOS
from tests.kill.hunt import Hunt, Kill, hunting, sample

PAIRS = 8

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module", params=SCENARIOS)
def hunt(
    request: pytest.FixtureRequest,
    clouds: list[Cloud],
    catalog: Catalog,
    auto_policy: Policy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hunt]:
    with hunting(SCENARIOS[request.param], clouds, catalog, auto_policy, tmp_path_factory.mktemp("kill")) as ready:
        yield ready


def test_killed_anywhere_it_ends_as_if_it_had_not_been(hunt: Hunt, report: list[Mapping[str, Any]]) -> None:
    """At each point once; and then, for some, at a point of the resumed life too."""
    assert hunt.undisturbed.outcome == hunt.scenario.outcome
    assert not hunt.undisturbed.wrongs()
    once = hunt.kill([Kill((point,)) for point in hunt.points])
    twice = hunt.kill(sample(once, PAIRS))
    report += [each.row for each in (*once, *twice)]
    wrong = [str(each) for each in (*once, *twice) if each.wrongs]
    assert not wrong, "\n".join(wrong)
