"""The function behind a channel's buttons, as it is deployed: whom it believes, what it tries again, what it may do."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import chat
from nightcrew.admission.approvals import waiting
from nightcrew.aws.cloud import ClientMaker
from nightcrew.chat.doorway import Doorway, doorway
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.demo.scripted import Refusal, Sent
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import house as deployed_house
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import nobody
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.errors import Unknown
from nightcrew.ledger.store import Store
from tests.doors.asked import Right, needed
from tests.doors.conftest import Context, Lines
from tests.doors.test_api_rights import ASK
from tests.doors.test_rights import ENVIRONMENT as FUNCTIONS
from tests.doors.test_rights import PARAMETER, TABLES, aws
from tests.engine.channel import Notification
from tests.house import House
from tests.stack import listed, statements

__all__ = ["aws"]

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:channels"
ROLE = "AROAEXAMPLEEXAMPLE123"
ENVIRONMENT = {
    **FUNCTIONS,
    "NIGHTCREW_CHANNEL_ROLE": ROLE,
    "NIGHTCREW_CHAT_PEOPLE": "U0BOB=bob",
}
BOB = f"{ROLE}:chatbot-session-slack-U0BOB"


def pressed(door: Doorway, text: str, sender: str = BOB, times: int = 1) -> dict[str, Any]:
    """SQS hands a message over."""
    attributes = {"SenderId": sender, "ApproximateReceiveCount": str(times)}
    record = {"messageId": "m", "body": text, "attributes": attributes}
    return chat.deciding(lambda: door)({"Records": [record]}, Context([10_000], "chat"))


def asks(aws: House, machines: int) -> list[tuple[str, str]]:
    """Runs that ada started and that wait for an approval, each with its plan."""
    aws.crew.client("ssm").put_parameter(Name=PARAMETER, Value=ASK, Type="String", Overwrite=True)
    made = aws.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=machines, MaxCount=machines)["Instances"]
    clock = SkippingClock()
    engine = LocalEngine(
        durable_handler(deployed_house(FUNCTIONS, nobody, aws.scripted)), Journal(":memory:", clock), clock
    )
    for each in made:
        parameters = {"instance_id": each["InstanceId"]}
        door = front_door(FUNCTIONS, nobody, aws.scripted)()
        ada = f"arn:aws:iam::{ACCOUNT}:user/ada"
        run = door.person("restart-ec2-instance", parameters, actor=ada, account=ACCOUNT, region=REGION).run
        assert run is not None
        engine.start(run, {"run": run})
        engine.drive(run, until=clock.now())
    store = Store(aws.crew.client("dynamodb"), TABLES)
    return [(each.run, each.hash) for each in waiting(store, clock.now())]


def told(aws: House) -> list[dict[str, Any]]:
    """What was said in threads."""
    sent = [each.parameters for each in aws.scripted.sent if each.operation == "Publish"]
    return [json.loads(each["Message"]) for each in sent if each["TopicArn"] == TOPIC]


def rights(sent: Iterable[Sent]) -> Iterator[Right]:
    for each in sent:
        if each.service == "dynamodb":
            _only_approvals(each)
        for action, resource in needed(each, TABLES):
            yield action, str(resource)


def _only_approvals(sent: Sent) -> None:
    """What it writes has a key that its role may write."""
    for part in sent.parameters.get("TransactItems", ()):
        ((_, item),) = part.items()
        assert item["Key"]["key"]["S"].startswith("approval#")


def test_it_may_do_what_it_asks_for_and_nothing_else(aws: House, chat_log: Lines) -> None:
    """One run approved, one declined; a stranger refused."""
    (one, plan), (other, plan_of_other) = asks(aws, 2)
    aws.scripted.sent.clear()
    door = doorway(ENVIRONMENT, nobody, aws.scripted)
    pressed(door, f"approve/{one}/{plan[:12]}", sender=BOB.replace("BOB", "WHO"))
    pressed(door, f"approve/{one}/{plan[:12]}")
    pressed(door, f"decline/{other}/{plan_of_other[:12]}")
    assert [line["message"] for line in chat_log()] == ["not decided", "decided", "decided"]
    may = {
        (action, str(resource))
        for statement in statements("ChatRole")
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if action.split(":")[0] not in {"logs", "xray", "sqs", "kms"}
    }
    assert set(rights(aws.scripted.sent)) == may


def test_what_became_of_a_button_is_told_in_the_runs_thread(aws: House) -> None:
    ((run, plan),) = asks(aws, 1)
    pressed(doorway(ENVIRONMENT, nobody, aws.scripted), f"approve/{run}/{plan[:12]}")
    said = Notification.model_validate(told(aws)[-1])
    assert (said.metadata.threadId, said.metadata.enableCustomActions) == (run, False)
    assert said.content.title == "approved by chat:slack:U0BOB:bob"


@pytest.mark.parametrize("sender", ["", "AIDAEXAMPLE", f"AROAOTHER:{BOB.partition(':')[2]}"])
def test_a_message_that_did_not_come_from_the_channel_is_dropped_and_logged(
    aws: House, chat_log: Lines, sender: str
) -> None:
    """Nobody is told: whoever sent it is in no channel."""
    ((run, plan),) = asks(aws, 1)
    aws.scripted.sent.clear()
    answer = pressed(doorway(ENVIRONMENT, nobody, aws.scripted), f"approve/{run}/{plan[:12]}", sender)
    assert answer == {"batchItemFailures": []}
    assert [line["message"] for line in chat_log()] == ["not a button"]
    assert aws.scripted.sent == []


def test_what_no_button_sends_is_dropped_and_logged(clients: ClientMaker, environment: Any, chat_log: Lines) -> None:
    for name in ("NIGHTCREW_CHAT_TOPIC", "NIGHTCREW_CHANNEL_ROLE", "NIGHTCREW_CHAT_PEOPLE"):
        environment.setenv(name, ENVIRONMENT[name])
    environment.setenv("NIGHTCREW_CHAT_PEOPLE", "U0BOB")
    attributes = {"SenderId": BOB, "ApproximateReceiveCount": "1"}
    record = {"messageId": "m", "body": "approve everything", "attributes": attributes}
    assert chat.handler({"Records": [record]}, Context([10_000], "chat")) == {"batchItemFailures": []}
    assert [line["message"] for line in chat_log()] == ["names nobody", "not a button"]


@pytest.mark.parametrize("variable", ["NIGHTCREW_CHAT_TOPIC", "NIGHTCREW_CHANNEL_ROLE"])
def test_without_a_topic_or_a_role_it_does_not_begin(aws: House, variable: str) -> None:
    """An empty role would be anybody's."""
    with pytest.raises(Unknown, match=variable):
        doorway({**ENVIRONMENT, variable: ""}, nobody, aws.scripted)


def test_a_table_out_of_reach_is_tried_again_and_then_it_is_said(aws: House, chat_log: Lines) -> None:
    """Nothing is decided; the member presses again, or goes to a terminal."""
    ((run, plan),) = asks(aws, 1)
    aws.scripted.answer("dynamodb", "GetItem", *[Refusal("InternalServerError", status=500)] * 40)
    door, text = doorway(ENVIRONMENT, nobody, aws.scripted), f"approve/{run}/{plan[:12]}"
    before = len(told(aws))
    again = {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert [pressed(door, text, times=times) for times in range(1, chat.TRIES)] == [again] * (chat.TRIES - 1)
    assert len(told(aws)) == before
    assert pressed(door, text, times=chat.TRIES) == {"batchItemFailures": []}
    assert told(aws)[-1]["content"]["title"].startswith("not approved: the tables or the run are out of reach")
    assert {line["message"] for line in chat_log()} == {"not decided yet"}


def test_a_thread_that_cannot_be_told_takes_nothing_back(aws: House, chat_log: Lines) -> None:
    """What was decided is decided."""
    ((run, plan),) = asks(aws, 1)
    made: list[tuple[str, Any]] = []
    door = doorway(ENVIRONMENT, lambda kind, what: made.append((kind, what)), aws.scripted)
    aws.scripted.reset()
    aws.scripted.answer("lambda", "SendDurableExecutionCallbackSuccess", {})
    aws.scripted.answer("sns", "Publish", *[Refusal("InternalError", status=500)] * 4)
    assert pressed(door, f"approve/{run}/{plan[:12]}") == {"batchItemFailures": []}
    assert [kind for kind, _ in made] == ["news failed"]
    assert [line["message"] for line in chat_log()] == ["decided"]
