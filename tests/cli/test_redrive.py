"""`nightcrew redrive`: dead letters of a stack are tried once more, and none is lost."""

import json
from typing import Any

import pytest

from nightcrew.cli.stack import Stack
from tests.cli.cloud import REGION
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed

RUNBOOK = "restart-ec2-instance"


def url(deployed: Deployed, name: str) -> str:
    """A queue's address."""
    return str(deployed.demo.client("sqs").get_queue_url(QueueName=f"nightcrew-{name}")["QueueUrl"])


def put(deployed: Deployed, name: str, *bodies: Any) -> None:
    """Letters in a queue."""
    for body in bodies:
        deployed.demo.client("sqs").send_message(QueueUrl=url(deployed, name), MessageBody=json.dumps(body))


def left(deployed: Deployed, name: str) -> int:
    """How many letters there are, seen or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = deployed.demo.client("sqs").get_queue_attributes(QueueUrl=url(deployed, name), AttributeNames=names)
    return sum(int(each) for each in found["Attributes"].values())


def redriven(deployed: Deployed, *more: str, code: int = 0) -> Any:
    """What the command says as JSON."""
    seen = typed("--stack", NAME, "redrive", "--json", *more, **deployed.environment)
    assert seen.code == code, seen.err
    return seen.json


def admitted(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that was admitted, and whose start was lost."""
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    stack = Stack(NAME, REGION, None, print)
    given = {"instance_id": deployed.demo.instance()}
    place = {"account": "123456789012", "region": REGION}
    door = stack.door(lambda *_: None)
    asked = door.asked_by_person(RUNBOOK, given, actor="ada", reason="", **place)
    from nightcrew.admission.admit import admit

    return str(admit(asked, stack.store, stack.clock, lambda request: request).run)


def test_alarms_go_back_to_the_queue_that_intake_reads(deployed: Deployed) -> None:
    put(deployed, "alarm-letters", {"id": "1"}, {"id": "2"})
    told = redriven(deployed)
    assert (told["alarms"], told["move"]) == (2, "COMPLETED")
    assert (left(deployed, "alarm-letters"), left(deployed, "alarms")) == (0, 2)


def test_a_run_that_was_not_started_is_started(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    run = admitted(deployed, monkeypatch)
    put(deployed, "run-letters", {"run": run})
    assert redriven(deployed)["started"] == [run]
    deployed.executor.through()
    assert deployed.executor.invoked == [run]
    assert typed("--stack", NAME, "show", run, "--json", **deployed.environment).json["outcome"] == "succeeded"
    assert left(deployed, "run-letters") == 0
    put(deployed, "run-letters", {"run": run})
    assert redriven(deployed)["over"] == [run]
    assert deployed.executor.invoked == [run], "what is over is not begun again"
    assert left(deployed, "run-letters") == 0


def test_what_tells_of_no_run_stays_and_is_said(deployed: Deployed) -> None:
    put(deployed, "run-letters", {"run": "20261121-030004-nobody"}, ["no", "run"], "text")
    assert redriven(deployed, code=1)["left"] == 3
    assert left(deployed, "run-letters") == 3


def test_counting_moves_nothing(deployed: Deployed) -> None:
    put(deployed, "alarm-letters", {"id": "1"})
    assert redriven(deployed, "--count") == {"alarms": 1, "runs": 0}
    assert left(deployed, "alarm-letters") == 1


def test_nothing_to_do_is_said(deployed: Deployed) -> None:
    seen = typed("--stack", NAME, "redrive", **deployed.environment)
    assert (seen.code, seen.out) == (0, "No dead letters.\n")


def test_without_a_stack_there_are_none() -> None:
    seen = typed("redrive")
    assert seen.code == 2
    assert "only a deployed stack has dead letters" in seen.err
