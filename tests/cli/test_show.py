"""`nightcrew show`: the story of a run."""

from datetime import timedelta

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.demo import served
from nightcrew.demo.embedded import Crew, clients_of, crew
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.ledger.history import entries
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed
from tests.cli.night import ADA, NAME, ran


def test_show_tells_the_story_of_a_run(night: dict[str, str]) -> None:
    """Why it ran, what it saw, did and proved, each intent beside its result, and that the chain is consistent."""
    result = typed("--demo", "show", night["succeeded"])
    assert result.code == 0
    told = [line.strip() for line in result.out.splitlines()]
    assert told[0].startswith(f"{night['succeeded']}  ✓ succeeded in ")
    for words in ("reason      it hangs", "asked by    arn:aws:iam::123456789012:user/ada", "undo: bring it back"):
        assert words in told
    assert f"ec2:StopInstances InstanceIds=[{night['instance']}]" in told
    verbs = [line.split()[1] for line in told if line[:2].isdigit() and line[2] == ":"]
    assert verbs == ["read", "change", "wait", "change", "prove"]
    assert told[-1] == "6 entries, each chained to the one before it: consistent"


def test_show_tells_why_something_was_refused(night: dict[str, str]) -> None:
    result = typed("--demo", "show", night["refused"])
    assert result.code == 0
    assert "⊘ refused" in result.out
    assert "cool-down" in result.out
    assert "cool_down_seconds=900" in result.out
    assert "until" in result.out


def test_show_tells_what_failed_and_what_was_taken_back(demo: Demo) -> None:
    """AWS's code and request id, the undo as a step of its own, and what could not be undone."""
    instance, scripted = demo.instance(), Scripted(clients_of(demo.endpoint, REGION))
    made = crew(load(""), clients=scripted, journal=demo.journal)
    scripted.answer("ec2", "StartInstances", Refusal("InsufficientInstanceCapacity", "no room in eu-central-1a"))
    result = typed("--demo", "show", ran(made, instance))
    assert "✗ failed" in result.out
    assert "InsufficientInstanceCapacity: no room in eu-central-1a (request scripted-request)" in result.out
    assert "undone      stop it" in result.out
    assert any(line.split()[1:4] == ["undo", "start", "it"] for line in result.out.splitlines() if ":" in line)


def test_show_tells_of_a_run_that_is_not_over(demo: Demo, team: Crew) -> None:
    run = str(team.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA).run)
    result = typed("--demo", "show", run)
    assert result.code == 0
    assert "▶ running" in result.out
    assert "lease" in result.out


@pytest.mark.parametrize("columns", [80, 120])
def test_show_fits_a_terminal(night: dict[str, str], columns: int) -> None:
    for name in ("succeeded", "refused", "not_applicable"):
        assert typed("--demo", "show", night[name], columns=columns).widest <= columns


def test_what_did_not_help_or_was_refused_tells_how_to_find_what_did(night: dict[str, str]) -> None:
    refused, succeeded = (typed("--demo", "show", night[name]).out for name in ("refused", "succeeded"))
    assert refused.splitlines()[-1].strip() == f"nightcrew --demo recall --run {night['refused']}"
    assert "recall" not in succeeded


def test_show_as_json_has_the_entries_as_they_are(demo: Demo, night: dict[str, str]) -> None:
    told = typed("--demo", "show", night["succeeded"], "--json").json
    kept = entries(demo.store, night["succeeded"])
    assert [entry["hash"] for entry in told["entries"]] == [entry.hash for entry in kept]
    assert [entry["body"] for entry in told["entries"]] == [dict(entry.body) for entry in kept]
    assert (told["outcome"], told["consistent"], told["broken"]) == ("succeeded", True, [])


def test_show_of_a_run_that_there_is_not_is_wrong_usage(demo: Demo) -> None:
    del demo
    result = typed("--demo", "show", "20261121-030004-k3f9qa2m")
    assert (result.code, result.out) == (2, "")
    assert "there is no run 20261121-030004-k3f9qa2m" in result.err


def test_a_lease_that_is_over_is_told_with_what_to_do(demo: Demo, team: Crew) -> None:
    """Nobody closed the run: `resume` does."""
    run = str(team.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA).run)
    served.moved(timedelta(hours=2).total_seconds())
    result = typed("--demo", "show", run)
    assert result.out.splitlines()[-1].strip() == f"nightcrew --demo resume {run}"
