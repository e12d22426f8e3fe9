"""API Gateway on this machine, in front of the API's own handler: it checks signatures, and says who asks."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec, module_from_spec
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from nightcrew.api.calls import CALLS
from tests.doors.conftest import Context
from tests.serving import serving

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def _signer() -> Any:
    """Botocore's own, by itself: in these tests the one that everything else uses signs nothing, to be quick."""
    spec = find_spec("botocore.auth")
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made.SigV4Auth


SIGNER = _signer()
FORBIDDEN = (403, {"content-type": "application/json"}, b'{"message":"Forbidden"}')
"""What API Gateway says to who is not let in."""


@dataclass
class Gateway:
    """``people``: access key → secret and ARN. ``instead``: answers that come before the handler's, each once.
    ``lose``: requests whose first answer gets lost, once the handler has done its work.
    """

    handler: Handler
    region: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    instead: list[tuple[int, Mapping[str, str], bytes]] = field(default_factory=list)
    lose: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def knows(self, person: Mapping[str, Any], arn: str) -> dict[str, Any]:
        """The environment of somebody whose signature it knows."""
        self.people[str(person["AWS_ACCESS_KEY_ID"])] = (str(person["AWS_SECRET_ACCESS_KEY"]), arn)
        return dict(person)

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """The answer to one request; None where the connection breaks."""
        self.asked.append(f"{method} {path}")
        self.keys.append(headers.get("idempotency-key"))
        self.tokens += [headers["x-amz-security-token"]] if "x-amz-security-token" in headers else []
        arn = self._caller(method, path, headers, body)
        if arn is None:
            return FORBIDDEN
        if self.instead:
            return self.instead.pop(0)
        found = self.handler(event(method, path, headers, body, arn), Context([29_000], "api"))
        if f"{method} {path}" in self.lose:
            self.lose.remove(f"{method} {path}")
            return None
        return int(found["statusCode"]), _texts(found), str(found.get("body", "")).encode()

    def _caller(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """Who signed it, where the signature is right: for this service and Region, over all that was sent."""
        words = headers.get("authorization", "").replace(",", " ").split()
        given = dict(part.split("=", 1) for part in words if "=" in part)
        key, _, scope = given.get("Credential", "").partition("/")
        if key not in self.people or scope.split("/")[1:] != [self.region, "execute-api", "aws4_request"]:
            return None
        secret, arn = self.people[key]
        signed = {name: headers[name] for name in given["SignedHeaders"].split(";") if name in headers}
        request = AWSRequest(method, f"{self.url}{path}", headers=signed, data=body)
        request.context["timestamp"] = headers["x-amz-date"]
        auth = SIGNER(Credentials(key, secret), "execute-api", self.region)
        wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return arn if wanted == given["Signature"] else None


@contextmanager
def opened(gateway: Gateway) -> Iterator[Gateway]:
    """While the block lasts, on a free port of this machine."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): text for name, text in self.headers.items()}
            answered = gateway.answer(self.command, self.path, headers, body)
            if answered is None:
                self.close_connection = True
                return
            status, told, content = answered
            self.send_response(status)
            for name, text in told.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815  so the library calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    with serving(Door) as gateway.port, patch("nightcrew.cli.remote.signing.SigV4Auth", SIGNER):
        yield gateway


def event(method: str, path: str, headers: Mapping[str, str], body: bytes, arn: str) -> dict[str, Any]:
    """As API Gateway tells a function of a request (developer guide, payload format version 2.0)."""
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    key = next((str(call) for call in CALLS if call.method == method and _fits(call.path, parts.path)), "$default")
    return {
        "version": "2.0",
        "routeKey": key,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": dict(headers),
        "queryStringParameters": query or None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": {"iam": {"userArn": arn, "accountId": "123456789012"}},
            "http": {"method": method, "path": parts.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
        },
        "body": body.decode() if body else None,
        "isBase64Encoded": False,
    }


def problem(status: int, **told: Any) -> tuple[int, Mapping[str, str], bytes]:
    """An answer that says what went wrong."""
    said = {"type": "urn:nightcrew:problem:of-a-test", "title": "A test's", "status": status, **told}
    return status, {"content-type": "application/problem+json"}, json.dumps(said).encode()


def _fits(pattern: str, path: str) -> bool:
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        one.startswith("{") or one == other for one, other in zip(wanted, given, strict=True)
    )


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    many = found.get("multiValueHeaders") or {}
    return {**{name: ",".join(texts) for name, texts in many.items()}, **(found.get("headers") or {})}
