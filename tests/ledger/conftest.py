"""Both tables in one in-process cloud, and a line to them on which a test can let things go wrong."""

import itertools
import json
from collections.abc import Callable, Iterator
from copy import copy
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.retries.standard import register_retry_handler
from moto import mock_aws
from moto.core.models import botocore_stubber

from nightcrew.clock import StoppedClock
from nightcrew.ledger.schema import create
from nightcrew.ledger.store import Store, Tables, client_config

REGION = "eu-central-1"
Answer = Callable[[Any], Any]
_numbers = itertools.count()


class Line:
    """The line to DynamoDB: remembers what is sent, and gives prepared answers before the cloud's own.

    botocore decides as ever what it sends again, but does not wait for it.
    """

    def __init__(self, client: Any, quiet: Any) -> None:
        self.client = client
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._quiet = quiet  # another client of the same cloud
        self._answers: list[Answer] = []
        events = client.meta.events
        events.unregister("before-send", botocore_stubber)  # or the cloud would get what it must not get
        events.register("before-send.dynamodb", self._answer)
        retries = register_retry_handler(client, max_attempts=4)
        events.unregister("needs-retry.dynamodb", unique_id="retry-config-dynamodb")
        events.register("needs-retry.dynamodb", lambda **asked: None if retries.needs_retry(**asked) is None else 0)

    def then(self, *answers: Answer, times: int = 1) -> None:
        """Give these answers to the next requests, then let the cloud answer."""
        self._answers += answers * times

    def operations(self) -> list[str]:
        """The operations sent so far, in order."""
        return [operation for operation, _ in self.sent]

    def refuse(self, code: str, *, status: int = 400, **members: Any) -> Answer:
        """DynamoDB's answer for an error."""
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "as the test wants it", **members}

        def answer(request: Any) -> AWSResponse:
            return AWSResponse(request.url, status, HTTPHeaders(), _Raw(json.dumps(body).encode()))

        return answer

    def cancel(self, *reasons: str | dict[str, Any]) -> Answer:
        """DynamoDB's answer for a cancelled transaction, with a reason for each item."""
        full = [{"Code": reason} if isinstance(reason, str) else reason for reason in reasons]
        return self.refuse("TransactionCanceledException", CancellationReasons=full)

    def lose_the_reply(self, request: Any) -> None:
        """The write happens, its reply never comes."""
        operation, members = _read(request)
        getattr(self._quiet, xform_name(operation))(**members)
        raise ReadTimeoutError(endpoint_url=request.url)

    def lose_the_request(self, request: Any) -> None:
        """No write, no reply."""
        raise ReadTimeoutError(endpoint_url=request.url)

    def cut(self, request: Any) -> None:
        """There is no way to the endpoint."""
        raise EndpointConnectionError(endpoint_url=request.url)

    def _answer(self, request: Any, **_: Any) -> Any:
        self.sent.append(_read(request))
        if self._answers:
            return self._answers.pop(0)(request)
        return botocore_stubber("before-send", request)


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _read(request: Any) -> tuple[str, dict[str, Any]]:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else target
    return text.partition(".")[2], json.loads(request.body)


def connect() -> Any:
    return boto3.client("dynamodb", region_name=REGION, config=client_config())


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Two tables of this module's own: another test of this process may keep its cloud up."""
    number = next(_numbers)
    return Tables(f"ledger-{number}", f"state-{number}")


@pytest.fixture(scope="module")
def client(tables: Tables) -> Iterator[Any]:
    """A client of a cloud in which both tables stand."""
    with mock_aws():
        client = connect()
        create(client, tables)
        yield client


@pytest.fixture(scope="module")
def far(client: Any) -> Any:
    """The client of all lines: to make one takes longer than most of these tests."""
    del client
    return connect()


@pytest.fixture
def line(client: Any, far: Any) -> Iterator[Line]:
    """A line of this test's own: what listens on it is gone with the test."""
    events = far.meta.events
    kept, events._emitter = events._emitter, copy(events._emitter)
    yield Line(far, client)
    events._emitter = kept


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


@pytest.fixture
def store(client: Any, tables: Tables, clock: StoppedClock) -> Store:
    return Store(client, tables, clock)


@pytest.fixture
def far_store(line: Line, tables: Tables, clock: StoppedClock) -> Store:
    """A store at the end of ``line``; it waits the longest time that jitter allows."""
    return Store(line.client, tables, clock, jitter=lambda most: most)


@pytest.fixture
def run() -> str:
    """The id of a run that nobody had before."""
    return f"20261121-030000-{next(_numbers):06}"
