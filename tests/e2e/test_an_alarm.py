"""From an alarm to the cure, through everything that is deployed: event bus, queue, intake, executor, remediator."""

import json
from typing import Any

import pytest

from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.ledger.verify import verify
from tests.e2e.checkout import Checkout, a_checkout
from tests.e2e.deployment import Deployed, Key
from tests.e2e.ledger import ended, resource
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

SENDERS = ["sns.amazonaws.com", "events.amazonaws.com"]


@pytest.fixture(scope="module")
def news(deployed: Deployed) -> tuple[str, str]:
    """Two queues, of a person who subscribed to the topic and of another system on the bus."""
    queues, made = deployed.client("sqs"), []
    for name in ("people", "systems"):
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        sends = {"Effect": "Allow", "Principal": {"Service": SENDERS}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [sends]})
        made.append((queues.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"], arn))
    (people, people_arn), (systems, systems_arn) = made
    deployed.client("sns").subscribe(TopicArn=deployed.outputs["NewsTopic"], Protocol="sqs", Endpoint=people_arn)
    events, bus = deployed.client("events"), deployed.outputs["NewsBus"]
    events.put_rule(Name="systems", EventBusName=bus, EventPattern=json.dumps({"source": ["nightcrew"]}))
    events.put_targets(Rule="systems", EventBusName=bus, Targets=[{"Id": "queue", "Arn": systems_arn}])
    return people, systems


@pytest.fixture(scope="module")
def cured(deployed: Deployed, news: tuple[str, str]) -> Checkout:
    """Its alarm went off, its alias was pointed back, and its alarm is OK again."""
    made = a_checkout(deployed, nightcrew="managed")
    assert made.version == "2"
    made.turns("ALARM")
    eventually("the alias points to the version before", lambda: made.version == "1")
    made.turns("OK")
    assert ended(made)[-1].body["outcome"] == "cured"
    return made


def test_an_alarm_has_the_bad_version_rolled_back(cured: Checkout) -> None:
    """By the cloud's own word."""
    assert cured.version == "1"


def test_the_ledger_says_why_what_and_how_it_ended(cured: Checkout) -> None:
    """Each entry is chained to the one before it, and the alarm's own OK ended the run: it was pushed, not polled."""
    chain = ended(cured)
    assert verify(chain) == []
    kinds = [entry.kind for entry in chain]
    assert (kinds[0], kinds[-1]) == ("opening", "closing")
    opening, closing = chain[0].body, chain[-1].body
    assert (opening["alarm"]["name"], opening["runbook"]) == (cured.alarm, "roll-back-lambda-alias")
    (change,) = [entry.body for entry in chain if entry.kind == "change"]
    assert (change["call"], change["parameters"]["FunctionVersion"]) == ("lambda:UpdateAlias", "1")
    assert closing["outcome"] == "cured"
    reads = [fact["read"] for entry in chain for fact in entry.body.get("facts", ()) if "read" in fact]
    assert "is the alarm still OK?" in reads
    assert "is the alarm OK in time?" not in reads, "its OK was pushed to it: nobody had to ask"


def test_who_may_look_finds_it_in_the_history(cured: Checkout, viewer: Key) -> None:
    """With the viewer's policy and no other."""
    run = ended(cured)[0].run
    listed = cured.deployed.nightcrew("history", "--resource", resource(cured), "--json", key=viewer)
    assert listed.returncode == 0, listed.stderr
    assert [(row["run"], row["outcome"]) for row in json.loads(listed.stdout)["runs"]] == [(run, "cured")]
    shown = cured.deployed.nightcrew("show", run, key=viewer)
    assert shown.returncode == 0, shown.stderr
    assert "✓ cured" in shown.stdout
    assert "lambda:UpdateAlias" in shown.stdout
    assert shown.stdout.rstrip().endswith("consistent")


def test_people_and_systems_heard_how_it_ended(cured: Checkout, news: tuple[str, str]) -> None:
    """Over the topic and over the bus, as docs/news.md has it."""
    run = ended(cured)[0].run
    people, systems = news

    def closed(url: str, read: Any) -> Any:
        found = cured.deployed.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return next((each for each in map(read, found.get("Messages", ())) if each), None)

    def as_text(message: dict[str, Any]) -> str | None:
        text = str(json.loads(message["Body"])["Message"])
        return text if run in text and "cured" in text.lower() else None

    def as_event(message: dict[str, Any]) -> dict[str, Any] | None:
        detail: dict[str, Any] = json.loads(message["Body"])["detail"]
        return detail if (detail["kind"], detail.get("run")) == ("closed", run) else None

    assert eventually("the topic tells", lambda: closed(people, as_text))
    assert eventually("the bus tells", lambda: closed(systems, as_event))["outcome"] == "cured"


def test_a_second_alarm_soon_after_is_refused_and_changes_nothing(cured: Checkout) -> None:
    """Somebody deploys the bad version again: the resource was changed a moment ago, and rests."""
    again = cured.publish()
    cured.turns("ALARM")
    (refusal,) = ended(cured, number=2)
    assert (refusal.kind, refusal.body["gate"]) == ("refusal", "cool-down")
    assert refusal.body["figures"]["cool_down_seconds"] == 600
    assert cured.version == again
