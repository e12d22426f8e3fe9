"""``nightcrew autonomy`` on the demo's ledger."""

from pathlib import Path

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.admission.settings import Level
from nightcrew.clock import SystemClock
from nightcrew.ledger.store import Store, client_config
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.knowledge.chronicle import DAY, MINUTE, Chronicle

RUNBOOK = "restart-ec2-instance"
POLICY = f"rules:\n  - when: {{runbook: {RUNBOOK}}}\n    autonomy: approve\n"


@pytest.fixture
def month(demo: Demo, tmp_path: Path) -> Path:
    """A demo in which twelve restarts helped on twelve days; and a policy that wants each approved."""
    store = Store(demo.clients("dynamodb", client_config()))
    chronicle, midnight = Chronicle(store), SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(1, 13):
        chronicle.ran(midnight - back * DAY, took=5 * MINUTE)
    file = tmp_path / "ours.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def test_what_was_earned_and_what_is_proposed(month: Path) -> None:
    """As JSON: twelve of twelve are enough for auto."""
    told = typed("--demo", "--policy", str(month), "autonomy", "--json").json
    [earned] = told["runbooks"]
    assert (earned["runbook"], earned["tried"], earned["helped"]) == (RUNBOOK, 12, 12)
    assert (earned["policy"], earned["allows"]) == ("approve", "auto")
    assert earned["lower"] == 0.758
    [promotion] = told["promotions"]
    assert (promotion["now"], promotion["level"]) == ("approve", "auto")


@pytest.mark.parametrize("columns", [80, 120, None])
def test_people_see_it_in_a_table(month: Path, columns: int | None) -> None:
    """As wide as the terminal; but for what to type, which has a path in it."""
    shown = typed("--demo", "--policy", str(month), "autonomy", columns=columns)
    assert shown.code == 0
    assert "12 of 12" in shown.out
    assert f"{RUNBOOK}: approve → auto" in shown.out
    lines = [line for line in shown.out.splitlines() if "--policy" not in line]
    assert columns is None or max(map(len, lines)) <= columns


def test_the_patch_is_for_a_person_to_apply(month: Path) -> None:
    """It is printed, and the file is left as it was."""
    shown = typed("--demo", "--policy", str(month), "autonomy", "--patch", str(month))
    assert "-    autonomy: approve" in shown.out
    assert "+    autonomy: auto" in shown.out
    assert month.read_text(encoding="utf-8") == POLICY
    [rule] = load(POLICY).rules
    assert rule.values["autonomy"] is Level.APPROVE


def test_nothing_to_promote_is_no_patch(demo: Demo, tmp_path: Path) -> None:
    """An empty patch would look like one that was applied."""
    del demo
    file = tmp_path / "ours.yaml"
    file.write_text(POLICY, encoding="utf-8")
    seen = typed("--demo", "--policy", str(file), "autonomy", "--patch", str(file))
    assert seen.code == 2
    assert "nothing to promote" in seen.err


def test_where_nothing_ran_it_says_so(demo: Demo) -> None:
    """And is no error."""
    del demo
    shown = typed("--demo", "autonomy")
    assert (shown.code, "No runbook ran yet" in shown.out) == (0, True)


def test_a_runbook_that_there_is_not_is_named(demo: Demo) -> None:
    """With one that is like it."""
    del demo
    seen = typed("--demo", "autonomy", "--runbook", "restart-ec2")
    assert seen.code == 2
    assert "restart-ec2" in seen.err
