"""Somebody who asks the API: requests as API Gateway sends them, answers as it gets them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nightcrew.api.answering import Answering
from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import VARIABLES, People, Person, Right
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.ledger.store import Store
from tests.house import House

VIEWER = f"arn:aws:sts::{ACCOUNT}:assumed-role/looks/vera"
OPERATOR = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/otto"
APPROVER = f"arn:aws:sts::{ACCOUNT}:assumed-role/leads/anna"
BOTH = f"arn:aws:iam::{ACCOUNT}:user/teams/night/bea"

PEOPLE = {
    VARIABLES[Right.OPERATE]: f"arn:aws:iam::{ACCOUNT}:role/ops,arn:aws:iam::{ACCOUNT}:user/bea",
    VARIABLES[Right.APPROVE]: f"arn:aws:iam::{ACCOUNT}:role/leads, arn:aws:iam::{ACCOUNT}:user/bea",
}
HOME = Home(ACCOUNT, REGION)
RUNBOOK = "restart-ec2-instance"


class Context:
    """What Lambda says about an invocation."""

    aws_request_id = "request-1"
    function_name = "api"


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str


def event(
    method: str,
    path: str,
    body: Any = None,
    *,
    by: str | None = OPERATOR,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    stage: str = "$default",
) -> dict[str, Any]:
    """A request in payload format version 2.0 (API Gateway developer guide); a body that is no text goes as JSON."""
    raw = urlencode(query or {}, doseq=True)
    at = path if stage == "$default" else f"/{stage}{path}"
    iam = {"authorizer": {"iam": {"userArn": by, "accountId": ACCOUNT}}} if by is not None else {}
    kind = {"content-type": "application/json"} if body is not None else {}
    several: dict[str, str] = {}
    for name, text in parse_qsl(raw, keep_blank_values=True):
        several[name] = f"{several[name]},{text}" if name in several else text
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": at,
        "rawQueryString": raw,
        "headers": {
            "host": "api",
            **kind,
            **(headers or {}),
        },
        **({"queryStringParameters": several} if several else {}),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "api",
            "stage": stage,
            "requestId": "r",
            "http": {"method": method, "path": at, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
            **iam,
        },
        **({"body": body if isinstance(body, str) else json.dumps(body)} if body is not None else {}),
        "isBase64Encoded": False,
    }


@dataclass
class Office:
    """An installation with its API. ``slips`` are what nobody meant, ``started`` the runs that the executor was asked
    to carry out.
    """

    house: House
    door: Dispatcher
    answering: Answering
    slips: list[Exception]
    started: list[str]
    files: Path
    people: People = field(default_factory=lambda: People.of(PEOPLE))

    @classmethod
    def of(cls, house: House, files: Path) -> "Office":
        slips: list[Exception] = []
        started: list[str] = []

        def start(run: str) -> None:
            started.append(run)
            house.crew.dispatcher.start(run)

        door = replace(house.crew.dispatcher, start=start)

        def desk_for(person: Person) -> Desk:
            return Desk(made.door, person, HOME, files)

        made = cls(house, door, Answering(desk_for, lambda: made.people, slips.append), slips, started, files)
        return made

    @property
    def store(self) -> Store:
        return self.house.crew.store

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Said:
        """Ask, and read the answer."""
        return self.send(event(method, path, body, **more))

    def send(self, sent: dict[str, Any]) -> Said:
        """A request as it is."""
        answer = self.answering(sent, Context())
        headers = {name.lower(): str(text) for name, text in answer.get("headers", {}).items()}
        headers |= {
            name.lower(): ",".join(map(str, texts)) for name, texts in (answer.get("multiValueHeaders") or {}).items()
        }
        text = answer["body"]
        return Said(answer["statusCode"], json.loads(text), headers, text)

    def get(self, path: str, *, by: str = VIEWER, **query: Any) -> Any:
        """What it answers, which must be well."""
        said = self.ask("GET", path, by=by, query=query)
        assert said.status == 200, said.text
        return said.body

    def start(self, key: str = "one", *, by: str = OPERATOR, runbook: str = RUNBOOK, **parameters: Any) -> Said:
        """Start a runbook."""
        body = {"runbook": runbook, "parameters": parameters, "reason": "it hangs"}
        return self.ask("POST", "/runs", body, by=by, headers={"Idempotency-Key": key})

    def carry(self, run: str) -> Any:
        """The executor carries it as far as it goes."""
        return self.house.crew.engine.drive(run)

    def until_it_asks(self, run: str) -> None:
        """The executor carries it to where a person is asked."""
        self.house.crew.engine.drive(run, until=self.house.crew.installation.clock.now())
