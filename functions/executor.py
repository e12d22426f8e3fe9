"""Lambda, durable: carries out one admitted run. The payload is the run's id; everything else is in the ledger."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.engine.callbacks import OwnCallbacks
from nightcrew.engine.deployed import house, metered
from nightcrew.engine.emulated import durable_or_on_a_journal
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import Installation
from nightcrew.knowledge.recall.brief import brief

LOGGED = (
    *("run", "runbook", "resource", "outcome", "words"),
    *("title", "call", "undoing", "again", "within", "kind", "parameter", "policy"),
    *("read", "require", "held", "changed", "how", "tries", "request", "waited", "proved", "met", "error"),
)
"""What of a happening goes into the log. What was sent and what came back stands in the ledger, redacted; a log is read
by more people, and keeps what it got."""

logger = Logger(service="nightcrew-executor")


@lru_cache(maxsize=1)
def deployed() -> Callable[[], Installation]:
    """Tables, catalog and clients, made at the first invocation of this environment; nothing of a run is kept."""
    return house(os.environ, watch=_tell, meter=metered(os.environ), recalls=brief)


def installation() -> Installation:
    """As it is for this invocation: the policy of the moment, and answers to its own runs that fail none of them."""
    current = deployed()()
    return replace(current, answer=OwnCallbacks(current.answer, _tell))


@contextmanager
def _about(run: str) -> Iterator[None]:
    """Each line of an invocation names its run, and so does the one that says why it could not be carried out."""
    with logger.append_context_keys(run=run):
        try:
            yield
        except Exception:
            logger.exception("not carried out")
            raise


handler = durable_or_on_a_journal(durable_handler(installation, _about), os.environ)


def _tell(kind: str, what: Mapping[str, Any]) -> None:
    logger.info(kind, extra={name: what[name] for name in LOGGED if name in what})
