"""Lambda: people and programs ask over HTTP, by way of API Gateway, which knows who they are."""

import os
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.api.answering import Answering
from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import People, Person
from nightcrew.aws.clients import Clients
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import metered, required
from nightcrew.engine.ways import account_of

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

TOLD = {"policy refused", "news failed", "not counted", "answer not delivered"}
"""Of what happens inside, what goes into the log."""

logger = Logger(service="nightcrew-api")


def serving(front_door: Callable[[], Dispatcher], people: People, home: Home, files: Path) -> Handler:
    """A handler that answers each request at this door. The log has who asked what and the status, and no value."""

    def desk_for(person: Person) -> Desk:
        return Desk(front_door(), person, home, files)

    def slip(error: Exception) -> None:
        logger.error("not answered", exc_info=error)

    def answered(actor: str, call: str, status: int) -> None:
        logger.info("answered", extra={"actor": actor, "call": call, "status": status})

    answer = Answering(desk_for, lambda: people, slip, answered)

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return answer(event, context)

    return handle


@lru_cache(maxsize=1)
def deployed() -> Handler:
    """The stack's own, made at the first request of this environment."""
    people = People.of(os.environ)
    for text in people.unclear:
        logger.warning("names nobody", extra={"pattern": text})
    door = front_door(os.environ, _overheard, Clients(), metered(os.environ))
    executor = required(os.environ, "NIGHTCREW_EXECUTOR")
    home = Home(account_of(executor), executor.split(":")[3])
    return serving(door, people, home, Path(tempfile.gettempdir()))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What API Gateway calls."""
    return deployed()(event, context)


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))
