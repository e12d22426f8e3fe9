"""`nightcrew --url`: the same commands, through the HTTP API of a deployed stack."""

import json
from typing import Any

import pytest

from nightcrew.ledger.history import entries
from tests.cli.cloud import REGION
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed
from tests.cli.gateway import Gateway, problem
from tests.cli.over_url import RUNBOOK, Person, asked, person, started

__all__ = ["person"]

ASK = "rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: approve}"


def test_a_run_is_started_and_followed_to_its_end(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    seen = started(gateway, person("ada"), deployed)
    for words in ("find the instance", "stop it", "start it", "both status checks pass", "succeeded"):
        assert words in seen.out
    (run,) = deployed.executor.invoked
    opening = entries(deployed.demo.store, run)[0].body
    assert (opening["actor"], opening["reason"]) == ("arn:aws:iam::123456789012:user/ada", "hangs")
    assert seen.out.splitlines()[-1] == f"  nightcrew --url {gateway.url} show {run}"


def test_another_person_approves_and_who_asked_cannot(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    deployed.policy(ASK)
    ops, bob = person("ops"), person("bob")
    run = started(gateway, ops, deployed, "--json", code=6).json["run"]
    (waits,) = asked(gateway, bob, "approvals", "--json").json
    assert waits["run"] == run
    assert "stop it" in asked(gateway, bob, "approvals").out
    own = asked(gateway, ops, "approve", run, "--plan", waits["hash"], code=3)
    assert "another person must approve" in own.err
    done = asked(gateway, bob, "approve", run)
    assert "approved by" in done.out
    assert "succeeded" in done.out


def test_a_run_that_waits_is_declined_or_cancelled(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    deployed.policy(ASK)
    ada, bob = person("ada"), person("bob")
    run = started(gateway, ada, deployed, "--json", code=6).json["run"]
    assert asked(gateway, bob, "decline", run, "--reason", "not now", "--json").json["outcome"] == "declined"
    run = started(gateway, ada, deployed, "--json", code=6).json["run"]
    assert asked(gateway, ada, "cancel", run, "--reason", "never mind", "--json").json["outcome"] == "cancelled"
    assert "over" in asked(gateway, ada, "cancel", run, "--reason", "never mind").out


def test_a_plan_changes_nothing_and_is_the_one_that_is_made_here(
    deployed: Deployed, gateway: Gateway, person: Person
) -> None:
    ada, instance = person("ada"), deployed.demo.instance()
    words = ("run", RUNBOOK, "--instance-id", instance, "--plan")
    through = asked(gateway, ada, *words, "--json").json
    assert through == typed("--stack", NAME, *words, "--json", **ada).json
    assert through["hash"] in asked(gateway, ada, *words).out
    assert deployed.executor.invoked == []


def test_a_halt_refuses_the_next_start_until_it_is_lifted(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    ada = person("ada")
    assert "everything" in asked(gateway, ada, "halt", "--reason", "look first").out
    refused = started(gateway, ada, deployed, code=3)
    assert "look first" in refused.err
    assert deployed.executor.invoked == []
    assert asked(gateway, ada, "halt", "--lift").out == "Nothing is halted.\n"


def test_a_lesson_is_corrected(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    ada = person("ada")
    run = started(gateway, ada, deployed, "--json").json["run"]
    lesson = asked(gateway, ada, "learn", run, "look at the disk", "--json").json["id"]
    assert "corrected once" in asked(gateway, ada, "learn", "--correct", lesson, "look at the network").out
    kept = asked(gateway, ada, "learn", "--list", lesson, "--json").json
    assert [each["words"] for each in kept] == ["look at the network", "look at the disk"]


def test_a_start_whose_answer_is_lost_is_sent_again_and_is_one_run(
    deployed: Deployed, gateway: Gateway, person: Person
) -> None:
    ada = person("ada")
    gateway.lose = ["POST /runs"]
    run = started(gateway, ada, deployed, "--detach", "--json").json["run"]
    assert gateway.asked.count("POST /runs") == 2
    assert len({key for key in gateway.keys if key}) == 1
    deployed.executor.through()
    assert set(deployed.executor.invoked) == {run}


def test_a_lesson_whose_answer_is_lost_is_sent_again_and_is_one_lesson(gateway: Gateway, person: Person) -> None:
    """And its correction is one version."""
    ada, about = person("ada"), ("--symptom", "AWS/EC2:CPUUtilization:url-lost")
    gateway.lose = ["POST /lessons"]
    lesson = asked(gateway, ada, "learn", *about, "look at the disk", "--json").json["id"]
    assert gateway.asked.count("POST /lessons") == 2
    assert [each["id"] for each in asked(gateway, ada, "learn", "--list", *about, "--json").json] == [lesson]
    gateway.lose = [f"POST /lessons/{lesson}/versions"]
    assert asked(gateway, ada, "learn", "--correct", lesson, "look again", "--json").json["version"] == 1
    assert gateway.asked.count(f"POST /lessons/{lesson}/versions") == 2


def test_a_halt_whose_answer_is_lost_is_sent_again(gateway: Gateway, person: Person) -> None:
    """By the same key, so that it is set once."""
    gateway.lose = ["POST /halts"]
    (on,) = asked(gateway, person("ada"), "halt", "--reason", "x", "--runbook", RUNBOOK, "--json").json
    assert (on["name"], gateway.asked.count("POST /halts")) == (RUNBOOK, 2)
    assert len({key for key in gateway.keys if key}) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("halt", "--reason", "x"), "ApiOperators"),
        (("learn", "--symptom", "AWS/EC2:CPUUtilization:high", "x"), "ApiOperators"),
    ],
)
def test_who_may_not_is_told_what_it_takes(gateway: Gateway, person: Person, words: tuple[str, ...], told: str) -> None:
    assert told in asked(gateway, person("eve"), *words, code=2).err


def test_who_may_act_may_not_thereby_decide(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    deployed.policy(ASK)
    ada = person("ada")
    run = started(gateway, ada, deployed, "--json", code=6).json["run"]
    seen = asked(gateway, ada, "decline", run, "--reason", "no", code=2)
    assert "ApiApprovers" in seen.err


def test_a_stranger_is_told_which_policies_there_are(deployed: Deployed, gateway: Gateway) -> None:
    """Whom API Gateway turns away, it says no more than Forbidden."""
    seen = asked(gateway, deployed.person("url-stranger"), "history", code=2)
    assert "does not let you" in seen.err
    assert "ViewerAccess" in seen.err


def test_without_credentials_that_is_what_it_says(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: dict[str, Any] = {
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    nowhere = {"AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CONFIG_FILE": "/nonexistent", "AWS_REGION": REGION}
    seen = typed("--url", gateway.url, "history", **{**nobody, **nowhere})
    assert seen.code == 2
    assert "no AWS credentials" in seen.err
    assert gateway.asked == []


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (problem(404, detail="there is no run x"), 2, "there is no run x"),
        ((404, {}, b'{"message":"Not Found"}'), 2, "no such call"),
        (problem(422, field="since", value="x", allowed="it must be a time"), 2, "it must be a time"),
        (problem(409, gate="lock", detail="another run holds it", figures={}, until=None), 3, "another run holds it"),
        (problem(409, detail="others wrote"), 1, "others wrote"),
        (problem(500, detail="our fault"), 1, "our fault"),
        ((200, {}, b"<html>"), 2, "is not Nightcrew's API"),
    ],
)
def test_each_answer_that_is_none_is_told_as_elsewhere(
    gateway: Gateway, person: Person, answer: Any, code: int, told: str
) -> None:
    """With the exit code that the same error has with a stack."""
    gateway.instead = [answer]
    assert told in asked(gateway, person("eve"), "history", code=code).err


def test_what_passes_is_asked_again(gateway: Gateway, person: Person) -> None:
    """As soon as the answer says."""
    gateway.instead = [(503, {"retry-after": "0"}, b"{}"), (429, {"retry-after": "0"}, b"{}")]
    assert asked(gateway, person("eve"), "history", "--json").json["runs"] == []
    gateway.instead = [(503, {"retry-after": "0"}, b'{"title":"x","detail":"out of reach"}')] * 3
    assert "out of reach" in asked(gateway, person("eve"), "history", code=1).err


def test_what_is_not_to_be_done_twice_is_not_sent_twice(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    """A decision that was taken is told as taken already: so it looks as if somebody else had."""
    deployed.policy(ASK)
    run = started(gateway, person("ada"), deployed, "--json", code=6).json["run"]
    gateway.lose = [f"POST /runs/{run}/decline"]
    asked(gateway, person("bob"), "decline", run, "--reason", "no", code=1)
    assert gateway.asked.count(f"POST /runs/{run}/decline") == 1


def test_a_bad_value_is_told_by_its_option(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    seen = asked(gateway, person("ada"), "run", RUNBOOK, "--instance-id", "web-1", "--json", code=2)
    assert "--instance-id" in seen.err
    assert seen.json["error"]["field"] == "instance_id"
    assert deployed.executor.invoked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--url", "http://api.example.com", "history"), "it must begin with https://"),
        (("--url", "nowhere", "history"), "it must be the API's address"),
        (("--url", "https://a.example", "--demo", "history"), "cannot be given together"),
        (("--url", "https://a.example", "--stack", "x", "history"), "cannot be given together"),
        (("--url", "https://a.example", "doctor"), "doctor has no call in the API"),
        (
            ("--url", "https://a.example", "--policy", "runbooks/policy.yaml", "history"),
            "its installation's own policy",
        ),
        (("--url", "https://a.example", "halt", "--as", "bob"), "--as is for the demo"),
        (("--url", "https://a.example", "search", "--refresh", "x"), "fills it by itself"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(words: tuple[str, ...], told: str) -> None:
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": REGION}
    seen = typed(*words, **keys)
    assert seen.code == 2
    assert told in " ".join(seen.err.split())


def test_what_is_typed_goes_before_the_environment(gateway: Gateway, person: Person, deployed: Deployed) -> None:
    eve = person("eve")
    assert typed("history", **{**eve, "NIGHTCREW_URL": gateway.url}).code == 0
    assert gateway.asked == ["GET /runs?limit=20"]
    assert typed("--stack", NAME, "history", **{**eve, "NIGHTCREW_URL": "https://nowhere.example"}).code == 0


def test_a_value_with_signs_arrives_as_it_was_typed(gateway: Gateway, person: Person) -> None:
    """What is signed is what is sent: spaces, slashes, letters beyond ASCII."""
    words = 'disk "full + 100%" Grüße /x?&='
    assert json.loads(asked(gateway, person("eve"), "search", words, "--json").out)["words"] == words
