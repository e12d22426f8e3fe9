"""The whole demo, as somebody types it: what it shows, and that it ends as it says."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.core.base_backend import BackendDict

from tests.cli.desk import typed

Lines = list[dict[str, Any]]


@contextmanager
def a_clean_cloud() -> Iterator[None]:
    """As in a process of its own: what other tests made is put aside, and is there again afterwards."""
    kept = {id(each): (each, dict(each)) for each in BackendDict._instances}  # type: ignore[misc]
    for each, _ in kept.values():
        each.clear()
    try:
        yield
    finally:
        for each in BackendDict._instances:  # type: ignore[misc]
            each.clear()
        for each, accounts in kept.values():
            each.update(accounts)


@pytest.fixture(scope="module")
def night() -> tuple[int, Lines]:
    """``nightcrew demo --json``, once: its exit code and its lines."""
    with a_clean_cloud():
        done = typed("demo", "--json")
    assert done.err == ""
    return done.code, [json.loads(line) for line in done.out.splitlines()]


def of(lines: Lines, kind: str) -> Lines:
    """The lines of one kind."""
    return [line for line in lines if line["kind"] == kind]


def chapter(lines: Lines, words: str) -> Lines:
    """The lines of the chapter whose title has these words."""
    first = next(n for n, line in enumerate(lines) if line["kind"] == "chapter" and words in line["title"])
    rest = lines[first + 1 :]
    length = next((n for n, line in enumerate(rest) if line["kind"] in {"chapter", "summary"}), len(rest))
    return rest[:length]


def test_the_demo_cures_three_alarms_and_restores_a_table(night: tuple[int, Lines]) -> None:
    """Restart, scale-out and failover end as cured, the restore as succeeded; and the exit code says so."""
    code, lines = night
    ended = [(line["runbook"], line["outcome"]) for line in of(lines, "closed")]
    assert ended[:4] == [
        ("restart-ec2-instance", "cured"),
        ("scale-out-auto-scaling-group", "cured"),
        ("fail-over-aurora-cluster", "cured"),
        ("restore-dynamodb-table", "succeeded"),
    ]
    assert code == 0


def test_a_storm_is_one_run(night: tuple[int, Lines]) -> None:
    """The same alarm, 50 times: its claim turns 49 away."""
    told = chapter(night[1], "A storm")
    [storm] = of(told, "storm")
    assert (storm["events"], storm["runs"], storm["refused"]) == (50, 1, {"claim": 49})
    assert len(of(told, "admitted")) == 1
    assert [line["outcome"] for line in of(told, "closed")] == ["cured"]


def test_a_run_waits_for_a_person_and_does_what_was_approved(night: tuple[int, Lines]) -> None:
    """Nothing is changed before the approval; after it, what the plan said."""
    _, lines = night
    waits, goes_on = chapter(lines, "policy wants a person"), chapter(lines, "approves the plan")
    [asked], [approved] = of(waits, "asked"), of(goes_on, "approved")
    assert (asked["run"], asked["hash"]) == (approved["run"], approved["hash"])
    assert [line for line in waits if line.get("step") == "change"] == []
    changes = [line for line in goes_on if line.get("step") == "change"]
    assert [line["title"] for line in changes] == [line["title"] for line in asked["lines"]]
    assert [(line["run"], line["outcome"]) for line in of(goes_on, "closed")] == [(asked["run"], "cured")]


def test_another_runbook_on_a_member_of_a_held_group_is_refused(night: tuple[int, Lines]) -> None:
    """It names the run that has the group, and changes nothing."""
    told = chapter(night[1], "Meanwhile Ada restarts")
    [closed] = of(told, "closed")
    assert (closed["runbook"], closed["outcome"]) == ("restart-ec2-instance", "refused")
    assert of(night[1], "asked")[0]["run"] in closed["words"]
    assert [line for line in told if line.get("step") == "change"] == []


def test_a_change_that_fails_has_the_one_before_it_undone(night: tuple[int, Lines]) -> None:
    """The instance is started again by the undo."""
    told = chapter(night[1], "vCPU limit")
    assert [line["title"] for line in told if line.get("step") == "change"] == ["stop it", "start it", "start it again"]
    [closed] = of(told, "closed")
    assert closed["outcome"] == "failed"
    assert "VcpuLimitExceeded" in closed["words"]


def test_while_everything_is_halted_nothing_starts(night: tuple[int, Lines]) -> None:
    """And it is lifted again, before the demo ends."""
    told = chapter(night[1], "halts everything")
    assert [line["gate"] for line in of(told, "refused")] == ["halt"]
    assert of(told, "admitted") == []
    assert [line["kind"] for line in told if line["kind"] in {"halted", "lifted"}] == ["halted", "lifted"]


def test_a_drill_says_its_rto_and_rpo_and_leaves_nothing(night: tuple[int, Lines]) -> None:
    """On the demo's clock: a restore takes four minutes, and goes back five, but for the second that is being lived."""
    told = chapter(night[1], "drills that the orders can be restored")
    [closed] = of(told, "closed")
    assert (closed["runbook"], closed["outcome"]) == ("drill-dynamodb-restore", "succeeded")
    assert closed["words"].startswith("checkout-orders: restored in 4 min")
    assert re.search(r"\(target 1 h\); data of the last (5 min|4 min 59 s) ", closed["words"])
    [gone] = [line for line in told if line.get("step") == "proved" and line["title"] == "nothing is left of it"]
    assert gone["value"]["state"] == "gone"
    assert gone["value"]["rto"] >= 240


def test_a_game_day_proves_the_restart(night: tuple[int, Lines]) -> None:
    """The fault, the alarm, a run like any other, cured; then the fault is taken back."""
    told = chapter(night[1], "A game day")
    kinds = ("fault", "fired", "admitted", "closed", "taken_back", "played")
    assert [line["kind"] for line in told if line["kind"] in kinds] == [
        *("fault", "admitted", "fired", "closed", "taken_back", "played")
    ]
    [played] = of(told, "played")
    assert (played["held"], played["runbook"], played["outcome"]) == (True, "restart-ec2-instance", "cured")
    assert played["taken_back"].endswith("was stopped")


def test_a_duplicate_is_turned_away_by_its_claim(night: tuple[int, Lines]) -> None:
    """It names the run that answered the first delivery."""
    _, lines = night
    [duplicate] = [line for line in of(lines, "refused") if line["gate"] == "claim"]
    assert duplicate["run"] == of(lines, "admitted")[0]["run"]


def test_a_later_alarm_on_the_instance_is_refused_by_cool_down(night: tuple[int, Lines]) -> None:
    """The same instance again, and when the refusal ends."""
    _, lines = night
    [refused] = [line for line in of(lines, "refused") if line["gate"] == "cool-down"]
    assert refused["resource"] == of(lines, "admitted")[0]["resource"]
    assert refused["until"] > refused["at"]


def test_an_alarm_that_no_runbook_knows_is_left_to_people(night: tuple[int, Lines]) -> None:
    """And somebody starts the restore by hand, with a reason."""
    _, lines = night
    assert [line["reason"] for line in of(lines, "left") if line["reason"] != "ok"] == ["no-trigger"]
    by_hand = of(chapter(lines, "Ada restores the table"), "admitted")[0]
    assert (by_hand["by"], by_hand["actor"].rsplit("/", 1)[-1]) == ("person", "ada")
    assert by_hand["reason"]


def test_each_alarm_is_ok_before_its_run_is_closed_as_cured(night: tuple[int, Lines]) -> None:
    """The fleet's alarms turn OK by themselves, after the change and before the end."""
    _, lines = night
    for run in (line["run"] for line in of(lines, "closed") if line["outcome"] == "cured"):
        alarm = next(line["actor"] for line in of(lines, "admitted") if line["run"] == run).removeprefix("alarm: ")
        turned = [n for n, line in enumerate(lines) if line["kind"] == "signal" and line["state"] == "OK"]
        ok = next(n for n in turned if lines[n]["alarm"] == alarm)
        change = next(n for n, line in enumerate(lines) if line.get("step") == "change" and line["run"] == run)
        closed = next(n for n, line in enumerate(lines) if line["kind"] == "closed" and line["run"] == run)
        assert change < ok < closed


def test_every_line_tells_when_and_what(night: tuple[int, Lines]) -> None:
    """Steps tell their run, runbook, resource and title; each thing that was proved was so."""
    _, lines = night
    assert all(line["at"] and line["kind"] for line in lines)
    steps = of(lines, "step")
    assert all(line["run"] and line["runbook"] and line["resource"] and line["title"] for line in steps)
    assert {line["step"] for line in steps} == {
        "change",
        "wait",
        "require",
        "read",
        "changed",
        "waited",
        "proved",
        "later",
        "asked",
    }
    assert all(line["met"] for line in steps if line["step"] == "proved")


def test_time_goes_on_and_waits_are_seen(night: tuple[int, Lines]) -> None:
    """The demo's own time never goes back, and a night takes the better part of an hour of it."""
    _, lines = night
    times = [line["at"] for line in lines]
    assert times == sorted(times)
    waited = [line for line in of(lines, "step") if line["step"] == "waited"]
    assert any(line["tries"] > 3 for line in waited)


def test_the_night_ends_with_what_it_teaches(night: tuple[int, Lines]) -> None:
    """Of the run that failed: what helped others like it, a lesson that a search finds by other words, the draft of its
    post-mortem; and what the whole night came to.
    """
    _, lines = night
    kinds = ["recalled", "learned", "found", "postmortem", "statistics", "summary"]
    assert [line["kind"] for line in lines[-6:]] == kinds
    recalled, learned, found, postmortem, statistics, _ = lines[-6:]
    run = next(line["run"] for line in of(lines, "closed") if line["outcome"] == "failed")
    assert recalled["question"]["run"] == run
    [record] = recalled["records"]
    assert (record["runbook"], record["tried"], record["cured"]) == ("restart-ec2-instance", 3, 3)
    assert {each["outcome"] for each in recalled["cases"]} == {"cured"}
    first = found["found"][0]
    assert (first["kind"], first["id"]) == ("lesson", learned["lesson"]["id"])
    assert learned["lesson"]["run"] == run
    assert found["words"] not in learned["lesson"]["words"].lower()
    assert [each["run"] for each in postmortem["runs"]] == [run]
    assert any("VcpuLimitExceeded" in each for each in postmortem["summary"])
    assert postmortem["impact"]["over"] is None
    assert (statistics["total"]["runs"], statistics["total"]["helped"]) == (8, 7)
    assert (statistics["drills"]["runs"], statistics["drills"]["helped"]) == (1, 1)


def test_the_summary_counts_how_everything_ended(night: tuple[int, Lines]) -> None:
    """And sets what the authors reckon for work by hand beside what it took."""
    _, lines = night
    summary = lines[-1]
    assert summary["ends"] == {
        "cured": 6,
        "succeeded": 2,
        "claim": 1,
        "cool-down": 1,
        "left": 1,
        "waiting": 1,
        "lock": 1,
        "failed": 1,
        "halt": 1,
    }
    assert all(each["took"] < each["by_hand"] for each in summary["saved"])
    assert len(summary["saved"]) == 8
