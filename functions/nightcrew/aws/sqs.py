"""SQS queues: how they are named, and what their answers say of depth and of moves out of a dead-letter queue.

Sources: SQS API reference (GetQueueAttributes, ListMessageMoveTasks) and Service Authorization Reference, Amazon SQS.
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import Call, calls

_sqs = calls("sqs")


def url(answer: Any) -> str:
    """A GetQueueUrl answer's URL: most calls want it instead of the name."""
    return str(answer["QueueUrl"])


def depth(queue: str) -> Call:
    """Ask how many messages the queue with this URL has."""
    return _sqs.get_queue_attributes(
        QueueUrl=queue,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "QueueArn"],
    )


def messages(answer: Any) -> dict[str, Any]:
    """A GetQueueAttributes answer: ``{"arn", "waiting", "in_flight"}``; counts are approximate, some seconds old."""
    found = answer["Attributes"]
    return {
        "arn": found["QueueArn"],
        "waiting": int(found["ApproximateNumberOfMessages"]),
        "in_flight": int(found["ApproximateNumberOfMessagesNotVisible"]),
    }


def sources(answer: Any) -> dict[str, Any]:
    """A page of ListDeadLetterSourceQueues: ``{"urls", "more"}``: the queues whose dead letters a queue takes."""
    return {"urls": sorted(answer.get("queueUrls") or []), "more": answer.get("NextToken")}


def newest_move(answer: Any) -> dict[str, Any]:
    """The newest of a ListMessageMoveTasks answer: ``{"started", "status", "completed", "moved", "handle", "why"}``.

    ``started`` tells one from another; ``handle`` is there only while it is RUNNING. Status: RUNNING, COMPLETED,
    CANCELLING, CANCELLED, FAILED; ``why`` it failed, or "it did not fail". Where there was none, the others are None.
    """
    listed = answer.get("Results") or []
    found: dict[str, Any] = max(listed, key=lambda each: each["StartedTimestamp"], default={})
    return {
        "started": found.get("StartedTimestamp"),
        "status": found.get("Status"),
        "completed": found.get("Status") == "COMPLETED",
        "moved": found.get("ApproximateNumberOfMessagesMoved"),
        "handle": found.get("TaskHandle"),
        "why": found.get("FailureReason") or "it did not fail",
    }


def _tags(arn: str) -> Call:
    # The API wants a URL, and takes account and name from it; which host it names does not matter.
    _, partition, _, region, account, name = arn.split(":", 5)
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return _sqs.list_queue_tags(QueueUrl=f"https://sqs.{region}.{domain}/{account}/{name}")


def _surroundings(answer: Any) -> Surroundings:
    return Surroundings(tags={str(name): str(value) for name, value in (answer.get("Tags") or {}).items()})


QueueName = Annotated[
    str,
    ResourceName(
        "sqs",
        "{}",
        pattern=r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo",
        example="checkout-dead",
        lookup=Lookup("sqs:ListQueueTags", _tags, _surroundings, by_arn=True),
    ),
]
"""The name of an SQS queue."""
