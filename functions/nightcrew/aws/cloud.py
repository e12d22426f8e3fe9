"""The way out to AWS for one run: the first wall, and what came back as a value.

Reads go through a client that retries; changes through one that sends exactly one request, since a lost reply made
botocore send three (repeating a change is ``change``'s business, which writes it down).
"""

import re
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)
from botocore.exceptions import ConnectionError as NoConnection

from nightcrew.aws.calls import Call, Carried, Place, filled
from nightcrew.aws.held import Own
from nightcrew.aws.models import operation_model
from nightcrew.aws.plain import shown, without
from nightcrew.errors import Forbidden, NightcrewError

READING = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15)
IN_TURN = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=15)
"""For a read that may go to several places: the next place is its retry."""
CHANGING = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=60)

_THROTTLED = (
    "Throttl",
    "RequestLimitExceeded",
    "TooManyRequests",
    "SlowDown",
    "ProvisionedThroughputExceeded",
    "Bandwidth",
    "PriorRequestNotComplete",
    # Of an ARC cluster: "Try another cluster endpoint" (Routing Control API reference).
    "EndpointTemporarilyUnavailable",
)
_MISSING = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "ResourceNotFound", "InvalidDocument")
_SERVER_ERROR = 500
_NO_ROOM = re.compile(r"Insufficient\w*Capacity")
"""EC2 counts it among its server errors, yet it is an answer: nothing happened (EC2 API reference, "Error codes")."""

_UNSENT = frozenset(each.__name__ for each in (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError))
"""What botocore raises before a request has left: nothing happened."""

ClientMaker = Callable[..., Any]
"""From a service's name and a configuration to a boto3 client: where credentials, Region and endpoint come from. For a
call that names its places a third argument is the Place.
"""


class CallFailed(NightcrewError):
    """AWS refused a call, or did not answer.

    ``kind`` is "throttled" (nothing happened; later it may work), "missing" (no such resource), "lost" (no answer, or a
    server error: whether it took effect is unknown) or "refused" (AWS said no).
    """

    def __init__(self, call: Call, kind: str, code: str, message: str, request: str | None) -> None:
        super().__init__(f"{call}: {code}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.request = request

    def to_dict(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        return {"code": self.code, "message": self.message[:500], "request": self.request, "kind": self.kind}


@dataclass(frozen=True)
class Reply:
    """What AWS answered: plain values, what the model marks sensitive redacted, since checkpoints and ledger keep
    them.
    """

    value: dict[str, Any]
    request: str | None


class Cloud:
    """Sends the calls of one run, and refuses each that its runbook did not declare, before it leaves the process."""

    def __init__(self, clients: ClientMaker, permissions: Collection[str], runbook: str) -> None:
        self._make = clients
        self._clients: dict[tuple[str, Config, Place | None], Any] = {}
        self._shy: list[Place] = []
        """Places that did not answer, the last one last: they are asked after all others."""
        self._permissions = frozenset(permissions)
        self._runbook = runbook
        self._own = Own()

    def held_to(self, own: Own) -> "Cloud":
        """The same way out, with these actions held to the run's own resource."""
        made = copy(self)
        made._own = own  # noqa: SLF001  its own kind
        return made

    def allow(self, call: Call, *, reading: bool) -> None:
        """Raise Forbidden unless the runbook declared the call and it does what the verb is for."""
        if call.action not in self._permissions:
            raise Forbidden(
                f"{self._runbook} did not declare {call.action}: add it to permissions=, or do without the call"
            )
        if reading and not call.reads:
            raise Forbidden(f"{call} changes something: only run.change may send it")
        if not reading and call.reads:
            raise Forbidden(f"{call} only reads: use run.read, run.wait_until or run.prove")
        if not self._own.holds(call.operation, call.action, call.parameters):
            raise Forbidden(
                f"{call} does not name the run's resource, to which its session is held: where {self._runbook} changes"
                f' others of the same kind too, declare elsewhere=["{call.action}"]'
            )

    def read(self, call: Call) -> Reply:
        """Send a read. Raises Forbidden, CallFailed."""
        self.allow(call, reading=True)
        return self._send(call)

    def change(self, call: Call) -> Reply:
        """Send a change, once. Raises Forbidden, CallFailed."""
        self.allow(call, reading=False)
        return self._send(call)

    def _send(self, call: Call) -> Reply:
        """Send it to its place, or to each of its places in turn, until one answers.

        A change goes on to the next place only where nothing can have happened at this one.
        """
        turn = sorted(call.places, key=lambda place: self._shy.index(place) if place in self._shy else -1)
        for place in turn:
            try:
                return self._ask(call, place)
            except CallFailed as failed:
                if failed.kind in {"throttled", "lost"}:
                    self._shy = [*(each for each in self._shy if each != place), place]
                unsent = failed.kind == "throttled" or failed.code in _UNSENT
                goes_on = unsent or (call.reads and failed.kind == "lost")
                if place == turn[-1] or not goes_on:
                    raise
        return self._ask(call, None)

    def _client(self, call: Call, place: Place | None) -> Any:
        config = CHANGING if not call.reads else IN_TURN if len(call.places) > 1 else READING
        key = (call.service, config, place)
        if key not in self._clients:
            self._clients[key] = self._make(*key) if place else self._make(call.service, config)
        return self._clients[key]

    def _ask(self, call: Call, place: Place | None) -> Reply:
        carried: list[Any] = []
        try:
            answer = self._answer(call, place, carried)
        except CallFailed as failed:
            if not carried:
                raise
            # AWS, and botocore, may say a value back. Nothing that they said hangs on to it, for a log to show.
            message = str(without(failed.message, carried))
            raise CallFailed(call, failed.kind, failed.code, message, failed.request) from None
        shape = operation_model(call.service, call.operation).output_shape
        value = without(shown(answer, shape), carried)
        return Reply(value, answer.get("ResponseMetadata", {}).get("RequestId"))

    def _answer(self, call: Call, place: Place | None, carried: list[Any]) -> Mapping[str, Any]:
        """As AWS gave it: with what may not be kept. ``carried`` gets what was read for the call."""

        def fill(value: Carried) -> Any:
            carried.append(self._carried(call, value))
            return carried[-1]

        parameters = filled(call.parameters, fill)
        client = self._client(call, place)
        try:
            answer: Mapping[str, Any] = client._make_api_call(call.operation, parameters)  # noqa: SLF001  a call is data here
        except ClientError as error:
            raise _failure(call, error.response) from error
        except (NoConnection, HTTPClientError) as error:
            raise CallFailed(call, "lost", type(error).__name__, str(error), None) from error
        except BotoCoreError as error:
            raise CallFailed(call, "refused", type(error).__name__, str(error), None) from error
        return answer

    def _carried(self, call: Call, value: Carried) -> Any:
        """What a call carries, read now. Where that fails the call has not left: nothing happened."""
        self.allow(value.source, reading=True)
        try:
            answer = self._answer(value.source, None, [])
        except CallFailed as failed:
            kind = "throttled" if failed.kind == "lost" else failed.kind
            raise CallFailed(call, kind, failed.code, f"{value.source}: {failed.message}", failed.request) from failed
        try:
            return value.take(answer)
        except (LookupError, TypeError, ValueError) as odd:
            # Which it is, and not what it says: it may hold what was read.
            words = f"{value.source}: its answer has not what the call would carry"
            raise CallFailed(call, "refused", type(odd).__name__, words, None) from None


def _failure(call: Call, response: Mapping[str, Any]) -> CallFailed:
    error = response.get("Error", {})
    code = str(error.get("Code", "Unknown"))
    metadata = response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0) or 0)
    if any(word in code for word in _THROTTLED):
        kind = "throttled"
    elif status >= _SERVER_ERROR and not _NO_ROOM.match(code):
        kind = "lost"
    elif any(word in code for word in _MISSING):
        kind = "missing"
    else:
        kind = "refused"
    return CallFailed(call, kind, code, str(error.get("Message", "")), metadata.get("RequestId"))
