"""The log of every request that leaves for AWS, of whatever client, beneath whatever made it.

It hangs in botocore's own list of handlers, where moto hangs its answers, and before those; so clients that are made
while it is kept are in it: the ledger's, the runbook's, those of an assumed role.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from botocore import handlers
from botocore.awsrequest import AWSResponse


@dataclass
class Request:
    """One request as it left, and what came back."""

    service: str
    operation: str
    body: bytes
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""

    @property
    def name(self) -> str:
        """Like ``ec2:StopInstances``."""
        return f"{self.service}:{self.operation}"

    def json(self) -> dict[str, Any]:
        """The body, of a service that speaks JSON."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Log:
    """The requests so far, oldest first. ``before`` and ``after`` are called around each."""

    requests: list[Request] = field(default_factory=list)
    before: list[Callable[[Request], None]] = field(default_factory=list)
    after: list[Callable[[Request], None]] = field(default_factory=list)

    def of(self, *services: str) -> list[Request]:
        """Those of these services."""
        return [request for request in self.requests if request.service in services]


@contextmanager
def logged(answers: Mapping[str, AWSResponse] | None = None) -> Iterator[Log]:
    """Keep a log of the clients that are made inside the block; ``answers`` are for operations that moto has not."""
    log = Log()
    given = answers or {}

    def sent(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        service, operation = event_name.split(".")[1:]
        body = request.body or b""
        log.requests.append(Request(service, operation, body if isinstance(body, bytes) else str(body).encode()))
        for hook in log.before:
            hook(log.requests[-1])
        return given.get(log.requests[-1].name)

    def came(http_response: AWSResponse, event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        last = next(each for each in reversed(log.requests) if (each.service, each.operation) == (service, operation))
        last.status, last.headers = http_response.status_code, dict(http_response.headers)
        last.answer = http_response.content
        for hook in log.after:
            hook(last)

    ours: list[tuple[str, Callable[..., Any]]] = [("before-send", sent), ("after-call", came)]
    handlers.BUILTIN_HANDLERS[:0] = ours
    try:
        yield log
    finally:
        for each in ours:
            handlers.BUILTIN_HANDLERS.remove(each)


def answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> AWSResponse:
    """An answer that needs no network: botocore takes it where the request would be sent."""
    return AWSResponse("https://stub", status, dict(headers or {}), _Raw(body))


class _Raw(BytesIO):
    """The body, as urllib3 would hand it over."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        while chunk := self.read(65536):
            yield chunk
