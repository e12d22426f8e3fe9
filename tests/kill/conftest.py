"""Two clouds for the session, and the report."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from tests.kill.cloud import Cloud
from tests.kill.hunt import Hunt, Ready, hunting
from tests.kill.scenario import Scenario

LANES = 2
REPORT = Path(__file__).parents[2] / ".reports" / "kill.json"
PART = REPORT.with_name("kill-part.json")
"""Where the rows of a session go that did not kill all: it must not stand for the whole."""

_whole = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def clouds() -> Iterator[list[Cloud]]:
    """As many as kills go on at a time."""
    made = [Cloud() for _ in range(LANES)]
    yield made
    for cloud in made:
        cloud.close()


@pytest.fixture
def ready(clouds: list[Cloud], catalog: Catalog, auto_policy: Policy, tmp_path: Path) -> Ready:
    """A hunt for one scenario."""

    @contextmanager
    def hunt(scenario: Scenario) -> Iterator[Hunt]:
        with hunting(scenario, clouds, catalog, auto_policy, tmp_path) as made:
            yield made

    return hunt


def pytest_configure(config: pytest.Config) -> None:
    """Whole, unless something is left out: by a file or a test that was named, or by ``-k`` and the like."""
    named = [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    config.stash[_whole] = not named


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Something was left out."""
    for item in items:
        if item.get_closest_marker("kill") is not None:
            item.config.stash[_whole] = False


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[list[Mapping[str, Any]]]:
    """The rows of the report; written when the session ends."""
    rows: list[Mapping[str, Any]] = []
    yield rows
    session = request.session
    whole = session.config.stash.get(_whole, False) and not (session.shouldstop or session.shouldfail)
    REPORT.parent.mkdir(exist_ok=True)
    (REPORT if whole else PART).write_text(json.dumps(rows, indent=1) + "\n")
