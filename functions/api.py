"""Lambda: people and programs ask over HTTP, by way of API Gateway, which knows who they are by IAM; and browsers ask
for pages, where the stack names an issuer who knows that.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from nightcrew.api.answering import Answering, sent
from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import People, Person
from nightcrew.api.problem import problem_of
from nightcrew.aws.clients import Clients
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import metered, required
from nightcrew.engine.ways import account_of
from nightcrew.errors import Unknown

if TYPE_CHECKING:
    from nightcrew.console.session import SignIn  # with all pages, at the first request for one

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

TOLD = {"policy refused", "news failed", "not counted", "answer not delivered"}
"""Of what happens inside, what goes into the log."""

logger = Logger(service="nightcrew-api")


def serving(
    front_door: Callable[[], Dispatcher],
    people: People,
    home: Home,
    files: Path,
    sign_in: "Callable[[], SignIn] | None" = None,
) -> Handler:
    """A handler that answers each request at this door. The log has who asked what and the status, and no value.

    Its path says whether a request is for a page. A session opens pages and nothing else, and an identity of IAM opens
    no page; without ``sign_in`` there are none.
    """

    def desk_for(person: Person) -> Desk:
        return Desk(front_door(), person, home, files)

    def slip(error: Exception) -> None:
        logger.error("not answered", exc_info=error)

    def answered(actor: str, call: str, status: int) -> None:
        logger.info("answered", extra={"actor": actor, "call": call, "status": status})

    answer = Answering(desk_for, lambda: people, slip, answered)

    @cache
    def pages() -> Handler:
        """Imported at the first request for one: who only calls waits for no template."""
        if sign_in is None:
            return _no_pages
        from nightcrew.console.console import Console

        return Console(desk_for, sign_in(), front_door().installation.clock.now, slip, answered)

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return pages()(event, context) if _for_a_page(event) else answer(event, context)

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
    files = Path(tempfile.gettempdir())
    return serving(door, people, home, files, _sign_in(door) if os.environ.get("NIGHTCREW_CONSOLE_ISSUER") else None)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What API Gateway calls."""
    return deployed()(event, context)


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))


def _sign_in(door: Callable[[], Dispatcher]) -> "Callable[[], SignIn]":
    def made() -> "SignIn":
        from nightcrew.console.oidc.deployed import sign_in

        installation = door().installation
        return sign_in(os.environ, installation.store, installation.clock, told_of_sign_ins)

    return made


def told_of_sign_ins(what: str, about: str) -> None:
    """Who was signed in and out, and why somebody was not: neither code nor token."""
    log = logger.warning if what == "not signed in" else logger.info
    log(what, extra={"about": about})


def _for_a_page(event: Mapping[str, Any]) -> bool:
    """Whether its path is one of the console's, with or without the stage in front."""
    stage = (event.get("requestContext") or {}).get("stage") or "$default"
    path = str(event.get("rawPath") or "").removeprefix("" if stage == "$default" else f"/{stage}")
    return path in {"/", "/console"} or path.startswith("/console/")


def _no_pages(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    del event, context
    return sent(problem_of(Unknown("there is no console: the stack's parameter ConsoleIssuer is empty")))
