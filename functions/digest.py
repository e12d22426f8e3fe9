"""Lambda: each night, derives from the ledger what is kept of a day, anchors it, and once a week sends the digest."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.aws.clients import Clients
from nightcrew.dispatch.daily import Job, daily
from nightcrew.dispatch.day_door import day_door
from nightcrew.engine.deployed import metered
from nightcrew.engine.metrics import DAY_FAILED
from nightcrew.errors import Unreachable

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

RESERVE = 300_000
"""Milliseconds: a day that is begun with less left could take the time of roots and digest."""

TOLD = {"policy refused", "news failed", "not done", "not counted"}
"""Of what happens inside, what goes into the log."""

logger = Logger(service="nightcrew-digest")


def digesting(work: Callable[[], Job]) -> Handler:
    """A handler that does the day's job once, and tells in one line what it did. A part that failed is an error of the
    function, once all others are done: Lambda tries it again, and an alarm tells people.
    """

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        del event
        made = work()
        done = daily(made, lambda: context.get_remaining_time_in_millis() >= RESERVE)
        made.installation.measure(DAY_FAILED, len(done.failed))
        told = done.to_dict()
        logger.info("done", extra=told)
        if done.failed:
            raise Unreachable("; ".join(f"{part}: {words}" for part, words in done.failed.items()))
        return told

    return handle


@lru_cache(maxsize=1)
def deployed() -> Callable[[], Job]:
    """The stack's own, made at the first job of this environment."""
    return day_door(os.environ, _overheard, Clients(), metered(os.environ))


def _job() -> Job:
    """With the policy of the moment."""
    return deployed()()


handler = digesting(_job)


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))
