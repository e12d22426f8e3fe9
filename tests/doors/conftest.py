"""The doors as Lambda would call them: a context, the environment that the template sets, a log to read."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aws_lambda_powertools import Logger

import api
import chat
import digest
import executor
import intake
import sweep
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.ledger.store import Tables

ALIAS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nightcrew-executor:live"
REMEDIATORS = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-remediator-{{family}}-{REGION}"

DEPLOYED = (intake.deployed, executor.deployed, sweep.deployed, digest.deployed, api.deployed, chat.deployed)
"""What a door keeps for as long as its environment lives."""

Lines = Callable[[], list[dict[str, Any]]]


@dataclass
class Context:
    """What Lambda says about an invocation. ``left``: milliseconds, as they are asked for, one after the other."""

    left: list[int]
    function_name: str = "intake"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:intake"
    aws_request_id: str = "0c7f4b52-request"

    def get_remaining_time_in_millis(self) -> int:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@pytest.fixture
def context() -> Context:
    """An invocation with all its time left."""
    return Context([30_000])


@pytest.fixture
def environment(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A fresh environment of all functions, as the template sets it up."""
    del cloud
    tables = Tables()
    monkeypatch.setenv("NIGHTCREW_LEDGER", tables.ledger)
    monkeypatch.setenv("NIGHTCREW_STATE", tables.state)
    monkeypatch.setenv("NIGHTCREW_EXECUTOR", ALIAS)
    monkeypatch.setenv("NIGHTCREW_REMEDIATORS", REMEDIATORS)
    for made in DEPLOYED:
        made.cache_clear()
    yield monkeypatch
    for made in DEPLOYED:
        made.cache_clear()


@pytest.fixture
def intake_log() -> Iterator[Lines]:
    """What intake has logged so far, line by line."""
    with _listening(intake.logger) as lines:
        yield lines


@pytest.fixture
def executor_log() -> Iterator[Lines]:
    """What the executor has logged so far, line by line."""
    with _listening(executor.logger) as lines:
        yield lines


@pytest.fixture
def sweep_log() -> Iterator[Lines]:
    """What the sweeper has logged so far, line by line."""
    with _listening(sweep.logger) as lines:
        yield lines


@pytest.fixture
def digest_log() -> Iterator[Lines]:
    """What the day's job has logged so far, line by line."""
    with _listening(digest.logger) as lines:
        yield lines


@pytest.fixture
def api_log() -> Iterator[Lines]:
    """What the API has logged so far, line by line."""
    with _listening(api.logger) as lines:
        yield lines


@pytest.fixture
def chat_log() -> Iterator[Lines]:
    """What the function behind buttons has logged so far, line by line."""
    with _listening(chat.logger) as lines:
        yield lines


@contextmanager
def _listening(logger: Logger) -> Iterator[Lines]:
    """A second handler, with the logger's own formatter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    try:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    finally:
        logging.getLogger(logger.name).removeHandler(handler)
