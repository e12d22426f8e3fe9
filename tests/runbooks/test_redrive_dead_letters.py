"""redrive-dead-letters: what it promises at night.

moto has no message move tasks: ``Moves`` answers as the SQS API reference says (StartMessageMoveTask,
ListMessageMoveTasks, CancelMessageMoveTask), and moves the messages between moto's own queues.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "redrive-dead-letters"
Event = Callable[[str], dict[str, Any]]

_numbers = itertools.count(1)


class Moves:
    """SQS's tasks that move messages. One takes ``looks`` looks; ``poison`` is how many come back."""

    def __init__(self, house: House, queue: str, *, looks: int = 1, status: str = "COMPLETED", poison: int = 0) -> None:
        self.house, self.queue, self.looks, self.status, self.poison = house, queue, looks, status, poison
        self.listed: list[dict[str, Any]] = []
        for name, answer in (("Start", self.start), ("Cancel", self.cancel)):
            house.scripted.script("sqs", f"{name}MessageMoveTask", answer)
        house.scripted.script("sqs", "ListMessageMoveTasks", self.list)

    def start(self, parameters: Any) -> Any:
        task = {"Status": "RUNNING", "SourceArn": parameters["SourceArn"], "TaskHandle": "handle-of-the-move"}
        self.listed.append({**task, "StartedTimestamp": 1_795_000_000_000 + len(self.listed)})
        return {"TaskHandle": "handle-of-the-move"}

    def list(self, _: Any) -> Any:
        newest = self.listed[-1:]
        if newest and newest[0]["Status"] == "RUNNING" and self.house.scripted.changes():
            self.looks -= 1
            if self.looks < 0:
                self.end(newest[0])
        return {"Results": [dict(each) for each in newest]}

    def end(self, task: dict[str, Any]) -> None:
        task.pop("TaskHandle")
        task["Status"] = self.status
        if self.status == "FAILED":
            task["FailureReason"] = "CouldNotDetermineMessageSource"
        else:
            self.house.crew.client("sqs").purge_queue(QueueUrl=self.queue)
            fill(self.house, self.queue, self.poison)

    def cancel(self, parameters: Any) -> Any:
        assert parameters["TaskHandle"] == "handle-of-the-move"
        self.listed[-1] = {**self.listed[-1], "Status": "CANCELLED"}
        return {"ApproximateNumberOfMessagesMoved": 1}


@pytest.fixture
def dead(house: House) -> str:
    """The URL of a dead-letter queue with four messages."""
    return a_dead_letter_queue(house)


def a_dead_letter_queue(house: House, *, letters: int = 4, waiting: int = 0) -> str:
    """A dead-letter queue's URL; so many messages wait in the queue whose dead letters it takes."""
    sqs, name = house.crew.client("sqs"), f"orders-{next(_numbers)}"
    dead = str(sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    source = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    fill(house, dead, letters)
    fill(house, source, waiting)
    return dead


def fill(house: House, queue: str, messages: int) -> None:
    for number in range(messages):
        house.crew.client("sqs").send_message(QueueUrl=queue, MessageBody=f"order {number}")


def named(queue: str) -> str:
    return queue.rsplit("/", 1)[-1]


def start(house: House, queue: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, queue=named(queue), **{"within": "1m", "tried": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    dead = a_dead_letter_queue(house)
    Moves(house, dead)
    _, ended = start(house, dead)
    assert ended["outcome"] == "succeeded"
    stuck = a_dead_letter_queue(house)
    Moves(house, stuck, looks=1000)
    _, ended = start(house, stuck)
    assert ended["outcome"] == "failed"


def test_it_has_the_messages_moved_back_at_a_rate_and_proves_that_they_stay_away(house: House, dead: str) -> None:
    Moves(house, dead, poison=1)
    run, ended = start(house, dead, rate=5)
    assert ended["outcome"] == "succeeded"
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert sent["MaxNumberOfMessagesPerSecond"] == 5
    assert sent["SourceArn"].endswith(f":{named(dead)}")
    assert "DestinationArn" not in sent
    proved = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proved == ["fewer than half of 4 are dead letters again"]


def test_messages_that_come_back_are_poison_and_are_not_moved_again(house: House, dead: str) -> None:
    """Else they would go round for ever."""
    Moves(house, dead, poison=2)
    _, ended = start(house, dead)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["sqs:StartMessageMoveTask"]


def test_a_plan_changes_nothing_and_shows_how_the_rest_is_cancelled(house: House, dead: str) -> None:
    Moves(house, dead)
    planned = house.plan(NAME, queue=named(dead))
    assert planned.outcome == "planned"
    assert planned.ends is None
    (line,) = planned.changes
    assert [each["call"] for each in line["undo"] if each["verb"] == "change"] == ["sqs:CancelMessageMoveTask"]
    assert house.scripted.changes() == []


def test_an_empty_queue_is_left_alone(house: House) -> None:
    dead = a_dead_letter_queue(house, letters=0)
    Moves(house, dead)
    _, ended = start(house, dead)
    assert ended["outcome"] == "not_applicable"
    assert "there are messages in it" in ended["words"]


def test_a_queue_that_does_not_exist_is_not_applicable(house: House) -> None:
    _, ended = start(house, "nobody")
    assert ended["outcome"] == "not_applicable"


def test_a_queue_that_takes_nobodys_dead_letters_is_left_alone(house: House, dead: str) -> None:
    """It is the queue that is slow, and the alarm is the same metric."""
    house.scripted.script("sqs", "ListDeadLetterSourceQueues", lambda _: {"queueUrls": []})
    _, ended = start(house, dead)
    assert ended["outcome"] == "not_applicable"
    assert "another queue's dead-letter queue" in ended["words"]


def test_consumers_that_do_not_keep_up_get_no_more(house: House) -> None:
    """The messages would time out again, and come back."""
    dead = a_dead_letter_queue(house, waiting=3)
    Moves(house, dead)
    _, ended = start(house, dead, waiting=2)
    assert ended["outcome"] == "not_applicable"
    assert "keep up: 2 wait there at most" in ended["words"]
    assert house.scripted.changes() == []


def test_while_messages_are_moved_already_no_other_move_is_begun(house: House, dead: str) -> None:
    """SQS has one at a time for a queue."""
    Moves(house, dead).start({"SourceArn": "arn:aws:sqs:eu-west-1:123456789012:dead"})
    _, ended = start(house, dead)
    assert ended["outcome"] == "not_applicable"
    assert "no move is under way" in ended["words"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"rate": 0}, "from 1 to 500 a second"),
        ({"rate": 501}, "from 1 to 500 a second"),
        ({"rate": 1, "within": "4s"}, "4 messages can be moved in time, 1 a second"),
    ],
)
def test_a_rate_that_cannot_be_is_not_begun(house: House, dead: str, given: dict[str, Any], why: str) -> None:
    Moves(house, dead)
    _, ended = start(house, dead, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]


def test_a_move_that_does_not_end_in_time_is_cancelled(house: House, dead: str) -> None:
    """What it has moved by then stays moved."""
    Moves(house, dead, looks=1000)
    run, ended = start(house, dead)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["move its messages back, 10 a second"]
    assert house.scripted.changes() == ["sqs:StartMessageMoveTask", "sqs:CancelMessageMoveTask"]


def test_a_move_that_failed_is_over_and_says_why(house: House, dead: str) -> None:
    """There is nothing to cancel: a person is told."""
    Moves(house, dead, status="FAILED")
    run, ended = start(house, dead)
    assert ended["outcome"] == "failed"
    assert "CouldNotDetermineMessageSource" in ended["words"]
    assert "the move is under way" in house.closing(run)["not_undone"][0]["words"]


def test_the_same_queue_can_be_moved_a_second_time(house: House, dead: str) -> None:
    """The move before is told from the new one by when it began."""
    moves = Moves(house, dead)
    moves.start({"SourceArn": "arn:aws:sqs:eu-west-1:123456789012:dead"})
    moves.listed[-1]["Status"] = "COMPLETED"
    _, ended = start(house, dead)
    assert ended["outcome"] == "succeeded"
    assert len(moves.listed) == 2


def test_a_refused_change_leaves_nothing_to_undo(house: House, dead: str) -> None:
    Moves(house, dead)
    house.scripted.answer("sqs", "StartMessageMoveTask", Refusal("AWS.SimpleQueueService.UnsupportedOperation"))
    run, ended = start(house, dead)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, dead: str) -> None:
    moves = Moves(house, dead)

    def lost(parameters: Any) -> Any:
        moves.start(parameters)
        return Refusal("InternalError", status=500)

    house.scripted.script("sqs", "StartMessageMoveTask", lost)
    run, ended = start(house, dead)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["sqs:StartMessageMoveTask"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_a_queue_that_fills_finds_it_and_one_that_empties_does_not(house: House, dead: str, event: Event) -> None:
    Moves(house, dead)
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), dead))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    answer, _ = house.crew.event(alarm(house, event("low-direction"), dead))
    assert answer.kind == "left"


def alarm(house: House, sent: dict[str, Any], queue: str) -> dict[str, Any]:
    """The event as an alarm on the queue's messages sends it."""
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric |= {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "dimensions": {}}
    return house.alarmed(sent, {"QueueName": named(queue)})
