"""Lambda: buttons that were pressed in a chat channel come in, by way of SQS, which knows who sent each."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.aws.clients import Clients
from nightcrew.chat.doorway import Doorway, doorway
from nightcrew.chat.members import NotFromTheChannel
from nightcrew.errors import BadInput, Conflict, Unreachable

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

TRIES = 3
"""Then the member is told to press again: a decision that comes an hour later helps nobody."""

TOLD = {"news failed", "answer not delivered", "runbook not loaded"}
"""Of what happens inside, what goes into the log."""

logger = Logger(service="nightcrew-chat")


def deciding(door: Callable[[], Doorway]) -> Handler:
    """A handler that answers each message, and reports those that should come again as failed."""

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        del context
        failed = []
        for record in event["Records"]:
            with logger.append_context_keys(message_id=record["messageId"]):
                if not _answered(record, door):
                    failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    return handle


@lru_cache(maxsize=1)
def deployed() -> Doorway:
    """The stack's own, made at the first message of this environment."""
    made = doorway(os.environ, _overheard, Clients())
    for text in made.vouched.unclear:
        logger.warning("names nobody", extra={"text": text})
    return made


def _door() -> Doorway:
    return deployed()


handler = deciding(_door)


def _answered(record: Mapping[str, Any], door: Callable[[], Doorway]) -> bool:
    """Whether the message is dealt with. What can never be believed or read is done with as well, and is logged."""
    attributes = record["attributes"]
    sender, text = str(attributes.get("SenderId", "")), str(record["body"])
    try:
        done = door().message(sender, text)
        told = {"run": done.run, "actor": done.actor, "sender": sender, "words": done.words}
        logger.info("decided" if done.done else "not decided", extra=told)
    except (NotFromTheChannel, BadInput) as bad:
        logger.warning("not a button", extra={"sender": sender, "problem": str(bad)})
    except (Conflict, Unreachable) as passing:
        logger.warning("not decided yet", extra={"problem": str(passing)})
        return _given_up(attributes, lambda: door().given_up(sender, text))
    except Exception:
        # Whatever one message meets, the others are answered.
        logger.exception("not decided yet")
        return _given_up(attributes, lambda: door().given_up(sender, text))
    return True


def _given_up(attributes: Mapping[str, Any], say: Callable[[], object]) -> bool:
    """Whether it was tried often enough: then it is said, and the message is done with."""
    if int(attributes.get("ApproximateReceiveCount", 1)) < TRIES:
        return False
    try:
        say()
    except Exception:
        logger.exception("given up, and not said")
    return True


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))
