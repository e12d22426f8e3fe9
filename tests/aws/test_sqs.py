"""SQS queues: answers in AWS's shapes, and what is read out of them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.sqs import QueueName, depth, messages, newest_move, sources, url

ARN = "arn:aws:sqs:eu-west-1:123456789012:orders-dead"
MARKER: Any = get_args(QueueName)[1]


def test_a_queues_arn_is_the_one_that_aws_gives_it() -> None:
    assert MARKER.arn("orders-dead", account="123456789012", region="eu-west-1") == ARN


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        (ARN, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dead"),
        (
            "arn:aws-cn:sqs:cn-north-1:123456789012:orders",
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders",
        ),
    ],
)
def test_its_tags_are_asked_by_its_url(arn: str, place: str) -> None:
    call = MARKER.lookup.call(arn)
    assert (call.action, call.reads, call.parameters) == (MARKER.lookup.action, True, {"QueueUrl": place})
    assert MARKER.lookup.read({"Tags": {"stage": "prod"}}).tags == {"stage": "prod"}
    assert MARKER.lookup.read({}).groups == ()


@pytest.mark.parametrize("name", ["orders", "Orders_2-dead", "x" * 80, "orders.fifo"])
def test_names_that_aws_allows_are_taken(name: str) -> None:
    assert re.fullmatch(MARKER.pattern, name)


@pytest.mark.parametrize("name", ["", "orders.dead", "a b", "orders-*", "x" * 81, "x" * 76 + ".fifo"])
def test_other_names_are_not(name: str) -> None:
    assert not re.fullmatch(MARKER.pattern, name)


def test_depth_comes_as_text_and_is_counted() -> None:
    assert depth(url({"QueueUrl": "https://queue"})).parameters["QueueUrl"] == "https://queue"
    found = {"QueueArn": ARN, "ApproximateNumberOfMessages": "12", "ApproximateNumberOfMessagesNotVisible": "3"}
    assert messages({"Attributes": found}) == {"arn": ARN, "waiting": 12, "in_flight": 3}


def test_a_queue_that_takes_nobodys_dead_letters_has_no_sources() -> None:
    assert sources({"queueUrls": ["https://b", "https://a"], "NextToken": "more"}) == {
        "urls": ["https://a", "https://b"],
        "more": "more",
    }
    assert sources({"queueUrls": []}) == {"urls": [], "more": None}


def test_of_several_moves_the_newest_counts() -> None:
    running = {"StartedTimestamp": 2, "Status": "RUNNING", "TaskHandle": "h", "ApproximateNumberOfMessagesMoved": 5}
    old = {"StartedTimestamp": 1, "Status": "FAILED", "FailureReason": "AccessDenied"}
    assert newest_move({"Results": [old, running]}) == {
        "started": 2,
        "status": "RUNNING",
        "completed": False,
        "moved": 5,
        "handle": "h",
        "why": "it did not fail",
    }
    assert newest_move({"Results": [old]})["why"] == "AccessDenied"


def test_where_nothing_was_moved_there_is_no_move() -> None:
    seen = newest_move({"Results": []})
    assert (seen["started"], seen["status"], seen["completed"]) == (None, None, False)
