"""What intake cannot answer is kept, and answered once it can."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.deployment import Deployed, Key
from tests.e2e.ledger import ended
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e


def dead(deployed: Deployed, who: Key) -> int:
    """How many alarms are among the dead letters."""
    counted = deployed.nightcrew("redrive", "--count", "--json", key=who)
    assert counted.returncode == 0, counted.stderr
    return int(json.loads(counted.stdout)["alarms"])


def left(deployed: Deployed, queue: str) -> int:
    """How many messages are in a queue, being tried or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    asked = deployed.client("sqs").get_queue_attributes(QueueUrl=deployed.outputs[queue], AttributeNames=names)
    return sum(int(asked["Attributes"][name]) for name in names)


@pytest.fixture
def awake(deployed: Deployed) -> None:
    """Intake has been invoked, and is as quick as it will be."""
    deployed.client("sqs").send_message(QueueUrl=deployed.outputs["AlarmQueue"], MessageBody='{"no": "event"}')
    eventually("it is taken from the queue", lambda: not left(deployed, "AlarmQueue"))


@pytest.fixture
def hasty(deployed: Deployed, awake: None) -> Iterator[None]:
    """A message that failed waits a second for its next try, not three minutes."""
    queues, which = deployed.client("sqs"), {"QueueUrl": deployed.outputs["AlarmQueue"]}
    name = "VisibilityTimeout"
    before = queues.get_queue_attributes(**which, AttributeNames=[name])["Attributes"]
    queues.set_queue_attributes(**which, Attributes={name: "1"})
    yield
    queues.set_queue_attributes(**which, Attributes=before)


def test_what_is_no_event_is_done_with(deployed: Deployed, awake: None) -> None:
    """It can never be read, and would only be tried in vain; the log has it."""
    assert left(deployed, "AlarmDeadLetters") == 0


def test_an_alarm_that_intake_cannot_answer_is_kept_and_redriven(
    deployed: Deployed, checkout: Checkout, operator: Key, hasty: None
) -> None:
    """Intake has lost its right to the tables: each try fails, the fifth is the last. An operator sends it back."""
    people, lost = deployed.client("iam"), {"RoleName": deployed.resources["IntakeRole"]}
    lost["PolicyArn"] = deployed.resources["TableRights"]
    people.detach_role_policy(**lost)
    try:
        checkout.turns("ALARM")
        eventually("it is among the dead letters", lambda: left(deployed, "AlarmDeadLetters") == 1)
    finally:
        people.attach_role_policy(**lost)
    assert checkout.version == "2", "nothing was done about it"
    assert dead(deployed, operator) == 1

    back = deployed.nightcrew("redrive", key=operator)
    assert back.returncode == 0, back.stderr
    assert "1 went back to intake: completed" in back.stdout
    eventually("it was answered", lambda: checkout.version == "1")
    checkout.turns("OK")
    assert ended(checkout)[-1].body["outcome"] == "cured"
    assert left(deployed, "AlarmDeadLetters") == 0
