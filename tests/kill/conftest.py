"""A cloud for the session, and the report: with several processes, a cloud for each, and one report."""

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
from tests.kill.lane import Site
from tests.kill.scenario import Scenario

REPORT = Path(__file__).parents[2] / ".reports" / "kill.json"
PART = REPORT.with_name("kill-part.json")
"""Where the rows of a session go that did not kill all: it must not stand for the whole."""

Rows = list[Mapping[str, Any]]

_whole = pytest.StashKey[bool]()
_rows = pytest.StashKey[Rows]()


@pytest.fixture(scope="session")
def site(catalog: Catalog) -> Iterator[Site]:
    """Where everything is killed."""
    services = {action.partition(":")[0] for name in catalog for action in catalog[name].permissions}
    cloud = Cloud(sorted(services))
    yield Site.of(cloud)
    cloud.close()


@pytest.fixture
def ready(site: Site, catalog: Catalog, auto_policy: Policy, tmp_path: Path) -> Ready:
    """A hunt for one scenario."""

    @contextmanager
    def hunt(scenario: Scenario) -> Iterator[Hunt]:
        with hunting(scenario, site, catalog, auto_policy, tmp_path) as made:
            yield made

    return hunt


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Rows:
    """The rows of the report; written when the session ends."""
    return request.config.stash[_rows]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--sample``, of ``make test-kill-sample``."""
    parser.addoption("--sample", action="store_true", help="kill each runbook at some of its points only")


@pytest.fixture
def sampled(request: pytest.FixtureRequest) -> bool:
    """Whether only some points of each runbook are wanted."""
    return bool(request.config.getoption("--sample", default=False))


def pytest_configure(config: pytest.Config) -> None:
    """Whole, unless something is left out: by a file or a test that was named, or by ``-k`` and the like."""
    named = [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    config.stash[_whole] = not named and not config.getoption("--sample", default=False)
    config.stash[_rows] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Something was left out."""
    for item in items:
        if item.get_closest_marker("kill") is not None:
            item.config.stash[_whole] = False


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of several has ended, and sends its rows."""
    sent = getattr(node, "workeroutput", {}).get("kill")
    if sent is not None:
        node.config.stash[_rows].extend(sent["rows"])
        node.config.stash[_whole] &= sent["whole"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report, or send it to who does."""
    rows, whole = session.config.stash[_rows], session.config.stash[_whole]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["kill"] = {"rows": rows, "whole": whole}
    elif rows:
        rows.sort(key=lambda row: (row["runbook"], row["scenario"]))
        REPORT.parent.mkdir(exist_ok=True)
        whole = whole and not (session.shouldstop or session.shouldfail)
        (REPORT if whole else PART).write_text(json.dumps(rows, indent=1) + "\n")
