"""`nightcrew stats` of days with restore drills: a line of their own, in words, as JSON, and from a stack's API."""

from pathlib import Path
from typing import Any

import pytest

from nightcrew.cli.remote.knowing import statistics_of
from tests.cli.test_stats import Glass
from tests.knowledge.chronicle import INSTANCE, MINUTE

DRILL: dict[str, Any] = {"runbook": "drill-rds-restore", "family": "restore", "resource": f"{INSTANCE.format(9)}/drill"}


@pytest.fixture
def glass(tmp_path: Path) -> Glass:
    """Yesterday two restores were drilled; one held."""
    made = Glass(tmp_path / "glass")
    for outcome in ("succeeded", "ineffective"):
        made.chronicle.ran(made.at(1), outcome, took=90 * MINUTE, symptom="drill", **DRILL)
    return made


@pytest.mark.parametrize("columns", [80, 120])
def test_drills_stand_on_a_line_of_their_own(glass: Glass, columns: int) -> None:
    """Beside what was remedied, which knows nothing of them."""
    glass.chronicle.ran(glass.at(1), took=10 * MINUTE)
    seen = glass.stats(columns=columns)
    words = " ".join(seen.out.split())
    assert "1 run: " in words
    assert "1 of 1 that were tried helped (100 %)" in words
    assert "Beside these 1 of 2 restore drills held, median 1 h 30 min; nightcrew drill says more." in words
    assert "drill-rds-restore" not in words.partition("no proof")[0]
    assert seen.widest <= columns


def test_days_of_drills_alone_say_so(glass: Glass) -> None:
    words = " ".join(glass.stats().out.split())
    assert "0 runs; 0 refusals." in words
    assert "Beside these 1 of 2 restore drills held" in words
    assert "Nothing ran" not in words


def test_the_api_answers_what_the_command_tells(glass: Glass) -> None:
    """Also one that is older, and knows nothing of drills."""
    told = glass.stats("--json").json
    drills = statistics_of(told).drills
    assert (drills.runs, drills.helped, drills.median) == (2, 1, 5400)
    older = statistics_of({name: value for name, value in told.items() if name != "drills"})
    assert older.drills.runs == 0
