"""`nightcrew history`: what people find in the ledger afterwards."""

import pytest

from nightcrew.demo.embedded import Crew
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import Seen, typed
from tests.cli.night import ADA, GONE, NAME, ran


def found(result: Seen) -> list[str]:
    """The runs of a history in JSON."""
    return [run["run"] for run in result.json["runs"]]


def test_history_lists_runs_and_refusals_newest_first(night: dict[str, str]) -> None:
    result = typed("--demo", "history")
    assert result.code == 0
    heading, *lines = result.out.splitlines()
    assert heading.split() == ["outcome", "when", "(UTC)", "runbook", "resource", "run", "took", "words"]
    for name, line in zip(["not_applicable", "refused", "succeeded"], lines, strict=True):
        assert night[name] in line
    assert "cool-down: it was changed" in lines[1]


@pytest.mark.parametrize("columns", [80, 120])
def test_history_fits_a_terminal(night: dict[str, str], columns: int) -> None:
    """Two lines for each run, none cut short but in its last words."""
    result = typed("--demo", "history", columns=columns)
    assert result.widest <= columns
    assert len(result.out.splitlines()) == 1 + 2 * 3
    for name in ("succeeded", "refused", "not_applicable"):
        assert night[name] in result.out
    assert night["instance"] in result.out


def test_history_is_filtered_by_what_is_asked_for(night: dict[str, str]) -> None:
    """A resource by its name alone, an outcome, a runbook, a symptom, a time."""
    names = {night[name]: name for name in ("succeeded", "refused", "not_applicable")}

    def kinds(*words: str) -> list[str]:
        return [names[run] for run in found(typed("--demo", "history", *words, "--json"))]

    assert kinds("--resource", night["instance"]) == ["refused", "succeeded"]
    assert kinds("--resource", f"arn:aws:ec2:{REGION}:123456789012:instance/{GONE}") == ["not_applicable"]
    assert kinds("--outcome", "succeeded") == ["succeeded"]
    assert kinds("--runbook", NAME, "--outcome", "refused") == ["refused"]
    assert kinds("--symptom", f"by hand:{NAME}") == ["not_applicable", "refused", "succeeded"]
    assert kinds("--symptom", "AWS/EC2:StatusCheckFailed_Instance:high") == []
    assert kinds("--since", "1h") == ["not_applicable", "refused", "succeeded"]
    assert kinds("--since", "2999-01-01") == []
    assert kinds("--until", "1h") == []
    assert kinds("--person", "ada", "--outcome", "succeeded") == ["succeeded"]
    assert kinds("--person", "bob") == []


def test_history_goes_on_page_by_page(night: dict[str, str]) -> None:
    """Each page tells the cursor of the next; none is shown twice."""
    pages, after = [], None
    while True:
        page = typed("--demo", "history", "--limit", "1", "--json", *(["--after", after] if after else []))
        pages += found(page)
        after = page.json["after"]
        if after is None:
            break
    assert pages == [night["not_applicable"], night["refused"], night["succeeded"]]
    shown = typed("--demo", "history", "--limit", "1", columns=80).out.splitlines()
    assert shown[-1].startswith("  --after ")


def test_what_runs_now_stands_on_top(demo: Demo, team: Crew) -> None:
    """It was admitted, and has not ended; `--outcome running` shows nothing else."""
    instance = demo.instance()
    run = team.dispatcher.person(NAME, {"instance_id": instance}, **ADA).run
    ran(team, GONE)
    lines = typed("--demo", "history").out.splitlines()
    assert str(run) in lines[1]
    assert "running" in lines[1]
    assert "its lease ends" in lines[1]
    only = typed("--demo", "history", "--outcome", "running", "--json").json
    assert ([row["run"] for row in only["running"]], only["runs"]) == ([run], [])
    assert typed("--demo", "history", "--resource", GONE, "--json").json["running"] == []


def test_a_name_that_several_resources_have_is_asked_about(demo: Demo, team: Crew) -> None:
    """With a history for one of them only, that one is meant; a name that no runbook takes is refused."""
    del demo
    ran(team, GONE)
    assert len(found(typed("--demo", "history", "--resource", GONE, "--json"))) == 1
    refused = typed("--demo", "history", "--resource", "no such name/at all!")
    assert refused.code == 2
    assert "it must be an ARN" in refused.err


def test_a_misspelt_runbook_does_not_look_like_an_empty_history(demo: Demo) -> None:
    """A runbook that is gone still has a history, so it is no error."""
    del demo
    result = typed("--demo", "history", "--runbook", "restart-ec2-instanc")
    assert result.code == 0
    assert f"did you mean {NAME}?" in result.err
    assert result.out == "No runs.\n"
