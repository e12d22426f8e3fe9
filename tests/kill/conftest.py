"""Two clouds for the session, and the report."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kill.cloud import Cloud

LANES = 2
REPORT = Path(__file__).parents[2] / ".reports" / "kill.json"


@pytest.fixture(scope="session")
def clouds() -> Iterator[list[Cloud]]:
    """As many as kills go on at a time."""
    made = [Cloud() for _ in range(LANES)]
    yield made
    for cloud in made:
        cloud.close()


@pytest.fixture(scope="session")
def report() -> Iterator[list[Mapping[str, Any]]]:
    """The rows of the report; written when the session ends."""
    rows: list[Mapping[str, Any]] = []
    yield rows
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(rows, indent=1) + "\n")
