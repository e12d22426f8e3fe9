"""What the API asks of AWS is what its role in template.yaml may do, no less and no more."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import api
from nightcrew.admission.approvals import waiting
from nightcrew.api.calls import CALLS
from nightcrew.api.desk import Home
from nightcrew.api.people import VARIABLES, People
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.demo.scripted import Refusal, Sent
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import house as deployed_house
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import nobody
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.ledger.store import Store
from tests.cli.gateway import event
from tests.doors.asked import OF, Right, needed
from tests.doors.conftest import Context, Lines
from tests.doors.test_rights import ENVIRONMENT as FUNCTIONS
from tests.doors.test_rights import PARAMETER, TABLES, aws
from tests.house import House
from tests.roles import PLANNER_ABROAD
from tests.stack import listed, statements

__all__ = ["aws"]

PLANNER = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-planner-{REGION}"
ENVIRONMENT = {**FUNCTIONS, "NIGHTCREW_REMEDIATORS": PLANNER}
RUNBOOK = "restart-ec2-instance"
ASK = f"""
rules:
  - {{when: {{runbook: {RUNBOOK}}}, autonomy: approve}}
freezes:
  - {{name: ops, calendar: ops}}
error_budgets:
  - {{slo: checkout, below: 20%, autonomy: suggest}}
"""
EVERYBODY = dict.fromkeys(VARIABLES.values(), f"arn:aws:iam::{ACCOUNT}:user/*")

AT_TIMES = {("dynamodb:PutItem", str(OF["state"])), ("sts:AssumeRole", str(PLANNER_ABROAD))}
"""To have people told of a dead run that stood in the way of a start; to plan in another account."""

FOR_PAGES = {("dynamodb:DeleteItem", str(OF["state"]))}
"""To end a session: tests/doors/test_api_console.py."""


@dataclass
class Ask:
    """Calls the API of a fresh environment; ``made`` are the calls that it answered."""

    handler: api.Handler
    made: set[str] = field(default_factory=set)

    def __call__(self, method: str, path: str, body: Any = None, by: str = "ada", key: str = "") -> Any:
        answer = self.answered(method, path, body, by, key)
        assert answer["statusCode"] < 300, answer["body"]
        return json.loads(answer["body"])

    def answered(self, method: str, path: str, body: Any = None, by: str = "ada", key: str = "") -> dict[str, Any]:
        """However it is answered."""
        text = b"" if body is None else json.dumps(body).encode()
        sent = event(method, path, {"idempotency-key": key} if key else {}, text, f"arn:aws:iam::{ACCOUNT}:user/{by}")
        self.made.add(sent["routeKey"])
        return self.handler(sent, Context([29_000], "api"))


@pytest.fixture
def ask(aws: House, tmp_path: Path) -> Ask:
    """Everybody may everything."""
    aws.crew.client("ssm").put_parameter(Name=PARAMETER, Value=ASK, Type="String", Overwrite=True)
    door = front_door(ENVIRONMENT, nobody, aws.scripted)
    return Ask(api.serving(door, People.of(EVERYBODY), Home(ACCOUNT, REGION), tmp_path))


def rights(sent: Iterable[Sent]) -> set[Right]:
    """What requests needed. An index is one of all: whoever looks may look in each."""
    found = set()
    for each in sent:
        if each.service == "ec2":
            continue  # the planner's: it may what runbooks read
        if each.service == "sts":
            assert each.parameters["RoleArn"] == PLANNER
            found.add(("sts:AssumeRole", str({"Fn::GetAtt": "Planner.Arn"})))
            continue
        for action, resource in needed(each, TABLES):
            found.add((action, _any_index(resource)))
    return found


def _any_index(resource: Any) -> str:
    """One role's policy names one of them beside all of them, since it shares the other."""
    return re.sub(r"(LedgerTable\.Arn}/index/)\w+", r"\1*", str(resource))


def allowed() -> Iterator[Right]:
    """What the role may, but for what Lambda itself does with it."""
    for statement in statements("ApiRole"):
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                if action.split(":")[0] not in {"logs", "xray", "kms"}:
                    yield action, _any_index(resource)


def carried_out(aws: House, run: str) -> None:
    """The executor takes the run to where it waits, or has ended; what it asks for is its own."""
    before = list(aws.scripted.sent)
    clock = SkippingClock()
    environment = {**FUNCTIONS}
    engine = LocalEngine(
        durable_handler(deployed_house(environment, nobody, aws.scripted)), Journal(":memory:", clock), clock
    )
    engine.start(run, {"run": run})
    engine.drive(run, until=clock.now())
    aws.scripted.sent[:] = before


def test_the_api_may_do_what_it_asks_for_and_nothing_else(aws: House, ask: Ask, api_log: Lines) -> None:
    """All of its calls, once: with a run that is approved, one that is declined, one that is cancelled."""
    ec2 = aws.crew.client("ec2")
    machines = [each["InstanceId"] for each in ec2.run_instances(ImageId=IMAGE, MinCount=3, MaxCount=3)["Instances"]]
    store = Store(aws.crew.client("dynamodb"), TABLES)
    ask("GET", "/runbooks")
    ask("GET", f"/runbooks/{RUNBOOK}")
    wish = {"runbook": RUNBOOK, "parameters": {"instance_id": machines[0]}}
    assert ask("POST", f"/runbooks/{RUNBOOK}/plan", {"parameters": wish["parameters"]})["outcome"] == "planned"
    runs = []
    for number, machine in enumerate(machines):
        body = {**wish, "parameters": {"instance_id": machine}}
        runs.append(ask("POST", "/runs", body, key=f"k{number}")["run"])
        carried_out(aws, runs[-1])
    plans = {each.run: each.hash for each in waiting(store, SkippingClock().now())}
    ask("GET", "/approvals")
    ask("POST", f"/runs/{runs[0]}/approve", {"plan": plans[runs[0]]}, by="bob")
    ask("POST", f"/runs/{runs[1]}/decline", {"reason": "no"}, by="bob")
    ask("POST", f"/runs/{runs[2]}/cancel", {"reason": "no"})
    ask("GET", "/runs?limit=5")
    ask("GET", f"/runs/{runs[0]}")
    lesson = ask("POST", "/lessons", {"run": runs[0], "words": "look at the disk"})
    ask("POST", f"/lessons/{lesson['id']}/versions", {"words": "look again", "version": 0})
    ask("GET", "/lessons")
    ask("GET", f"/recall?resource=arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{machines[0]}")
    ask("GET", f"/recall?run={runs[0]}")
    ask("GET", "/search?words=disk")
    ask("GET", "/statistics?since=2d")
    ask("GET", f"/why?what={machines[0]}")
    ask("POST", "/policy/explain", {"runbook": RUNBOOK, "resource": machines[0]})
    ask("POST", "/halts", {"reason": "look first"})
    ask("DELETE", "/halts")
    ask("GET", "/halts")
    assert ask.made == {str(call) for call in CALLS}
    may, used = set(allowed()), rights(aws.scripted.sent)
    assert used - may == set()
    assert may - used == AT_TIMES | FOR_PAGES
    assert not [line for line in api_log() if line["level"] == "ERROR"]


def test_a_plan_about_another_account_reads_as_that_accounts_planner(aws: House, ask: Ask) -> None:
    """For the external id, which stands in no answer; narrowed to what the runbook declares."""
    del ask  # its policy
    door = front_door({**ENVIRONMENT, "NIGHTCREW_EXTERNAL_ID": "said-to-members"}, nobody, aws.scripted)
    abroad = Ask(api.serving(door, People.of(EVERYBODY), Home(ACCOUNT, REGION), Path()))
    body = {"parameters": {"instance_id": "i-0123456789abcdef0"}, "account": "111122223333", "region": "eu-central-1"}
    answer = abroad.answered("POST", f"/runbooks/{RUNBOOK}/plan", body)
    assert (answer["statusCode"], "said-to-members" in answer["body"]) == (200, False)
    assert json.loads(answer["body"])["resource"].startswith("arn:aws:ec2:eu-central-1:111122223333:")
    (taken,) = [each.parameters for each in aws.scripted.sent if each.service == "sts"]
    assert taken["RoleArn"] == PLANNER.replace(ACCOUNT, "111122223333")
    assert taken["ExternalId"] == "said-to-members"
    assert "ec2:DescribeInstances" in taken["Policy"]
    assert "sqs:" not in taken["Policy"]


def test_where_the_planner_cannot_be_taken_that_is_said_and_is_no_slip(aws: House, ask: Ask, api_log: Lines) -> None:
    """A member account has one where its stack names the API's role."""
    aws.scripted.answer("sts", "AssumeRole", Refusal("AccessDenied", status=403))
    body = {"parameters": {"instance_id": "i-0123456789abcdef0"}, "account": "111122223333"}
    answer = ask.answered("POST", f"/runbooks/{RUNBOOK}/plan", body)
    told = json.loads(answer["body"])
    assert (answer["statusCode"], told["field"], told["value"]) == (422, "account", "111122223333")
    assert not [line for line in api_log() if line["level"] == "ERROR"]
