"""The API as a web application of this machine: what asks over HTTP can ask it, without a server."""

import base64
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

import api
from nightcrew.admission.approvals import waiting
from nightcrew.admission.halting import halts, lift_halt
from nightcrew.api.calls import call_of
from nightcrew.api.openapi import text
from nightcrew.api.problem import NotThisWay
from nightcrew.demo.embedded import IMAGE
from nightcrew.errors import Unknown
from tests.api.desk import BOTH, OPERATOR, Office, event
from tests.doors.conftest import Context

DOCUMENT = "/openapi.json"
SIGNED = "signed by bea"


@dataclass
class Gateway:
    """A web application that hands each request to the function, as API Gateway does. ``answered`` has the statuses of
    each call.

    Beside it somebody works: they lift each halt, and start what waits for an approval, where nothing does. Else the
    first halt and the first cancel would be the end of much.
    """

    office: Office
    handler: api.Handler
    answered: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == DOCUMENT:
            start("200 OK", [("Content-Type", "application/json")])
            return [text().encode()]
        self.work_on()
        told = self.handler(as_event(environ), Context([29_000], "api"))
        self._noted(environ["REQUEST_METHOD"], path_of(environ), told["statusCode"])
        many = {name: ",".join(texts) for name, texts in (told.get("multiValueHeaders") or {}).items()}
        start(f"{told['statusCode']} -", [*(many | (told.get("headers") or {})).items()])
        return [told["body"].encode()]

    def _noted(self, method: str, path: str, status: int) -> None:
        try:
            call = call_of(method, path)
        except (NotThisWay, Unknown):
            return
        self.answered[call.name].add(status)

    def work_on(self, run: str | None = None) -> None:
        """``run`` is the id of what is started."""
        store, crew, door = self.office.store, self.office.house.crew, self.office.door
        for name in halts(store):
            lift_halt(store, name)
        if not waiting(store, crew.installation.clock.now()):
            made = crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
            self.office.door = replace(door, new_id=lambda now: run) if run is not None else door
            begun = self.office.start(
                made["Instances"][0]["InstanceId"], by=OPERATOR, instance_id=made["Instances"][0]["InstanceId"]
            )
            self.office.door = door
            self.office.until_it_asks(begun.body["run"])


def path_of(environ: WSGIEnvironment) -> str:
    return str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")


def as_event(environ: WSGIEnvironment) -> dict[str, Any]:
    """The request in payload format version 2.0, its body in base64, as API Gateway sends what is no text."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {name[5:].replace("_", "-").lower(): text for name, text in environ.items() if name.startswith("HTTP_")}
    headers |= {"content-type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
    by = BOTH if headers.get("authorization") == SIGNED else None
    made = event(str(environ["REQUEST_METHOD"]), path_of(environ), by=by, headers=headers)
    raw = str(environ.get("QUERY_STRING", ""))
    several: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        several[name] = f"{several[name]},{value}" if name in several else value
    query = {"queryStringParameters": several} if several else {}
    content = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True} if body else {}
    return made | {"rawQueryString": raw} | query | content
