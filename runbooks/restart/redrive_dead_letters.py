"""Move the messages of a dead-letter queue back to where they came from, slowly, once their consumers work again."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.sqs import QueueName, depth, messages, newest_move, sources, url

sqs = calls("sqs")

MOST_SOURCES = 20
"""So many source queues are asked how they are: each is a read of its own."""
FASTEST = 500
"""Messages a second, and no more (SQS API reference, StartMessageMoveTask)."""


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=6),
    triggers=[Alarm("AWS/SQS", "ApproximateNumberOfMessagesVisible", direction="high", queue="QueueName")],
    permissions=[
        "sqs:CancelMessageMoveTask",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ListQueueTags",
        "sqs:StartMessageMoveTask",
    ],
)
def redrive_dead_letters(
    run: Run,
    queue: QueueName,
    rate: int = 10,
    waiting: int = 100,
    tried: timedelta = timedelta(minutes=15),
    within: timedelta = timedelta(hours=2),
) -> str:
    """Has SQS move every message of the dead-letter queue `queue` back to its source queue, `rate` of them a second.

    Do it once the cause is mended: a message that still fails comes back after as many tries as its queue gives it.
    So a source queue must have consumers that keep up: none may have more than `waiting` messages that wait. A queue
    that is no other queue's dead-letter queue, or from which messages are being moved already, is left alone.

    Moved messages are new ones: with a new id, a new age, and behind what came since; consumers must bear to see one
    twice. What was moved cannot be taken back: the undo cancels the rest. After the last one the consumers get `tried`
    to have a go at them; if then half or more came back, they are poison, and nothing more is moved. Nightcrew's role
    moves between tagged queues only: tag the source queues as well.
    """
    run.require(f"the rate is from 1 to {FASTEST} a second", 1 <= rate <= FASTEST)
    place = run.read("find the queue", sqs.get_queue_url(QueueName=queue), pick=url)
    before = run.read("count its messages", depth(place), pick=messages)
    run.require("there are messages in it", before["waiting"] > 0)
    at_rate = timedelta(seconds=before["waiting"] // rate)
    run.require(f"{before['waiting']} messages can be moved in time, {rate} a second", at_rate < within)
    page = run.read(
        "ask whose dead letters it takes",
        sqs.list_dead_letter_source_queues(QueueUrl=place, MaxResults=MOST_SOURCES),
        pick=sources,
    )
    run.require("it is another queue's dead-letter queue", page["urls"])
    run.require(f"it takes those of {MOST_SOURCES} queues at most", not page["more"])
    for source in page["urls"]:
        name = source.rsplit("/", 1)[-1]
        seen = run.read(f"count the messages of {name}", depth(source), pick=messages)
        run.require(f"the consumers of {name} keep up: {waiting} wait there at most", seen["waiting"] <= waiting)
    moves = sqs.list_message_move_tasks(SourceArn=before["arn"])
    former = run.read("look for a move", moves, pick=newest_move)
    run.require("no move is under way", former["status"] not in {"RUNNING", "CANCELLING"})

    def is_ours(seen: Any) -> bool:
        return bool(seen["started"] and seen["started"] != former["started"])

    def cancel_the_rest() -> None:
        ours = run.wait_until(
            "the move is under way",
            moves,
            lambda seen: is_ours(seen) and seen["handle"],
            within=timedelta(minutes=1),
            pick=newest_move,
        )
        run.change(
            "cancel the move",
            sqs.cancel_message_move_task(TaskHandle=ours["handle"]),
            took_effect=(moves, lambda answer: newest_move(answer)["status"] != "RUNNING"),
        )
        run.wait_until(
            "nothing is moved any more",
            moves,
            lambda seen: seen["status"] not in {"RUNNING", "CANCELLING"},
            within=timedelta(minutes=5),
            pick=newest_move,
        )

    run.change(
        f"move its messages back, {rate} a second",
        sqs.start_message_move_task(SourceArn=before["arn"], MaxNumberOfMessagesPerSecond=rate),
        undo=cancel_the_rest,
        took_effect=(moves, lambda answer: is_ours(newest_move(answer))),
        pick=lambda _: {},
    )
    ended = run.wait_until(
        "the move has ended",
        moves,
        lambda seen: is_ours(seen) and seen["status"] not in {"RUNNING", "CANCELLING"},
        within=within,
        pick=newest_move,
    )
    run.require(f"it moved all that it found ({ended['why']})", ended["completed"])
    run.wait("let the consumers have a go at them", tried)
    run.prove(
        f"fewer than half of {before['waiting']} are dead letters again",
        depth(place),
        lambda seen: seen["waiting"] * 2 < before["waiting"],
        within=timedelta(minutes=2),
        pick=messages,
    )
    return f"{before['waiting']} messages went from {queue} back to where they came from"
