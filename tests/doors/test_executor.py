"""The executor: Lambda hands it a run's id, a checkpoint token and what was recorded so far; it carries the run out.

The journal stands in for Lambda's backend: it is the service client in a
``DurableExecutionInvocationInputWithClient``, and fires waits on a clock that skips them.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from moto.backends import get_backend

import executor
from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.ledger.history import entries
from tests.doors.conftest import REMEDIATORS, Lines
from tests.house import House


def carried_out(run: str) -> Ended:
    """What becomes of a run that Lambda starts."""
    clock = SkippingClock()
    engine = LocalEngine(executor.handler, Journal(":memory:", clock), clock)
    engine.start(run, {"run": run})
    return engine.drive(run)


@pytest.fixture
def house(on_tables: House) -> House:
    """As it is deployed, with the tables."""
    return on_tables


@pytest.fixture
def run(environment: pytest.MonkeyPatch, house: House, event: Callable[[str], dict[str, Any]]) -> str:
    """A restart of an instance, admitted for its alarm and not yet begun."""
    del environment
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    about = {"InstanceId": made["Instances"][0]["InstanceId"]}
    answer = house.crew.dispatcher.event(house.alarmed(event("ec2-status-check"), about))
    assert answer.run is not None
    return answer.run


def test_it_carries_out_the_run_that_the_payload_names(run: str, house: House) -> None:
    """From the ledger's opening entry to its closing one, in the tables that the environment names."""
    ended = carried_out(run)
    assert (ended.status, ended.result["outcome"]) == ("SUCCEEDED", "cured")
    chain = entries(house.crew.store, run)
    assert (chain[0].kind, chain[-1].kind) == ("opening", "closing")
    assert chain[-1].body["outcome"] == "cured"


def test_it_acts_as_its_familys_remediator_narrowed_to_the_runbook(run: str, house: House) -> None:
    """The second wall: credentials that can do what the runbook declared, and nothing else; and stop and start this
    instance, and no other.
    """
    carried_out(run)
    found, resource = house.crew.installation.catalog["restart-ec2-instance"], house.closing(run)["resource"]
    assumed = get_backend("sts")[ACCOUNT]["aws"].assumed_roles[-1]
    assert assumed.role_arn == REMEDIATORS.format(family="restart")
    reads, changes = json.loads(assumed.policy)["Statement"]
    assert sorted(reads["Action"] + changes["Action"]) == list(found.actions)
    assert changes["Action"] == ["ec2:StartInstances", "ec2:StopInstances"]
    assert [each for each in changes["Resource"] if ":instance/" in each] == [resource]


def test_it_takes_hold_under_the_policy_of_the_moment(run: str, environment: pytest.MonkeyPatch, house: House) -> None:
    """The team's own, from its parameter; which one, stands beside what was held."""
    text = "rules:\n  - {when: {family: restart}, budget_hour: 50%}\n"
    house.crew.client("ssm").put_parameter(Name="/executor/policy", Value=text, Type="String", Overwrite=True)
    environment.setenv("NIGHTCREW_POLICY_PARAMETER", "/executor/policy")
    assert carried_out(run).result["outcome"] == "cured"
    (held,) = [fact for fact in house.facts(run) if "held" in fact and "require" not in fact]
    assert held["policy"] == load(text).version
    assert house.entries(run)[0].body["policy"] != held["policy"]


def test_its_log_tells_each_step_with_the_run_and_no_parameters(run: str, executor_log: Lines) -> None:
    """Once, though the handler is invoked anew when the alarm's OK has held."""
    carried_out(run)
    lines = executor_log()
    assert {line["run"] for line in lines} == {run}
    assert [line["title"] for line in lines if line["message"] == "change"] == ["stop it", "start it"]
    assert [line["message"] for line in lines].count("closed") == 1
    secret: set[Any] = {"parameters", "value", "result"}
    assert not any(secret & line.keys() for line in lines)


def test_a_run_that_nobody_admitted_fails_and_touches_nothing(
    environment: pytest.MonkeyPatch, house: House, executor_log: Lines
) -> None:
    del environment
    ended = carried_out("20261121-030004-nobody")
    assert ended.status == "FAILED"
    assert "nothing was admitted under that id" in str(ended.error)
    assert entries(house.crew.store, "20261121-030004-nobody") == []
    (line,) = executor_log()
    assert (line["level"], line["message"], line["run"]) == ("ERROR", "not carried out", "20261121-030004-nobody")


def test_it_is_a_handler_for_durable_executions_only(environment: pytest.MonkeyPatch) -> None:
    """An ordinary invocation, of $LATEST by hand for instance, is refused before anything is read."""
    del environment
    with pytest.raises(Exception, match=r"(?i)durable"):
        executor.handler({"run": "20261121-030004-byhand"}, None)
    assert executor.deployed.cache_info().currsize == 0
