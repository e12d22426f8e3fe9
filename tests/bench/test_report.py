"""The report's form; and of what it says, what is counted and so the same everywhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import aws_calls, storm, writes
from bench.capacity import size_of, units_of
from bench.report import Row, merged, not_taken, table, write
from bench.restarts import Restarts, restarts
from bench.resume import resumed

FUNCTIONS = Path(__file__).parents[2] / "functions"
TAKEN = Row(1, "cold start", 0.7, "×", "≤ 0.75", met=True, how="in pairs")
MISSING = not_taken(5, "storm", "runs", "one", "not taken: it comes later")


@pytest.fixture(scope="module")
def counted() -> Restarts:
    return restarts()


def test_the_report_is_a_list_of_measures_under_one_key(tmp_path: Path) -> None:
    write([TAKEN, MISSING], tmp_path / "report.json")
    first, second = json.loads((tmp_path / "report.json").read_text())["measures"]
    assert first == {
        "measure": 1,
        "name": "cold start",
        "value": 0.7,
        "unit": "×",
        "goal": "≤ 0.75",
        "met": True,
        "how": "in pairs",
    }
    assert second["met"] is False
    assert second["value"] is None
    assert second["how"] == "not taken: it comes later"


def test_one_measure_taken_again_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write([MISSING, TAKEN], path)
    again = Row(1, "cold start", 0.8, "×", "≤ 0.75", met=False, how="in pairs")
    assert merged([again], path) == [again, MISSING]


def test_the_table_says_of_each_measure_whether_it_is_met() -> None:
    lines = table([TAKEN, MISSING]).splitlines()
    assert lines[2].split()[-1] == "yes"
    assert lines[3].endswith("not taken")
    assert any("it comes later" in line for line in lines[4:])


def test_a_restart_writes_at_most_five_times_beside_its_changes_and_long_waits(counted: Restarts) -> None:
    """admit, started, hold, close: the callback for the alarm's OK stands in the entry of its wait."""
    assert [run.outcome for run in counted] == ["cured", "cured"]
    assert [(run.changes, run.waits) for run in counted] == [(2, 4), (2, 4)]
    assert max(writes.beside(run) for run in counted) <= writes.BESIDES


def test_a_restart_with_one_group_takes_at_most_44_write_units(counted: Restarts) -> None:
    assert writes.units(counted.grouped) <= writes.MOST_UNITS


def test_a_group_costs_one_request(counted: Restarts) -> None:
    """Its hold; leaving it is in the closing transaction, which there is anyway."""
    assert len(counted.grouped.charged) - len(counted.alone.charged) == 1


def test_a_restart_asks_aws_at_most_seven_times_beside_its_own_calls(counted: Restarts) -> None:
    assert aws_calls.beside(counted.alone) <= aws_calls.BESIDES


def test_a_poll_or_a_pause_costs_one_read(counted: Restarts) -> None:
    """A restart whose waits are met at once polls twice: has it stopped, and do its checks pass. It pauses twice: for
    the alarm's OK, and while that is held.
    """
    assert len(aws_calls.sorted_out(counted.alone).polls) == 4


def test_an_alarm_s_ok_costs_one_write(counted: Restarts) -> None:
    """It is counted, and is shown who waits for it, in one request."""
    assert [request.name for request in counted.alone.pushed] == ["dynamodb:UpdateItem"]


def test_a_resume_takes_the_same_calls_however_long_the_run_was() -> None:
    """And its bytes grow with the run: the journal's operations are read once, the tables' chain not at all."""
    short, middle, long = resumed(4, 12, 20)
    assert {(run.journal_calls, run.table_calls) for run in (short, middle, long)} == {(4, 2)}
    grown = [middle.journal_bytes - short.journal_bytes, long.journal_bytes - middle.journal_bytes]
    assert grown[0] == pytest.approx(grown[1], rel=0.1)
    assert long.table_bytes - short.table_bytes < 20


def test_a_storm_of_one_alarm_starts_one_run_and_a_repeat_costs_one_read_or_nothing() -> None:
    """And nobody makes a client for the runbook's service."""
    assert storm.of_one_alarm(30) == storm.Copies(runs=1, cold=1.0, warm=0.0, clients=0)


def test_of_many_alarms_each_resource_starts_one_and_each_group_lets_one_run() -> None:
    """The others are refused, each by a gate that is named."""
    flood = storm.of_many(60, 20)
    assert (flood.admitted, flood.ran) == (20, 2)
    assert flood.refused == {"lock": 40, "budget": 18}


def test_a_cold_intake_loads_nothing_that_it_can_do_without() -> None:
    """Each of these costs more than all of matching, policy and admission."""
    heavy = ["aws_durable_execution_sdk_python", "boto3", "pydantic", "yaml"]
    code = (
        "import sys, intake; from nightcrew.authoring.catalog import Catalog; Catalog.load().index; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"N": "0"}, 1),
        ({"N": "-12.5"}, 4),
        ({"N": "1000"}, 2),
        ({"BOOL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": [{"S": "ab"}, {"NULL": True}]}, 8),
        ({"M": {"k": {"S": "ab"}}}, 7),
    ],
)
def test_an_item_is_as_large_as_dynamodb_says(value: dict[str, object], size: int) -> None:
    """Source: the DynamoDB developer guide, "Item sizes and formats"."""
    assert size_of({"key": value}) == len("key") + size


def test_a_write_unit_is_a_kilobyte_rounded_up() -> None:
    assert [units_of(size) for size in (0, 1, 1024, 1025)] == [1, 1, 1, 2]
