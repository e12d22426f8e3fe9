"""Lambda: alarms and other events come in, from EventBridge by way of SQS, in batches; each message succeeds or fails
by itself.

The loop is written out: Powertools' batch utility would cost a tenth of a cold start, and says no more.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.aws.clients import Clients
from nightcrew.clock import since_epoch
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import metered
from nightcrew.engine.metrics import QUEUE_AGE
from nightcrew.errors import BadEvent, Conflict, Unreachable
from nightcrew.signals import signal_from

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

RESERVE = 20_000
"""Milliseconds: what one message takes at worst, its table out of reach. A message that is begun with less left could
take the whole batch with it, and those that were answered already would count towards the dead letters."""

logger = Logger(service="nightcrew-intake")


def answering(front_door: Callable[[], Dispatcher]) -> Handler:
    """A handler that answers each message at this door, and reports those that should come again as failed."""

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failed = []
        for record in event["Records"]:
            received = record.get("attributes", {}).get("ApproximateReceiveCount")
            # Each key that a message may get is named here, since the end of the block takes exactly these away.
            with logger.append_context_keys(
                message_id=record["messageId"], received=received, alarm=None, state=None, event_id=None, run=None
            ):
                if not _answered(record, front_door, context):
                    failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    return handle


TOLD = {"policy refused", "news failed", "not counted", "not suggested"}
"""Of what happens inside, what no line of a message says."""


@lru_cache(maxsize=1)
def deployed() -> Callable[[], Dispatcher]:
    """The stack's own door, made at the first message of this environment. No parameter of a run is logged here."""
    return front_door(os.environ, _overheard, Clients(), metered(os.environ))


def _door() -> Dispatcher:
    """With the policy of the moment."""
    return deployed()()


handler = answering(_door)


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if what.get("run"):
        # From here on each line of this message names it: one that says that it could not be started, for instance.
        logger.append_keys(run=what["run"])
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))


def _answered(record: Mapping[str, Any], front_door: Callable[[], Dispatcher], context: Any) -> bool:
    """Whether the message is dealt with. What can never be read is done with as well: it is logged, not retried."""
    left = context.get_remaining_time_in_millis()
    if left < RESERVE:
        logger.warning("to be tried again", extra={"problem": f"{left} ms are left, and it may take {RESERVE}"})
        return False
    try:
        signal = signal_from(_body(record))
        logger.append_keys(alarm=signal.alarm, state=signal.state, event_id=signal.event)
        door = front_door()
        _measure(record, door)
        _tell(door.signal(signal))
    except BadEvent as bad:
        logger.warning("not an event that can be read", extra={"problem": str(bad)})
    except (Conflict, Unreachable) as passing:
        logger.warning("to be tried again", extra={"problem": str(passing), "kind": type(passing).__name__})
        return False
    except Exception:
        # Whatever one message meets, the others of the batch are answered; this one comes again, and then to the dead
        # letters.
        logger.exception("to be tried again")
        return False
    return True


def _measure(record: Mapping[str, Any], door: Dispatcher) -> None:
    """How long it lay in the queue, in seconds; one that comes again has lain there since it was sent."""
    sent = record.get("attributes", {}).get("SentTimestamp")
    if sent is None:
        return
    age = (door.installation.clock.now() - since_epoch(int(sent))).total_seconds()
    door.installation.measure(QUEUE_AGE, max(age, 0.0))


def _body(record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(record["body"])
    except ValueError as broken:
        raise BadEvent("body", record["body"], f"it must be an EventBridge event as JSON ({broken})") from broken
    if not isinstance(body, dict):
        raise BadEvent("body", body, "it must be an EventBridge event: a JSON object")
    return body


def _tell(answer: Answer) -> None:
    """One line for each message."""
    logger.info(answer.kind, extra={**answer.facts(), "words": answer.words})
