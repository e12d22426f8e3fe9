"""What the doors ask of AWS is what their roles in template.yaml may do, no less and no more: the embedded cloud does
not ask.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import intake
import sweep
from nightcrew.admission.alarms import awaiting
from nightcrew.admission.follow_ups import Due, keep
from nightcrew.admission.request import AlarmSeen
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION, make_tables
from nightcrew.demo.scripted import Sent
from nightcrew.dispatch.alarm_state import alarm_state
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.executions import executions
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.callbacks import OwnCallbacks
from nightcrew.engine.deployed import house as deployed_house
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import nobody
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.knowledge.lessons import learn
from nightcrew.knowledge.recall.brief import brief
from nightcrew.knowledge.recall.vocabulary import KEY
from nightcrew.ledger.history import entries
from nightcrew.ledger.schema import definitions
from nightcrew.ledger.store import Store, Tables
from nightcrew.ledger.transaction import Piece
from tests.doors.asked import OF, refused, unused
from tests.doors.conftest import ALIAS, REMEDIATORS, Context, Lines
from tests.house import House
from tests.runbooks.groups import a_group, described
from tests.stack import allows

Event = Callable[[str], dict[str, Any]]
PARAMETER = "/nightcrew/rights"
POLICY = """
rules:
  - {when: {family: restart}, autonomy: auto}
freezes:
  - {name: ops, calendar: ops}
error_budgets:
  - {slo: checkout, below: 20%, autonomy: approve}
"""
TABLES = Tables("rights-ledger", "rights-state")
ENVIRONMENT = {
    "NIGHTCREW_LEDGER": TABLES.ledger,
    "NIGHTCREW_STATE": TABLES.state,
    "NIGHTCREW_EXECUTOR": ALIAS,
    "NIGHTCREW_REMEDIATORS": REMEDIATORS,
    "NIGHTCREW_AUTONOMY": "auto",
    "NIGHTCREW_POLICY_PARAMETER": PARAMETER,
    "NIGHTCREW_TOPIC": "arn:aws:sns:eu-west-1:123456789012:nightcrew",
    "NIGHTCREW_BUS": "nightcrew",
    "NIGHTCREW_CHAT_TOPIC": "arn:aws:sns:eu-west-1:123456789012:channels",
}
"""What template.yaml sets, in a stack that acts, has a policy of its own, and tells channels."""

UNSPENT = {
    "Timestamp": "2026-11-21T03:00:00Z",
    "Errors": [],
    "Reports": [{"Name": "checkout", "BudgetStatus": "OK", "TotalBudgetSeconds": 100, "BudgetSecondsRemaining": 90}],
}

AT_TIMES = {
    ("dynamodb:PutItem", "state"): "keeps a follow-up, or a second try that hold refused",
    ("dynamodb:Query", "ledger"): "reads how it ended, where somebody else closed the run",
}
"""Rights of the executor that an ordinary run does not need."""


@pytest.fixture
def aws(house: House) -> House:
    """Tables of these tests' own, a policy in a parameter, and answers where moto has none."""
    client = house.crew.client("dynamodb")
    there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for definition in definitions(TABLES):
        if definition["TableName"] in there:
            client.delete_table(TableName=definition["TableName"])
    make_tables(house.crew.clients, TABLES)
    house.crew.client("ssm").put_parameter(Name=PARAMETER, Value=POLICY, Type="String", Overwrite=True)
    answers: Mapping[str, Mapping[str, Any]] = {
        "lambda:Invoke": {"StatusCode": 202},
        "lambda:SendDurableExecutionCallbackSuccess": {},
        "lambda:ListDurableExecutionsByFunction": {"DurableExecutions": []},
        "ssm:GetCalendarState": {"State": "OPEN"},
        "application-signals:BatchGetServiceLevelObjectiveBudgetReport": UNSPENT,
        "sns:Publish": {"MessageId": "m"},
        "events:PutEvents": {"FailedEntryCount": 0, "Entries": []},
    }
    for operation, answer in answers.items():
        service, _, name = operation.partition(":")
        house.scripted.answer(service, name, *[answer] * 50)
    return house


def door(aws: House, ahead: timedelta = timedelta(0)) -> Dispatcher:
    """The front door of a fresh environment, at a time to come."""
    made = front_door(ENVIRONMENT, nobody, aws.scripted)()
    return replace(made, installation=replace(made.installation, clock=SkippingClock(ahead)))


def arrives(aws: House, context: Context, sent: Mapping[str, Any], ahead: timedelta = timedelta(0)) -> None:
    """Intake takes an event."""
    dispatcher = door(aws, ahead)
    intake.answering(lambda: dispatcher)({"Records": [{"messageId": "m", "body": json.dumps(sent)}]}, context)


def alarm(aws: House, event: Event, instance: str, ahead: timedelta = timedelta(0), state: str = "ALARM") -> Any:
    """The instance's alarm goes off now."""
    aws.crew.installation.clock.sleep((SkippingClock(ahead).now() - aws.crew.installation.clock.now()).total_seconds())
    return aws.alarmed(event("ec2-status-check"), {"InstanceId": instance}, state=state)


def ok_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Its OK, at the same moment."""
    found: dict[str, Any] = json.loads(json.dumps(sent))
    found["detail"]["state"]["value"] = "OK"
    return found


def unanswered(sent: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm on a metric that no runbook answers."""
    found: dict[str, Any] = json.loads(json.dumps(sent))
    found["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] = "Nobodys"
    found["detail"]["alarmName"] = "nobodys"
    found["resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:nobodys"]
    return found


def follow_up(instance: str) -> Due:
    """A restart that a person's run has kept for later, and that is due."""
    resource = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"
    what = {
        "title": "once more",
        "parameters": {"instance_id": instance},
        "resource": resource,
        "run": "r-1",
        "by": "person",
    }
    return Due("r-1#once more", "later", SkippingClock().now(), "restart-ec2-instance", "ada", what)


def seen(sent: Mapping[str, Any]) -> AlarmSeen:
    """The alarm as a run keeps it, a moment before."""
    return AlarmSeen(sent["resources"][0], sent["detail"]["alarmName"], SkippingClock(timedelta(-1)).now(), "c", "")


def test_intake_may_do_what_it_asks_for_and_nothing_else(
    aws: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """Admitted, delivered again, refused by the lock, OK while its run waits, and admitted where a dead run stood in
    the way.
    """
    instance = "i-0123456789abcde01"
    first = alarm(aws, event, instance)
    arrives(aws, context, first)
    arrives(aws, context, first)
    arrives(aws, context, alarm(aws, event, instance))
    store = door(aws).installation.store
    store.transact([awaiting(seen(first), "Y2FsbGJhY2s=")])
    arrives(aws, context, ok_of(alarm(aws, event, instance)))
    later = timedelta(hours=2)
    arrives(aws, context, alarm(aws, event, instance, later), later)
    store.transact([Piece("state", KEY, "vocabulary", put={**KEY, "body": '{"AWS/EC2:Nobodys:high":["2026-11-21"]}'})])
    arrives(aws, context, unanswered(first))
    assert [(line["message"], line.get("gate") or line.get("reason")) for line in intake_log()] == [
        ("admitted", None),
        ("refused", "claim"),
        ("refused", "lock"),
        ("left", "ok"),
        ("admitted", None),
        ("left", "no-trigger"),
    ]
    assert refused("IntakeRole", aws.scripted.sent, TABLES) == []
    assert unused("IntakeRole", aws.scripted.sent, TABLES) == set()


def test_the_sweeper_may_do_what_it_asks_for_and_nothing_else(
    aws: House, event: Event, context: Context, intake_log: Lines, sweep_log: Lines
) -> None:
    """It closes a run that nobody carries on, starts the second try of an alarm that this run's lock refused, and a
    follow-up.
    """
    instance = "i-0123456789abcde02"
    for _ in range(2):
        arrives(aws, context, alarm(aws, event, instance))
    assert [line["message"] for line in intake_log()] == ["admitted", "refused"]
    aws.scripted.sent.clear()
    dispatcher = door(aws, timedelta(hours=2))
    keep(dispatcher.installation.store, follow_up("i-0123456789abcde03"))
    over = executions(aws.scripted, ALIAS, dispatcher.installation.clock)
    broom = sweep.Broom(lambda: dispatcher, alarm_state(lambda _: aws.scripted), over)
    front_door(ENVIRONMENT, nobody, aws.scripted)()  # as each sweep does, once the policy is a minute old
    assert sweep.sweeping(lambda: broom)({}, Context([55_000]))["swept"]
    line = sweep_log()[-1]
    assert (len(line["closed"]), len(line["started"])) == (1, 2), line
    assert refused("SweepRole", aws.scripted.sent, TABLES) == []
    helped = ("dynamodb:Query", str({"Fn::Sub": "${LedgerTable.Arn}/index/cases_by_symptom"}))
    assert unused("SweepRole", aws.scripted.sent, TABLES) == {helped}  # of what chain or breaker refused


def test_the_executor_may_do_what_it_asks_for_and_nothing_else(
    aws: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """A run from its opening to its closing, whose alarm was OK before it waited for that; and one on an instance of a
    group, of which policy gives a part. What the runs do with the instances, they do as a remediator.
    """
    made = aws.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    sent = alarm(aws, event, made["Instances"][0]["InstanceId"], state="OK")
    arrives(aws, context, sent)
    arrives(aws, context, ok_of(alarm(aws, event, made["Instances"][0]["InstanceId"], state="OK")))
    grouped = described(aws, a_group(aws, desired=1))["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
    arrives(aws, context, alarm(aws, event, grouped))
    runs = [line["run"] for line in intake_log() if line["message"] == "admitted"]
    aws.scripted.sent.clear()
    current = deployed_house(ENVIRONMENT, nobody, aws.scripted)
    clock = SkippingClock()
    installation = replace(current(), clock=clock)
    installation = replace(installation, answer=OwnCallbacks(installation.answer, nobody), recalls=brief)
    engine = LocalEngine(durable_handler(lambda: installation), Journal(":memory:", clock), clock)
    for run in runs:
        engine.start(run, {"run": run})
    assert [engine.drive(run).result["outcome"] for run in runs] == ["cured", "not_applicable"]
    # As before an approval. What went before is of the same symptom.
    aside = Store(aws.crew.client("dynamodb"), TABLES)
    body = entries(aside, runs[0])[0].body
    about = {"resource": body["resource"], "runbook": body["runbook"]}
    symptom = body["symptom"]
    known = installation.known(**about, group="arn:aws:autoscaling:::web", symptom=symptom)
    assert [case["run"] for case in known["cases"]] == runs
    learn(aside, clock, "lesson-rights", "look at the disk", author="ada", run=runs[0])
    assert installation.known(**about, group=None, symptom=symptom)["lessons"][0]["words"] == "look at the disk"
    assert refused("ExecutorRole", aws.scripted.sent, TABLES) == []
    other_groups = {("ecs:DescribeClusters", "*"), ("rds:DescribeDBClusters", "*")}
    at_times = {(action, str(OF[table])) for action, table in AT_TIMES}
    assert unused("ExecutorRole", aws.scripted.sent, TABLES) == at_times | other_groups


def test_a_right_that_is_missing_would_be_noticed() -> None:
    """These tests can fail: of a request that no role may send, and of a right that nobody uses."""
    scan = Sent("dynamodb", "Scan", {"TableName": TABLES.state})
    assert refused("SweepRole", [scan], TABLES) == [("dynamodb:Scan", OF["state"])]
    assert ("dynamodb:DeleteItem", str(OF["state"])) in unused("SweepRole", [scan], TABLES)


@pytest.mark.parametrize("role", ["IntakeRole", "ExecutorRole", "SweepRole"])
@pytest.mark.parametrize("action", ["UpdateItem", "DeleteItem", "BatchWriteItem", "DeleteTable", "PartiQLUpdate"])
def test_nobody_may_rewrite_the_ledger(role: str, action: str) -> None:
    """It is only appended to."""
    assert not allows(role, f"dynamodb:{action}", OF["ledger"])
