"""A request from API Gateway to its answer: who asks, whether they may, whether its body can be read; then its route.

Whatever goes wrong becomes a problem, and nothing of ours is told in it but what helps who asked.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import RLock
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from nightcrew.api.asked import LARGEST
from nightcrew.api.calls import Call, call_of
from nightcrew.api.desk import Desk
from nightcrew.api.idempotency import HEADER
from nightcrew.api.people import People, Person, actor_of
from nightcrew.api.problem import MEDIA_TYPE, NotJson, Problem, TooLarge, invalid, problem_of, wrong
from nightcrew.api.routes import ALWAYS, DESK, resolver, written
from nightcrew.errors import BadInput, Unknown

MOST = 64 * 1024
"""Bytes of a body: more than any call takes."""

MOST_ANSWERED = 5_500_000
"""Bytes: Lambda answers with 6 MB at most (AWS Lambda developer guide, "Lambda quotas")."""

_PROBLEM = "problem"
_ONE_AT_A_TIME = RLock()
"""The library keeps the request in one place for all threads. In Lambda there is one; a server on this machine has
more.
"""

_DEEPEST = 30
_SILENT = ("parameters",)
"""Members of a body whose values are said back to nobody: there may be secrets among them."""

DeskFor = Callable[[Person], Desk]
Slip = Callable[[Exception], None]


@dataclass
class Answering:
    """``slip`` is told, for the log, what nobody meant or reached; ``answered`` who asked what, and the status."""

    desk_for: DeskFor
    people: Callable[[], People]
    slip: Slip
    answered: Callable[[str, str, int], None] = lambda actor, call, status: None

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The answer, as API Gateway wants it (payload format version 2.0)."""
        actor, called = "", ""
        request = str(getattr(context, "aws_request_id", "") or "")
        try:
            actor = actor_of(event)
            person = self.people().person(actor)
            call = _call(event)
            called = str(call)
            person.must(call.right)
            asked = _readable(event, call)
            answer = self._routed(asked, context, self.desk_for(person), request)
            if len(str(answer.get("body", "")).encode()) > MOST_ANSWERED:
                raise TooLarge("the answer is larger than can be sent: ask for less at a time")
        except Exception as error:  # noqa: BLE001  a client is answered, whatever happened
            answer = sent(self._problem(error, request))
        self.answered(actor, called, int(answer["statusCode"]))
        return answer

    def _routed(self, asked: dict[str, Any], context: Any, desk: Desk, request: str) -> dict[str, Any]:
        app = _app()
        with _ONE_AT_A_TIME:
            app.context.update({DESK: desk, _PROBLEM: lambda error: self._problem(error, request)})
            return app.resolve(asked, context)

    def _problem(self, error: Exception, request: str) -> Problem:
        if isinstance(error, RequestValidationError):
            return invalid([_wrong(each) for each in error.errors()])
        if isinstance(error, NotFoundError):
            return problem_of(Unknown("there is no such path"))
        found = problem_of(error, request)
        if found.status >= 500:
            self.slip(error)
        return found


def sent(found: Problem) -> dict[str, Any]:
    """A problem as API Gateway wants it."""
    headers = {name: ",".join(texts) for name, texts in _headers(found).items()}
    return {
        "statusCode": found.status,
        "headers": {"Content-Type": MEDIA_TYPE, **headers},
        "body": written(found.to_dict()),
        "isBase64Encoded": False,
    }


@cache
def _app() -> APIGatewayHttpResolver:
    """The routes, made at the first request: they are the same for every installation."""
    app = resolver()

    def failed(error: Exception) -> Response[Any]:
        found: Problem = app.context.get(_PROBLEM, problem_of)(error)
        return Response(found.status, MEDIA_TYPE, written(found.to_dict()), headers=_headers(found))

    app.exception_handler(Exception)(failed)
    return app


def _call(event: Mapping[str, Any]) -> Call:
    """Which call it is. Raises Unknown, NotThisWay."""
    return call_of(str(event["requestContext"]["http"]["method"]).upper(), _path(event))


def _path(event: Mapping[str, Any]) -> str:
    """Without the stage, where it stands before the path: behind a domain of one's own it does not."""
    stage = str(event["requestContext"].get("stage") or "$default")
    return str(event["rawPath"]).removeprefix("" if stage == "$default" else f"/{stage}")


def _readable(event: dict[str, Any], call: Call) -> dict[str, Any]:
    """The event with a body that is a JSON object, whatever was sent. Raises TooLarge, NotJson, BadInput."""
    event = {**event, "rawPath": _path(event), "requestContext": {**event["requestContext"], "stage": "$default"}}
    if call.method != "POST":
        return {**event, "body": None, "isBase64Encoded": False}
    headers = {str(name).lower(): text for name, text in (event.get("headers") or {}).items()}
    kind = str(headers.get("content-type", "application/json")).partition(";")[0].strip().lower()
    if kind not in {"application/json", ""}:
        raise NotJson(f"the body is {kind[:80]}: send JSON, as application/json")
    body = _bytes(event)
    if len(body) > MOST:
        raise TooLarge(f"the body has {len(body)} bytes; at most {MOST} are taken")
    value = _json(body) if body.strip() else {}
    return {
        **event,
        "body": json.dumps(value),
        "isBase64Encoded": False,
        "headers": {**headers, "content-type": "application/json"},
    }


def _bytes(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    try:
        return base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadInput("body", None, "it must be JSON in UTF-8") from error


def _json(body: bytes) -> dict[str, Any]:
    """A JSON object that can be kept: no number beyond what a table takes, nothing deeper than anybody needs."""
    try:
        value = json.loads(body, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()  # half a character is none
    except (ValueError, RecursionError) as error:
        raise BadInput("body", None, "it must be JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise BadInput("body", None, "it must be a JSON object")
    _keepable(value, 1)
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _keepable(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise BadInput("body", None, f"nothing in it may be deeper than {_DEEPEST} levels")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput("body", None, "a number in it is too large")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise BadInput("body", None, "a number in it is too large")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _keepable(each, depth + 1)


def _wrong(error: Mapping[str, Any]) -> dict[str, Any]:
    """What validation found, in our words. What is missing has no value, and what may be secret is not said back."""
    place = [str(part) for part in error.get("loc", ())]
    names = place[1:] or place
    if place[:1] == ["header"]:
        names = [HEADER]
    value = error.get("input")
    if error.get("type") in {"missing", "extra_forbidden"} or (names and names[0] in _SILENT):
        value = None
    said = str(error.get("msg", "it is not allowed")).partition(", unable")[0]
    allowed = {"missing": "it is required", "extra_forbidden": "there is no such member"}.get(
        str(error.get("type")), said.replace("Input should", "it should").replace("String should", "it should")
    )
    return wrong(".".join(names) or "body", value, allowed)


def _headers(found: Problem) -> dict[str, Any]:
    return {**ALWAYS, **{name: [text] for name, text in found.headers.items()}}
