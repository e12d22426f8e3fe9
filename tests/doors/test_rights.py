"""What the doors send to the tables is what their roles in template.yaml may do: the embedded cloud does not ask."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

import executor
import intake
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import IMAGE
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.invoking import invoker
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.ledger.store import Store, Tables
from tests.doors.conftest import ALIAS, Context, Lines
from tests.house import House
from tests.stack import allows

TABLES = {Tables().ledger: {"Fn::GetAtt": "LedgerTable.Arn"}, Tables().state: {"Fn::GetAtt": "StateTable.Arn"}}
PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

Asked = set[tuple[str, str]]


def needed(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The IAM actions of a request, each with its table. A transaction needs those of its parts: DynamoDB developer
    guide, 'Using IAM with DynamoDB transactions'.
    """
    for item in parameters.get("TransactItems", ()):
        for kind, part in item.items():
            yield f"dynamodb:{PARTS[kind]}", part["TableName"]
    if "TableName" in parameters:
        yield f"dynamodb:{operation}", parameters["TableName"]


@contextmanager
def listening(store: Store) -> Iterator[Asked]:
    """What is asked of the tables meanwhile."""
    asked: Asked = set()

    def hear(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        asked.update(needed(model.name, params))

    events = store._client.meta.events
    events.register("provide-client-params.dynamodb", hear)
    yield asked
    events.unregister("provide-client-params.dynamodb", hear)


def refused(role: str, asked: Asked) -> list[tuple[str, str]]:
    """What the role would not be allowed."""
    return [(action, table) for action, table in sorted(asked) if not allows(role, action, TABLES[table])]


def test_intake_may_do_what_it_asks_of_the_tables(
    house: House, event: Callable[[str], dict[str, Any]], context: Context, intake_log: Lines
) -> None:
    """Admitted, delivered again, refused by the lock, and admitted where a dead run stood in the way."""
    house.scripted.answer("lambda", "Invoke", *[{"StatusCode": 202}] * 9)
    dispatcher = Dispatcher(house.crew.installation, invoker(house.scripted, ALIAS))
    handler = intake.answering(lambda: dispatcher)

    def arrives(sent: Mapping[str, Any]) -> None:
        handler({"Records": [{"messageId": "m", "body": json.dumps(sent)}]}, context)

    def alarm() -> dict[str, Any]:
        house.crew.installation.clock.sleep(1)
        return house.alarmed(event("ec2-status-check"), {"InstanceId": "i-0123456789abcde01"})

    with listening(house.crew.store) as asked:
        first = alarm()
        arrives(first)
        arrives(first)
        arrives(alarm())
        house.crew.installation.clock.sleep(7200)
        arrives(alarm())
    assert [(line["message"], line.get("gate")) for line in intake_log()] == [
        ("admitted", None),
        ("refused", "claim"),
        ("refused", "lock"),
        ("admitted", None),
    ]
    assert refused("IntakeRole", asked) == []
    assert ("dynamodb:Query", Tables().ledger) in asked, "it read what the dead run left"


def test_the_executor_may_do_what_it_asks_of_the_tables(
    environment: pytest.MonkeyPatch, house: House, event: Callable[[str], dict[str, Any]]
) -> None:
    """A run from its opening to its closing, with changes, waits and proofs."""
    del environment
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    about = {"InstanceId": made["Instances"][0]["InstanceId"]}
    run = house.crew.dispatcher.event(house.alarmed(event("ec2-status-check"), about)).run
    assert run is not None
    clock = SkippingClock()
    engine = LocalEngine(executor.handler, Journal(":memory:", clock), clock)
    engine.start(run, {"run": run})
    with listening(executor.house().store) as asked:
        assert engine.drive(run).result["outcome"] == "cured"
    assert refused("ExecutorRole", asked) == []
    assert ("dynamodb:UpdateItem", Tables().state) in asked


@pytest.mark.parametrize("role", ["IntakeRole", "ExecutorRole"])
@pytest.mark.parametrize("action", ["UpdateItem", "DeleteItem", "BatchWriteItem", "DeleteTable", "PartiQLUpdate"])
def test_nobody_may_rewrite_the_ledger(role: str, action: str) -> None:
    """It is only appended to."""
    assert not allows(role, f"dynamodb:{action}", TABLES[Tables().ledger])
