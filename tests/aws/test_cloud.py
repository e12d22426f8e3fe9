"""The way out to AWS: how often what is sent, and what an answer means."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from nightcrew.aws.calls import Place, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.demo.embedded import clients_of
from nightcrew.demo.scripted import Refusal, Scripted

sqs = calls("sqs")


def test_a_change_whose_answer_is_lost_is_sent_once(cloud: None) -> None:
    """To repeat it is the run's business, which writes that down: botocore must not, as it does with reads."""
    sent: list[str] = []

    def lost(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise ReadTimeoutError(endpoint_url=request.url)

    def make(service: str, config: Config) -> Any:
        client = clients_of()(service, config)
        client.meta.events.register("before-send", lost)
        return client

    with pytest.raises(CallFailed) as failed:
        Cloud(make, ["sqs:CreateQueue"], "a-test").change(sqs.create_queue(QueueName="cloud-lost"))
    assert failed.value.kind == "lost"
    assert len(sent) == 1


@pytest.mark.parametrize(("code", "kind"), [("InsufficientInstanceCapacity", "refused"), ("InternalError", "lost")])
def test_no_room_is_an_answer_though_ec2_sends_it_as_a_server_error(scripted: Scripted, code: str, kind: str) -> None:
    """Nothing happened then; of any other server error nobody knows."""
    scripted.reset()
    scripted.answer("ec2", "StartInstances", Refusal(code, status=500))
    start = calls("ec2").start_instances(InstanceIds=["i-0abc1234def567890"])
    with pytest.raises(CallFailed) as failed:
        Cloud(scripted, ["ec2:StartInstances"], "a test").change(start)
    assert failed.value.kind == kind


NEAR, FAR = (Place(region, f"https://sqs.{region}.amazonaws.com") for region in ("eu-west-1", "us-east-1"))


def test_a_call_goes_to_the_place_that_it_names(scripted: Scripted) -> None:
    """To that Region, whichever the run's is."""
    scripted.reset()
    Cloud(scripted, ["sqs:CreateQueue"], "a test").change(sqs.create_queue(QueueName="far").at(Place("us-east-1")))
    assert [each.endpoint for each in scripted.sent] == ["https://sqs.us-east-1.amazonaws.com"]


@pytest.mark.parametrize("code", ["EndpointTemporarilyUnavailableException", "InternalError"])
def test_a_read_goes_on_to_the_next_place_and_begins_there_the_next_time(scripted: Scripted, code: str) -> None:
    scripted.reset()
    scripted.answer("sqs", "ListQueues", Refusal(code, status=503))
    cloud = Cloud(scripted, ["sqs:ListQueues"], "a test")
    for _ in range(2):
        cloud.read(sqs.list_queues().at(NEAR, FAR))
    assert [each.endpoint for each in scripted.sent] == [NEAR.endpoint, FAR.endpoint, FAR.endpoint]


def test_a_change_goes_on_only_where_nothing_can_have_happened(scripted: Scripted) -> None:
    """An answer that never came may be the answer to a change: to send it again is the run's business."""
    cloud, made = Cloud(scripted, ["sqs:CreateQueue"], "a test"), sqs.create_queue(QueueName="placed").at(NEAR, FAR)
    scripted.reset()
    scripted.answer("sqs", "CreateQueue", Refusal("EndpointTemporarilyUnavailableException", status=503))
    cloud.change(made)
    assert [each.endpoint for each in scripted.sent] == [NEAR.endpoint, FAR.endpoint]
    scripted.reset()
    scripted.answer("sqs", "CreateQueue", Refusal("InternalError", status=500))
    with pytest.raises(CallFailed) as failed:
        cloud.change(made)
    assert failed.value.kind == "lost"
    assert [each.endpoint for each in scripted.sent] == [FAR.endpoint]
    cloud.change(made)
    assert scripted.sent[-1].endpoint == NEAR.endpoint


def test_a_change_that_was_refused_at_one_place_is_not_tried_at_another(scripted: Scripted) -> None:
    scripted.reset()
    scripted.answer("sqs", "CreateQueue", Refusal("ConflictException", status=409))
    with pytest.raises(CallFailed):
        Cloud(scripted, ["sqs:CreateQueue"], "a test").change(sqs.create_queue(QueueName="no").at(NEAR, FAR))
    assert len(scripted.sent) == 1


def test_a_place_that_cannot_be_reached_has_not_got_the_change(cloud: None) -> None:
    """No request left: the next place gets it."""
    tried: list[str] = []

    def make(service: str, config: Config, place: Place) -> Any:
        client = clients_of()(service, config, place)

        def dead(request: Any, **_: Any) -> None:
            tried.append(place.region)
            if place is NEAR:
                raise EndpointConnectionError(endpoint_url=request.url)

        client.meta.events.register("before-send", dead)
        return client

    Cloud(make, ["sqs:CreateQueue"], "a test").change(sqs.create_queue(QueueName="reached").at(NEAR, FAR))
    assert tried == ["eu-west-1", "us-east-1"]
