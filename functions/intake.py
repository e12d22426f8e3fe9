"""Lambda: alarms come in, from EventBridge by way of SQS, in batches; each message succeeds or fails by itself."""

import json
import os
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.aws.clients import Clients
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.invoking import invoker
from nightcrew.engine.deployed import installation, required
from nightcrew.errors import BadEvent

logger = Logger(service="nightcrew-intake")


@lru_cache(maxsize=1)
def front_door() -> Dispatcher:
    """The dispatcher, made at the first message of this environment."""
    return Dispatcher(
        installation(os.environ, watch=_tell), invoker(Clients(), required(os.environ, "NIGHTCREW_EXECUTOR"))
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer each message. Those that should come again (a conflict, an unreachable table) are reported as failed."""
    del context
    failed = [{"itemIdentifier": record["messageId"]} for record in event["Records"] if not _answer(record)]
    return {"batchItemFailures": failed}


def _answer(record: dict[str, Any]) -> bool:
    """Whether the message is dealt with. What can never be read is done with as well: it is logged, not retried."""
    logger.append_keys(message=record["messageId"])
    try:
        answer = front_door().event(_body(record))
    except BadEvent as bad:
        logger.warning("not an alarm that can be read", extra={"problem": str(bad)})
        return True
    except Exception:
        # Whatever one message meets, the others of the batch are answered; this one comes again, and then to the dead
        # letters.
        logger.exception("to be tried again")
        return False
    logger.info(answer.kind, extra={"run": answer.run, "gate": answer.gate, "words": answer.words})
    return True


def _body(record: dict[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(record["body"])
    except ValueError as broken:
        raise BadEvent("body", record["body"], f"it must be an EventBridge event as JSON ({broken})") from broken
    if not isinstance(body, dict):
        raise BadEvent("body", body, "it must be an EventBridge event: a JSON object")
    return body


def _tell(kind: str, what: Any) -> None:
    logger.info(kind, extra={"what": dict(what)})
