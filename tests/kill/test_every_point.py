"""Each runbook is killed at every point of its run, and resumed: it ends as if nobody had killed it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import OURS, Catalog
from tests.kill.cloud import Cloud
from tests.kill.hunt import Hunt, Kill, hunting, sample
from tests.kill.scenario import scenario_of

RUNBOOKS = sorted(Catalog.load([OURS]))
PAIRS = 16


@pytest.fixture(scope="module", params=RUNBOOKS)
def hunt(
    request: pytest.FixtureRequest,
    clouds: list[Cloud],
    catalog: Catalog,
    auto_policy: Policy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hunt]:
    scenario = scenario_of(request.param)
    assert scenario is not None, f"{request.param} has no scenario: see tests/kill/README.md"
    with hunting(scenario, clouds, catalog, auto_policy, tmp_path_factory.mktemp("kill")) as ready:
        yield ready


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_every_runbook_has_a_scenario(runbook: str) -> None:
    """One that is not killed is not known to survive it: tests/kill/README.md says what to write."""
    assert scenario_of(runbook) is not None


@pytest.mark.kill
def test_killed_anywhere_it_ends_as_if_it_had_not_been(hunt: Hunt, report: list[Mapping[str, Any]]) -> None:
    """At each point once; and then, for some, at a point of the resumed life too."""
    assert hunt.undisturbed.outcome == hunt.scenario.outcome
    assert not hunt.undisturbed.wrongs()
    once = hunt.kill([Kill((point,)) for point in hunt.points])
    twice = hunt.kill(sample(once, PAIRS))
    report += [each.row for each in (*once, *twice)]
    wrong = [str(each) for each in (*once, *twice) if each.wrongs]
    assert not wrong, "\n".join(wrong)
    assert [each.lives for each in once] == [2] * len(once)
    assert [each.lives for each in twice] == [3] * len(twice)
