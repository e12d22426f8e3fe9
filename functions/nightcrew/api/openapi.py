"""The OpenAPI 3.1 document of the HTTP API, written from its routes (``make openapi``)."""

import json
import sys
from pathlib import Path
from typing import Any

from nightcrew.api.idempotency import HEADER
from nightcrew.api.routes import resolver

TITLE = "Nightcrew"
_WORDS = (
    "Finds the runbook for an alarm, decides whether it may run, runs it durably, proves the cure, and writes it all "
    "down. Requests are signed with AWS Signature Version 4, for the service execute-api; what is refused is answered "
    "as application/problem+json (RFC 9457)."
)
_SIGNED = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4.",
    "x-amazon-apigateway-authtype": "awsSigv4",
}

_RUN, _FIRST = "$response.body#/run", "$response.body#/0/run"
LINKS: dict[str, dict[str, dict[str, Any]]] = {
    "listRunbooks": {
        "showRunbook": {"parameters": {"name": "$response.body#/0/name"}},
        "planRunbook": {"parameters": {"name": "$response.body#/0/name"}},
    },
    "startRun": {"showRun": {"parameters": {"id": _RUN}}, "cancelRun": {"parameters": {"id": _RUN}}},
    "listRuns": {"showRun": {"parameters": {"id": "$response.body#/runs/0/run"}}},
    "listApprovals": {
        "showRun": {"parameters": {"id": _FIRST}},
        "approveRun": {"parameters": {"id": _FIRST}, "requestBody": {"plan": "$response.body#/0/hash"}},
        "declineRun": {"parameters": {"id": _FIRST}},
    },
    "learn": {
        "correctLesson": {
            "parameters": {"id": "$response.body#/id"},
            "requestBody": {"version": "$response.body#/version"},
        },
        "listLessons": {"parameters": {"lesson": "$response.body#/id"}},
    },
}
"""What is usually asked next, and with which part of the answer: operation → the next one."""

_NOT_OURS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
"""What the library would answer; problems are answered instead."""


def document() -> dict[str, Any]:
    """The document, as JSON."""
    made = resolver().get_openapi_json_schema(title=TITLE, version="1", description=_WORDS)
    found: dict[str, Any] = json.loads(made)
    found.pop("servers", None)
    parts = found["components"]
    parts["schemas"] = {name: each for name, each in parts["schemas"].items() if name not in _NOT_OURS}
    parts["securitySchemes"] = {"sigv4": _SIGNED}
    parts["responses"] = {}
    found["security"] = [{"sigv4": []}]
    for operations in found["paths"].values():
        for operation in operations.values():
            for each in operation.get("parameters", ()):
                if each["name"] == HEADER.lower():
                    each["name"] = HEADER
                each["schema"] = _given(each["schema"])
            for name, link in LINKS.get(operation["operationId"], {}).items():
                good = next(each for status, each in operation["responses"].items() if int(status) < 400)
                good.setdefault("links", {})[name] = {"operationId": name, **link}
            for status, response in operation["responses"].items():
                if int(status) >= 400:  # the same in each call: once is enough
                    parts["responses"][status] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{status}"}
    return found


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter is where it is given: in an address or a header there is no null."""
    others = [each for each in schema.pop("anyOf", ()) if each.get("type") != "null"]
    return {**others[0], **schema} if len(others) == 1 else schema | ({"anyOf": others} if others else {})


def text() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8", newline="\n")
