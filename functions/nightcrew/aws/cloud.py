"""The way out to AWS for one run: the first wall, and what came back as a value.

Reads go through a client that retries; changes through one that sends exactly one request, since a lost reply made
botocore send three (repeating a change is ``change``'s business, which writes it down).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from nightcrew.aws.calls import Call
from nightcrew.aws.models import operation_model
from nightcrew.aws.plain import shown
from nightcrew.errors import Forbidden, NightcrewError

READING = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15)
CHANGING = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=60)

_THROTTLED = (
    "Throttl",
    "RequestLimitExceeded",
    "TooManyRequests",
    "SlowDown",
    "ProvisionedThroughputExceeded",
    "Bandwidth",
)
_MISSING = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "ResourceNotFound")
_SERVER_ERROR = 500

ClientMaker = Callable[[str, Config], Any]
"""From a service's name and a configuration to a boto3 client: where credentials, Region and endpoint come from."""


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
        self._clients: dict[tuple[str, bool], Any] = {}
        self._permissions = frozenset(permissions)
        self._runbook = runbook

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

    def read(self, call: Call) -> Reply:
        """Send a read. Raises Forbidden, CallFailed."""
        self.allow(call, reading=True)
        return self._send(call)

    def change(self, call: Call) -> Reply:
        """Send a change, once. Raises Forbidden, CallFailed."""
        self.allow(call, reading=False)
        return self._send(call)

    def _send(self, call: Call) -> Reply:
        client = self._clients.get((call.service, call.reads))
        if client is None:
            client = self._make(call.service, READING if call.reads else CHANGING)
            self._clients[call.service, call.reads] = client
        try:
            answer = client._make_api_call(call.operation, dict(call.parameters))  # noqa: SLF001  a call is data here
        except ClientError as error:
            raise _failure(call, error.response) from error
        except (NoConnection, HTTPClientError) as error:
            raise CallFailed(call, "lost", type(error).__name__, str(error), None) from error
        except BotoCoreError as error:
            raise CallFailed(call, "refused", type(error).__name__, str(error), None) from error
        shape = operation_model(call.service, call.operation).output_shape
        return Reply(shown(answer, shape), answer.get("ResponseMetadata", {}).get("RequestId"))


def _failure(call: Call, response: Mapping[str, Any]) -> CallFailed:
    error = response.get("Error", {})
    code = str(error.get("Code", "Unknown"))
    metadata = response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0) or 0)
    if any(word in code for word in _THROTTLED):
        kind = "throttled"
    elif status >= _SERVER_ERROR:
        kind = "lost"
    elif any(word in code for word in _MISSING):
        kind = "missing"
    else:
        kind = "refused"
    return CallFailed(call, kind, code, str(error.get("Message", "")), metadata.get("RequestId"))
