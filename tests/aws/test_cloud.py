"""The way out to AWS: how often what is sent."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.demo.embedded import clients_of

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
