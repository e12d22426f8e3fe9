"""Dead letters: alarms that could not be answered go back to their queue, runs that could not be started are started.

Nothing is lost on the way: a letter is deleted once what it asks for is done, or needs doing no more.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.clock import Clock
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import tail
from nightcrew.ledger.store import Store

RATE = 10
"""Alarms a second: slower than intake answers them."""

LOOKS = timedelta(seconds=2)
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Runs:
    """What became of the letters about runs: started once more, over by now, or nothing that can be read."""

    started: tuple[str, ...]
    over: tuple[str, ...]
    left: int


def waiting(sqs: Any, url: str) -> int:
    """About how many letters wait in a queue."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def send_back(sqs: Any, dead: str, queue: str, clock: Clock) -> str:
    """Have SQS move all letters of ``dead`` to ``queue``; the move's status at its end (``COMPLETED``).

    Raises Conflict where a move is under way already, Unreachable where it does not end in five minutes.
    """
    source, target = _arn(sqs, dead), _arn(sqs, queue)
    before = _newest(sqs, source)
    if before.get("Status") in _UNDER_WAY:
        raise Conflict("its letters are being moved already")
    sqs.start_message_move_task(SourceArn=source, DestinationArn=target, MaxNumberOfMessagesPerSecond=RATE)
    until = clock.now() + PATIENCE
    while clock.now() < until:
        move = _newest(sqs, source)
        if move.get("StartedTimestamp") != before.get("StartedTimestamp") and move["Status"] not in _UNDER_WAY:
            return str(move["Status"])
        clock.sleep(LOOKS.total_seconds())
    raise Unreachable("the move goes on, and nobody waits for it any more: look at the queue")


_UNDER_WAY = ("RUNNING", "CANCELLING")


def start_again(sqs: Any, dead: str, store: Store, start: Callable[[str], None]) -> Runs:
    """Start each run of which a letter tells, unless it is over. Lambda puts the executor's own event into a letter
    (AWS Lambda developer guide, "Adding a dead-letter queue"). Raises Unreachable.
    """
    started, over, left = [], [], 0
    for letter in _letters(sqs, dead):
        run = _run_of(letter)
        last = tail(store, run) if run is not None else None
        if run is None or last is None:
            left += 1
            continue
        if last.kind in ENDINGS:
            over.append(run)
        else:
            start(run)
            started.append(run)
        sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
    return Runs(tuple(started), tuple(over), left)


def _letters(sqs: Any, url: str) -> Iterator[Mapping[str, Any]]:
    """Each letter once: those that were read are out of sight for a while."""
    while True:
        # To wait a second asks all of SQS's servers; a short poll may find nothing where there is something.
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", ())
        yield from found
        if not found:
            return


def _run_of(letter: Mapping[str, Any]) -> str | None:
    try:
        body = json.loads(letter["Body"])
    except ValueError:
        return None
    run = body.get("run") if isinstance(body, dict) else None
    return run if isinstance(run, str) else None


def _newest(sqs: Any, source: str) -> dict[str, Any]:
    moves = sqs.list_message_move_tasks(SourceArn=source, MaxResults=1).get("Results", ())
    return dict(moves[0]) if moves else {}


def _arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
