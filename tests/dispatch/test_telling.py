"""Telling the team under break-glass: over what there is, and knowing whether anybody was told."""

import json
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.dispatch.telling import TeamNews
from nightcrew.errors import Unreachable
from tests.dispatch.glass import nowhere

OPENED = {
    "run": "r-1",
    "runbook": "restart-ec2-instance",
    "resource": "arn",
    "actor": "ada",
    "at": "now",
    "reason": "the Region is down",
    "break_glass": "the Region is down",
}


@pytest.fixture
def heard(clients: ClientMaker) -> tuple[str, Any]:
    """A topic, and what somebody who listens to it has heard."""
    topic = clients("sns", READING).create_topic(Name="break-glass")["TopicArn"]
    sqs = clients("sqs", READING)
    url = sqs.create_queue(QueueName="break-glass-heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients("sns", READING).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def messages() -> list[str]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"])["Message"] for each in found]

    return topic, messages


def test_a_topic_hears_that_it_is_break_glass_and_why(clients: ClientMaker, heard: tuple[str, Any]) -> None:
    topic, messages = heard
    news = TeamNews(clients, topic=topic)
    news("opened", OPENED)
    assert (news.told, news.failed) == ([f"topic {topic}"], {})
    (message,) = messages()
    assert "BREAK-GLASS" in message
    assert "the Region is down" in message
    assert "ada" in message


def test_one_way_that_fails_does_not_stop_the_other(clients: ClientMaker, heard: tuple[str, Any]) -> None:
    """And both are known."""
    topic, messages = heard
    news = TeamNews(clients, topic=topic, bus="no-such-bus")
    with pytest.raises(Unreachable, match="no-such-bus"):
        news("opened", OPENED)
    assert news.told == [f"topic {topic}"]
    assert list(news.failed) == ["bus no-such-bus"]
    assert len(messages()) == 1


def test_a_region_that_is_down_tells_nobody() -> None:
    news = TeamNews(nowhere(), topic="arn:aws:sns:eu-west-1:123456789012:oncall")
    with pytest.raises(Unreachable):
        news("opened", OPENED)
    assert news.told == []
    assert "EndpointConnectionError" in news.failed["topic arn:aws:sns:eu-west-1:123456789012:oncall"]


def test_without_a_topic_and_a_bus_there_is_nobody_to_tell(clients: ClientMaker) -> None:
    news = TeamNews(clients)
    news("opened", OPENED)
    assert (news.ways, news.told, news.failed) == ([], [], {})
