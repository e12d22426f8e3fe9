"""`nightcrew why`: why something was done, or was not, and what would be refused now."""

from datetime import timedelta

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock, stamp
from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT, Crew, crew
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed
from tests.cli.night import ALARM, NAME, alarmed


@pytest.fixture
def watchful(demo: Demo) -> Crew:
    """A crew whose policy lets the runbook only observe."""
    return crew(load("defaults:\n  autonomy: observe\n"), clients=demo.clients, journal=demo.journal)


def test_a_resources_decisions_come_newest_first_with_gate_figures_and_until(night: dict[str, str]) -> None:
    told = typed("--demo", "why", night["instance"], "--json").json
    assert [each["run"] for each in told["decisions"]] == [night["refused"], night["succeeded"]]
    refused, succeeded = told["decisions"]
    assert refused["gate"] == "cool-down"
    assert refused["figures"]["cool_down_seconds"] == 900
    assert refused["until"] > refused["at"]
    assert "it was changed" in refused["words"]
    assert len(refused["policy"]) == 12
    assert (succeeded["gate"], succeeded["why"]) == (None, "it hangs")


@pytest.mark.parametrize("columns", [80, 120])
def test_it_is_told_to_people_too(night: dict[str, str], columns: int) -> None:
    shown = typed("--demo", "why", night["instance"], columns=columns)
    assert shown.code == 0
    assert shown.widest <= columns
    for words in ("refused", "cool-down", "figures", "until", "policy", "it hangs", night["refused"], "Now"):
        assert words in shown.out


def test_the_gates_are_told_as_they_stand_now(demo: Demo, night: dict[str, str]) -> None:
    """A halt, the cool-down, a chain and an open breaker, each with when it ends."""
    now = stamp(SkippingClock(timedelta(seconds=served.read().ahead)).now())
    arn = demo.arn(night["instance"])
    symptom = f"by hand:{NAME}"
    chain = {f"chain|{symptom}": 2, f"chain_since|{symptom}": now}
    breaker = {"fails": 3, "last_fail": now}
    demo.store.transact(
        [
            Piece(table="state", key={"key": f"res#{arn}"}, gate="", sets=chain),
            Piece(table="state", key={"key": f"runbook#{NAME}"}, gate="", sets=breaker),
        ]
    )
    assert typed("--demo", "halt", "--runbook", NAME, "--reason", "it loops").code == 0
    assert typed("--demo", "halt", "--account", "210987654321", "--reason", "not here").code == 0
    told = typed("--demo", "why", arn, "--json").json["now"]
    assert {each["gate"] for each in told if each["refuses"]} == {"halt", "cool-down", "chain", "breaker"}
    assert all(each["until"] for each in told if each["gate"] != "halt")
    shown = " ".join(typed("--demo", "why", arn, columns=80).out.split())
    for words in ("it loops", "did not cure by hand", "did not help 3 times in a row", "cool-down"):
        assert words in shown
    assert "not here" not in shown


def test_an_alarm_is_looked_up_by_its_name(demo: Demo, watchful: Crew) -> None:
    """By name and by ARN, though it cannot be told from a table's name; another alarm's decisions are not shown."""
    first, other = demo.instance(), demo.instance()
    refused = alarmed(watchful, first)
    alarmed(watchful, other, f"{ALARM}-2", ago=1)
    for name in (ALARM, f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{ALARM}"):
        told = typed("--demo", "why", name, "--json").json
        assert (told["alarm"], told["resource"]) == (ALARM, None)
        assert [each["run"] for each in told["decisions"]] == [refused]
        assert told["decisions"][0]["gate"] == "autonomy"
        assert told["decisions"][0]["actor"] == f"alarm: {ALARM}"
    assert "this would have run" in typed("--demo", "why", ALARM).out


def test_a_lock_that_is_held_stands_in_the_way(demo: Demo, team: Crew) -> None:
    instance = demo.instance()
    run = team.dispatcher.person(
        NAME, {"instance_id": instance}, actor=f"arn:aws:iam::{ACCOUNT}:user/ada", account=ACCOUNT, region=REGION
    ).run
    told = typed("--demo", "why", instance, "--json").json
    assert [(each["run"], each["outcome"]) for each in told["decisions"]] == [(run, "running")]
    (lock,) = [each for each in told["now"] if each["gate"] == "lock"]
    assert (lock["refuses"], lock["figures"]["run"]) == (True, run)


def test_what_nobody_knows_is_said_so(demo: Demo) -> None:
    del demo
    result = typed("--demo", "why", "i-0aaaaaaaaaaaaaaaa")
    assert result.code == 0
    assert "the ledger does not know it" in result.out
    assert typed("--demo", "why", "arn:nothing").code == 2


def test_what_is_halted_is_said_of_an_alarm_that_nobody_knows_too(demo: Demo) -> None:
    """It would start nothing now, whatever it is about."""
    del demo
    assert typed("--demo", "halt", "--reason", "the network is being worked on").code == 0
    assert "the network is being worked on" in typed("--demo", "why", "no-such-alarm").out
    assert [each["halt"] for each in typed("--demo", "why", "no-such-alarm", "--json").json["halts"]] == ["all"]
