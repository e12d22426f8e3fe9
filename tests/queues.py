"""Runbooks of a test's own, on a queue: what every run promises, whatever it remedies."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from nightcrew import calls, runbook
from nightcrew.admission.request import lock_key
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.calls import Call
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.house import House

sqs = calls("sqs")
Queue = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders")]


def a_queue(house: House, name: str) -> str:
    """A queue in the embedded cloud; the name, which no other test may use."""
    house.crew.client("sqs").create_queue(QueueName=name)
    return name


def url(queue: str) -> str:
    """The queue's address."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}"


def lock_of(queue: str) -> dict[str, str]:
    """The key of its lock in the state table."""
    return {"key": lock_key(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")}


def settings(queue: str) -> Call:
    """A read of it."""
    return sqs.get_queue_attributes(QueueUrl=url(queue), AttributeNames=["VisibilityTimeout"])


def hide_for(queue: str, seconds: int) -> Call:
    """A change of it, to an absolute value: how long a message that was taken is hidden."""
    return sqs.set_queue_attributes(QueueUrl=url(queue), Attributes={"VisibilityTimeout": str(seconds)})


def hidden_for(house: House, queue: str) -> int:
    """What that value is in the cloud itself."""
    answer = house.crew.client("sqs").get_queue_attributes(QueueUrl=url(queue), AttributeNames=["VisibilityTimeout"])
    return int(answer["Attributes"]["VisibilityTimeout"])


def on_call(house: House, function: Callable[..., Any], **declared: Any) -> House:
    """The house with this function as its only runbook, on a clock that skips waits."""
    function.__doc__ = function.__doc__ or "A runbook of a test."
    permissions = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"]
    given = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1), "permissions": permissions}
    made: Runbook = runbook(**{**given, **declared})(function)
    policy = house.crew.installation.policy
    return House.build(house.crew.clients, house.scripted, Catalog([made]), policy, SkippingClock(), house.crew.store)
