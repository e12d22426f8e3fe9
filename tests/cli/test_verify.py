"""`nightcrew verify`: a ledger that was touched is found out."""

import json

import pytest

from nightcrew.demo.embedded import Crew
from nightcrew.ledger.store import Tables
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.cli.night import ADA, GONE, NAME


@pytest.fixture
def touched(demo: Demo, night: dict[str, str]) -> str:
    """A run of which somebody edited an entry: it names another instance than was stopped."""
    run, key = night["succeeded"], {"run": {"S": night["succeeded"]}, "number": {"N": "1"}}
    item = demo.client("dynamodb").get_item(TableName=Tables().ledger, Key=key)["Item"]
    body = json.loads(item["body"]["S"])
    body["parameters"]["InstanceIds"] = [GONE]
    item["body"] = {"S": json.dumps(body, sort_keys=True, separators=(",", ":"))}
    demo.client("dynamodb").put_item(TableName=Tables().ledger, Item=item)
    return run


def test_verify_says_that_a_ledger_is_consistent(night: dict[str, str]) -> None:
    """One run, or all that ran lately."""
    one = typed("--demo", "verify", night["succeeded"])
    assert (one.code, one.out) == (0, "✓ consistent: 1 run, 6 entries\n")
    all_ = typed("--demo", "verify", "--json")
    assert all_.code == 0
    assert all_.json == {"runs": 3, "entries": 9, "open": 0, "break_glass": 0, "consistent": True, "broken": []}


def test_verify_names_run_and_entry_that_were_touched(touched: str) -> None:
    """And exits with 1; `show` says so, too."""
    result = typed("--demo", "verify")
    assert result.code == 1
    assert f"✗ {touched}, entry 1: was edited: its content does not give its hash" in result.out
    assert result.out.splitlines()[-1] == "3 runs, 9 entries: 1 break in 1 run"
    told = typed("--demo", "verify", touched, "--json")
    assert told.code == 1
    assert [(each["run"], each["number"]) for each in told.json["broken"]] == [(touched, 1)]
    shown = typed("--demo", "show", touched)
    assert shown.code == 1
    assert "the ledger is broken" in shown.out


def test_verify_counts_what_still_runs(demo: Demo, team: Crew) -> None:
    """An open chain is no broken one."""
    team.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA)
    result = typed("--demo", "verify")
    assert (result.code, result.out) == (0, "✓ consistent: 1 run, 1 entry, still open\n")


def test_verify_of_a_run_that_there_is_not_is_wrong_usage(demo: Demo) -> None:
    del demo
    assert typed("--demo", "verify", "20261121-030004-k3f9qa2m").code == 2
