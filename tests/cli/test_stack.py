"""`nightcrew --stack NAME`: the same commands on a deployed installation; its executor carries the runs out."""

from typing import Any

import pytest

from nightcrew.ledger.history import entries
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import Seen, typed

RUNBOOK = "restart-ec2-instance"
ASK = "rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: approve}"


def started(deployed: Deployed, *more: str, **environment: Any) -> Seen:
    """A run by hand, on an instance of its own."""
    instance = deployed.demo.instance()
    given = environment or dict(deployed.environment)
    return typed("--stack", NAME, "run", RUNBOOK, "--instance-id", instance, "--reason", "hangs", *more, **given)


def test_a_run_is_decided_here_carried_out_there_and_followed_to_its_end(deployed: Deployed) -> None:
    seen = started(deployed)
    assert seen.code == 0, seen.err
    for words in ("find the instance", "stop it", "start it", "both status checks pass", "succeeded"):
        assert words in seen.out
    (run,) = deployed.executor.invoked
    assert seen.out.splitlines()[-1] == f"  nightcrew --stack {NAME} show {run}"
    opening = entries(deployed.demo.store, run)[0].body
    assert opening["actor"].startswith("arn:aws:sts::")
    assert (opening["by"], opening["reason"]) == ("person", "hangs")


def test_json_is_one_document(deployed: Deployed) -> None:
    seen = started(deployed, "--json")
    assert seen.json["outcome"] == "succeeded"
    assert seen.json["runbook"] == RUNBOOK


def test_detached_it_returns_at_once_and_the_run_goes_on(deployed: Deployed) -> None:
    seen = started(deployed, "--detach", "--json")
    assert seen.code == 0
    assert seen.json["outcome"] == "running"
    deployed.executor.through()
    told = typed("--stack", NAME, "show", seen.json["run"], "--json", **deployed.environment)
    assert told.json["outcome"] == "succeeded"


def test_what_it_did_is_read_from_its_tables(deployed: Deployed) -> None:
    run = started(deployed, "--json").json["run"]
    listed = typed("--stack", NAME, "history", "--json", **deployed.environment).json["runs"]
    assert [row["run"] for row in listed] == [run]
    assert typed("--stack", NAME, "verify", run, **deployed.environment).code == 0


def test_its_policy_decides_and_another_person_approves(deployed: Deployed) -> None:
    deployed.policy(ASK)
    waits = started(deployed, "--json", **deployed.person("stack-ada"))
    assert (waits.code, waits.json["outcome"]) == (6, "waiting")
    run = waits.json["run"]
    listed = typed("--stack", NAME, "approvals", "--json", **deployed.environment).json
    assert [each["run"] for each in listed] == [run]
    approved = typed("--stack", NAME, "approve", run, "--plan", listed[0]["hash"], **deployed.person("stack-bob"))
    assert approved.code == 0, approved.err
    assert "succeeded" in approved.out
    opening = entries(deployed.demo.store, run)[0].body
    assert opening["actor"] == "arn:aws:iam::123456789012:user/stack-ada"


def test_who_asked_cannot_approve_and_nobody_acts_for_another(deployed: Deployed) -> None:
    deployed.policy(ASK)
    ada = deployed.person("stack-cyd")
    run = started(deployed, "--json", **ada).json["run"]
    own = typed("--stack", NAME, "approve", run, "--plan", "", **ada)
    assert own.code == 3
    assert "another person must approve" in own.err
    other = typed("--stack", NAME, "approve", run, "--plan", "", "--as", "bob", **ada)
    assert other.code == 2
    assert "you are who AWS says you are" in other.err
    declined = typed("--stack", NAME, "decline", run, "--reason", "no", **ada)
    assert declined.code == 0, declined.err


def test_a_run_that_waits_is_cancelled(deployed: Deployed) -> None:
    deployed.policy(ASK)
    run = started(deployed, "--json").json["run"]
    seen = typed("--stack", NAME, "cancel", run, "--reason", "never mind", "--json", **deployed.environment)
    assert seen.code == 0, seen.err
    assert seen.json["outcome"] == "cancelled"


def test_a_halt_stops_what_is_started_there(deployed: Deployed) -> None:
    assert typed("--stack", NAME, "halt", "--reason", "look first", **deployed.environment).code == 0
    seen = started(deployed)
    assert seen.code == 3
    assert "look first" in seen.out
    assert deployed.executor.invoked == []


def test_the_stack_may_stand_in_the_environment_and_the_demo_goes_before_it(deployed: Deployed) -> None:
    run = started(deployed, "--json").json["run"]
    named = {**deployed.environment, "NIGHTCREW_STACK": NAME}
    assert typed("show", run, **named).code == 0
    elsewhere = {**named, "NIGHTCREW_STACK": "no-such-stack"}
    assert typed("--demo", "show", run, **elsewhere).code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stack", "other", "history"), "there is no stack other in eu-central-1"),
        (("--stack", NAME, "resume"), "carries its runs on by itself"),
        (("--demo", "--stack", NAME, "history"), "cannot be given together"),
        (("run", RUNBOOK, "--instance-id", "i-0abc1234def567890", "--detach"), "--detach goes with --stack"),
    ],
)
def test_what_cannot_be_is_said(deployed: Deployed, words: tuple[str, ...], told: str) -> None:
    seen = typed(*words, **deployed.environment)
    assert seen.code == 2
    assert told in seen.err


def test_a_stack_that_is_not_nightcrews_is_said_to_be_none(deployed: Deployed) -> None:
    cloudformation = deployed.demo.client("cloudformation")
    cloudformation.create_stack(StackName="shop", TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}')
    seen = typed("--stack", "shop", "history", **deployed.environment)
    assert seen.code == 2
    assert "the stack shop in eu-central-1 has no output LedgerTable" in seen.err


def test_a_run_may_be_about_a_resource_in_another_account_and_region(deployed: Deployed) -> None:
    """The stack decides, and its executor acts there."""
    seen = started(deployed, "--account", "111122223333", "--in-region", "us-east-1", "--detach", "--json")
    assert seen.code == 0, seen.err
    deployed.executor.through()
    opening = entries(deployed.demo.store, seen.json["run"])[0].body
    assert opening["resource"].startswith("arn:aws:ec2:us-east-1:111122223333:instance/i-")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--account", "1"), "it must be 12 digits"),
        (("--in-region", "Ireland"), "it must be like eu-central-1"),
    ],
)
def test_an_account_or_a_region_that_cannot_be_is_refused(words: tuple[str, ...], said: str) -> None:
    seen = typed("--stack", NAME, "run", RUNBOOK, "--instance-id", "i-0123456789abcdef0", *words)
    assert seen.code == 2
    assert said in " ".join(seen.err.split())


def test_a_plan_elsewhere_is_made_with_rights_that_one_has_there() -> None:
    """Not made here in silence, about something else."""
    place = ("--account", "111122223333")
    seen = typed("--stack", NAME, "run", RUNBOOK, "--instance-id", "i-0123456789abcdef0", "--plan", *place)
    assert seen.code == 2
    assert "--profile" in seen.err


@pytest.mark.parametrize("words", [("--account", "111122223333"), ("--in-region", "us-east-1")])
def test_without_a_stack_another_place_is_not_meant_so(words: tuple[str, ...]) -> None:
    seen = typed("run", RUNBOOK, "--instance-id", "i-0123456789abcdef0", *words)
    assert seen.code == 2
    assert "--stack" in seen.err
