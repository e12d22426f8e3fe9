"""Lambda, durable: carries out one admitted run. The payload is the run's id; everything else is in the ledger."""

import os
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.engine.deployed import installation
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import Installation

logger = Logger(service="nightcrew-executor")


@lru_cache(maxsize=1)
def house() -> Installation:
    """Tables, catalog and policy, made at the first invocation of this environment; nothing of a run is kept in it."""
    return installation(os.environ, watch=_tell)


handler = durable_handler(house)


def _tell(kind: str, what: Any) -> None:
    logger.info(kind, extra={"what": dict(what)})
