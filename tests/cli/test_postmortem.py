"""`nightcrew postmortem`: the draft, on a terminal, as Markdown, in a file and for programs."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.text import Text

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.output import Output
from nightcrew.cli.reviewing.postmortem import show
from nightcrew.knowledge.postmortem.postmortem import draft
from tests.cli.cloud import Demo
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed
from tests.cli.glass import ended
from tests.knowledge.incidents import STATUS, THREE, Ledger, cured


def test_without_a_terminal_it_is_markdown(night: dict[str, str]) -> None:
    """No line of it is broken, whatever COLUMNS says: a table's row is one line."""
    result = typed("--demo", "postmortem", night["succeeded"], night["refused"], columns=80)
    assert result.code == 0
    assert result.out.startswith("# Post-mortem: ")
    assert result.out.splitlines()[-1].startswith("- [ ] ")
    rows = [line for line in result.out.splitlines() if line.startswith("|")]
    assert rows
    assert all(row.endswith("|") for row in rows)
    assert "refused by the gate cool-down" in result.out
    assert result.err == ""


def test_in_whichever_order_the_runs_are_named_it_is_the_same(night: dict[str, str]) -> None:
    one = typed("--demo", "postmortem", night["succeeded"], night["refused"])
    assert typed("--demo", "postmortem", night["refused"], night["succeeded"]).out == one.out


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_it_is_shaped_for_reading(night: dict[str, str], columns: int) -> None:
    """And fits it; the command that writes the Markdown stands below."""
    result = typed(
        *("--demo", "--no-color", "postmortem", night["succeeded"], night["refused"]),
        columns=columns,
        FORCE_COLOR="1",
    )
    assert result.code == 0
    lines = [Text.from_ansi(line).plain for line in result.out.splitlines()]
    command = next(line for line in lines if "--out FILE" in line)
    assert max(len(line.rstrip()) for line in lines if line != command) <= columns
    assert night["succeeded"] in command
    assert "# " not in result.out
    headings = [line.rstrip() for line in lines if line and not line.startswith(" ")]
    assert headings[2:] == [
        *("Impact", "Timeline", "What worked", "What did not", "Contributing conditions", "Open questions", "Actions"),
        "As Markdown:",
    ]


def test_on_a_terminal_it_has_the_record_of_each_runbook() -> None:
    """In the words of `recall`."""
    ledger, file = Ledger(), StringIO()
    ledger.case("20261119-030000-before", THREE - timedelta(days=1), "cured")
    cured(ledger)
    output = Output(stdout=file)
    show(draft(ledger.store, ["20261121-030004-cured1"], THREE + timedelta(hours=1)), output)
    lines = [line.split() for line in file.getvalue().splitlines()]
    record = lines[lines.index(["before,", "with", STATUS]) + 2]
    assert record[1:4] + record[5:7] == ["1", "of", "1", "21", "%"]


def test_it_is_written_to_a_new_file(night: dict[str, str], tmp_path: Path) -> None:
    """One that people may have edited is not written over, unless they say so."""
    file = tmp_path / "draft.md"
    words = ("--demo", "postmortem", night["succeeded"], "--out", str(file))
    result = typed(*words)
    assert (result.code, result.out.count("\n")) == (0, 1)
    assert "open question" in result.out
    assert file.read_text(encoding="utf-8") == typed("--demo", "postmortem", night["succeeded"]).out
    file.write_text("edited", encoding="utf-8")
    again = typed(*words)
    assert again.code == 2
    assert "--out" in again.err
    assert file.read_text(encoding="utf-8") == "edited"
    assert typed(*words, "--force").code == 0
    assert file.read_text(encoding="utf-8") != "edited"


def test_programs_get_the_parts(night: dict[str, str]) -> None:
    told = typed("--demo", "postmortem", night["succeeded"], night["not_applicable"], "--json").json
    assert [each["run"] for each in told["runs"]] == [night["succeeded"], night["not_applicable"]]
    assert told["impact"]["over"] is None
    assert {"summary", "timeline", "worked", "did_not", "conditions", "questions", "actions"} <= told.keys()


def test_what_cannot_be_told_of_is_an_error(night: dict[str, str], tmp_path: Path) -> None:
    """An unknown run, none, and a file in a folder that there is not: nothing is written."""
    gone = typed("--demo", "postmortem", night["succeeded"], "20261121-030004-nobody")
    assert gone.code == 2
    assert "there is no run 20261121-030004-nobody" in gone.err
    assert typed("--demo", "postmortem").code == 2
    nowhere = typed("--demo", "postmortem", night["succeeded"], "--out", str(tmp_path / "no" / "draft.md"))
    assert nowhere.code == 2
    assert "--out" in nowhere.err
    assert typed("--demo", "postmortem", night["succeeded"], "--force").code == 2


def test_a_stack_s_runs_have_one(night: dict[str, str], deployed: Deployed) -> None:
    told = typed("--stack", NAME, "postmortem", night["succeeded"], "--json", **deployed.environment).json
    assert [each["run"] for each in told["runs"]] == [night["succeeded"]]


def test_what_ran_under_break_glass_has_one_before_it_is_uploaded(
    demo: Demo, glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    """It asks what the gates would have said."""
    run = ended(glass, demo, auto_policy, catalog)
    result = typed("postmortem", run)
    assert result.code == 0
    assert "what would the gates have said" in result.out
    assert "not asked: halts" in result.out
    assert "note: what" in result.err
