"""`nightcrew stats`: what a team decides by, at a terminal, in a file, and as a picture."""

import csv
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest

from nightcrew.cli.reviewing.sparkline import sparkline
from nightcrew.clock import SystemClock
from nightcrew.dispatch.break_glass import files, make_directory
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece
from tests.cli.deployed import NAME as STACK
from tests.cli.deployed import Deployed
from tests.cli.desk import EVENTS, Seen, typed
from tests.cli.night import NAME
from tests.cli.rights import refused
from tests.knowledge.chronicle import DAY, MINUTE, SYMPTOM, Chronicle


class Glass:
    """What a laptop keeps: a ledger written by a test, up to today's midnight."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        make_directory(directory)
        self.today = SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
        self._written = MemoryStore()
        self.chronicle = Chronicle(self._written)

    def stats(self, *words: str, columns: int | None = None, **environment: str) -> Seen:
        """The command, over what was written by now."""
        store = DiskStore(files(self.directory)[0])
        items = self._written._items["ledger"].values()
        if items:
            keys = [{name: item[name] for name in ("run", "number")} for item in items]
            store.transact([Piece("ledger", key, gate="test", put=item) for key, item in zip(keys, items, strict=True)])
        store.close()
        return typed("--files", str(self.directory), "stats", *words, columns=columns, **environment)

    def at(self, back: int) -> datetime:
        """So many days ago."""
        return self.today - back * DAY


@pytest.fixture
def glass(tmp_path: Path) -> Glass:
    return Glass(tmp_path / "glass")


@pytest.fixture
def busy(glass: Glass) -> Glass:
    """A month: what was cured, what was not, what was refused, and what people took before."""
    chronicle = glass.chronicle
    chronicle.lasted(glass.at(70), 45 * MINUTE)
    for back in (2, 9, 16):
        chronicle.ran(glass.at(back), took=10 * MINUTE, asked=2 * MINUTE)
    chronicle.ran(glass.at(3), "failed", took=12 * MINUTE)
    grow = {"runbook": "raise-lambda-provisioned-concurrency", "family": "scale-out"}
    chronicle.ran(glass.at(4), "succeeded", symptom=f"by hand:{grow['runbook']}", took=4 * MINUTE, **grow)  # type: ignore[arg-type]
    chronicle.refused(glass.at(1), "cool-down")
    chronicle.refused(glass.at(1), "freeze", runbook="reboot-rds-instance", symptom="AWS/RDS:DatabaseConnections:high")
    return glass


def test_stats_say_what_ran_what_it_saved_and_by_which_figures(busy: Glass) -> None:
    seen = busy.stats()
    assert seen.code == 0
    assert "5 runs: ✓ 3 cured, ✗ 1 failed, ✓ 1 succeeded; 2 refusals." in seen.out
    assert "4 of 5 that were tried helped (80 %). Time to remediate: median 6 min, p90 6 min;" in seen.out
    assert "in people's hands: median ~ 45 min (3 observed, 1 estimated ~)." in seen.out
    saved = next(line for line in seen.out.splitlines() if line.startswith("Toil saved"))
    assert saved.endswith(
        "in people's hands, less 12 min of runs that did not help, less 6 min of answering what runs asked."
    )
    assert "cool-down 1, freeze 1" in seen.out
    assert f"      5        4        3  {SYMPTOM}" in seen.out
    assert "reboot-rds-instance: helped nobody for 365 d; tried never, refused once in 365 d" in seen.out
    assert "~ the estimate of the runbook's author" in seen.out


@pytest.mark.parametrize("columns", [80, 120])
def test_stats_fit_a_terminal(busy: Glass, columns: int) -> None:
    """No name of a runbook is cut: it stands above its figures where it finds no room beside them."""
    seen = busy.stats(columns=columns)
    assert seen.widest <= columns
    for name in (NAME, "raise-lambda-provisioned-concurrency", "reboot-rds-instance"):
        assert any(line.endswith(name) for line in seen.out.splitlines())


def test_stats_are_by_what_is_asked_for(busy: Glass) -> None:
    for by, name in (("family", "restart"), ("resource", "i-1"), ("symptom", SYMPTOM), ("week", "-W")):
        assert any(name in line.split()[-1] for line in busy.stats("--by", by).out.splitlines() if line)


def test_stats_as_json_have_no_number_where_nothing_is_known(busy: Glass) -> None:
    told = busy.stats("--json").json
    assert (told["version"], told["by"], told["total"]["runs"]) == (1, "runbook", 5)
    refused = next(each for each in told["groups"] if each["name"] == "reboot-rds-instance")
    assert (refused["refused"], refused["median_seconds"], refused["success"]) == (1, None, None)
    assert told["refused_by_gate"] == {"cool-down": 1, "freeze": 1}


def test_stats_as_csv_are_a_file_that_a_spreadsheet_reads(busy: Glass) -> None:
    lines = list(csv.DictReader(StringIO(busy.stats("--csv", columns=40).out)))
    assert lines[0]["runbook"] == NAME
    assert lines[-1]["runbook"] == "all"
    assert {len(line) for line in lines} == {len(lines[0])}


def test_stats_are_drawn_into_a_file(busy: Glass, tmp_path: Path) -> None:
    seen = busy.stats("--svg", str(tmp_path / "month.svg"), "--json")
    assert (seen.code, seen.json["total"]["runs"]) == (0, 5)
    assert "Nightcrew, break-glass, " in (tmp_path / "month.svg").read_text()
    wrong = busy.stats("--svg", str(tmp_path / "nowhere" / "month.svg"))
    assert wrong.code == 2
    assert "--svg" in wrong.err
    assert "No such file or directory" in wrong.err


def test_an_alarm_history_says_what_people_took_before(glass: Glass) -> None:
    """Read as backtest reads it, and matched as intake would; better than an estimate."""
    glass.chronicle.ran(glass.at(2))
    assert glass.stats("--json").json["total"]["people_sources"] == {"estimate": 1}
    given = glass.stats("--json", "--alarm-history", str(EVENTS / "history-sample.json")).json["total"]
    assert given["people_sources"] == {"history": 1}
    assert given["people_median_seconds"] == 1740


def test_an_empty_ledger_is_said_to_be_empty(glass: Glass) -> None:
    seen = glass.stats()
    assert seen.code == 0
    assert seen.out.splitlines()[1:] == ["Nothing ran, and nothing was refused."]
    assert glass.stats("--json").json["total"]["saved_seconds"] is None


def test_thirty_days_are_thirty_and_today_is_one_of_them(glass: Glass) -> None:
    glass.chronicle.ran(glass.at(29))
    glass.chronicle.ran(glass.at(30))
    told = glass.stats("--since", "30d", "--json").json
    assert (told["total"]["runs"], told["until"]) == (1, f"{glass.today:%Y-%m-%d}")
    assert glass.stats("--since", f"{glass.at(30):%Y-%m-%d}", "--json").json["total"]["runs"] == 2


def test_one_day_is_named_once(glass: Glass) -> None:
    assert glass.stats("--since", "1d").out.splitlines()[0] == f"1 day, {glass.today:%d %b %Y} (UTC)"


def test_a_duration_ends_with_the_last_day(glass: Glass) -> None:
    """As the digest has it: also the usual one, which nobody typed."""
    glass.chronicle.ran(glass.at(300))
    glass.chronicle.ran(glass.at(307))
    last = f"{glass.at(300):%Y-%m-%d}"
    told = glass.stats("--since", "7d", "--until", last, "--json").json
    assert (told["total"]["runs"], told["since"], told["until"]) == (1, f"{glass.at(306):%Y-%m-%d}", last)
    assert glass.stats("--until", last, "--json").json["total"]["runs"] == 2


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--since", "soon"], "--since"),
        (["--until", "soon"], "--until"),
        (["--since", "20y"], "--since"),
        (["--since", "1999-01-01"], "--since"),
        (["--since", "2026-11-01", "--until", "2020-01-01"], "--since"),
        (["--by", "moon"], "--by"),
        (["--csv", "--json"], "--csv"),
    ],
)
def test_what_cannot_be_asked_is_said(glass: Glass, words: list[str], field: str) -> None:
    seen = glass.stats(*words)
    assert seen.code == 2
    assert field in seen.err + seen.out


def test_stats_of_an_installation_count_what_ran_there(night: dict[str, str]) -> None:
    """Over DynamoDB: one run was carried through, one found nothing to do, one was refused."""
    told = typed("--demo", "stats", "--json").json
    assert told["total"]["outcomes"] == {"not_applicable": 1, "succeeded": 1}
    assert told["total"]["refused"] == 1
    assert [each["name"] for each in told["groups"]] == [NAME]


def test_a_viewer_counts_what_ran_in_a_stack(deployed: Deployed, night: dict[str, str]) -> None:
    """With no right beyond a viewer's; the picture says which stack it is of."""
    vera = deployed.person("stats-vera")
    seen = typed("--stack", STACK, "stats", "--json", **vera)
    assert (seen.code, seen.json["total"]["runs"]) == (0, 2), seen.err
    assert refused(["ViewerAccess"], deployed.executor.requests.of(vera)) == []


def test_a_sparkline_has_a_bar_for_each_value_and_a_blank_for_what_is_not_known() -> None:
    assert sparkline([0, 4, None, 8]) == "▁▅ █"
    assert sparkline([1, 8], signs=False) == ".@"
    assert sparkline([0, 0, None]) == "▁▁ "
