"""Whatever is asked: no slip, and each answer is one that the OpenAPI document knows, in its shape.

Requests are drawn from the document's own schemas, and from what no schema allows.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nightcrew.api.calls import CALLS, Call
from tests.api.desk import BOTH, RUNBOOK, Office, Said

DOCUMENT: Any = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))

TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            RUNBOOK,
            "i-0abc1234def567890",
            "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890",
            "arn:aws:ec2",
            "arn:::::",
            "7d",
            "2026-11-21",
            "AWS/EC2:StatusCheckFailed_Instance:high",
            "20261121-030004-k3f9qa2m",
            "lesson-20261121-030004-k3f9qa2m",
            '"unclosed',
            "a* NOT (b OR",
            "<script>",
        ]
    ),
)
SEGMENTS = st.one_of(st.just(RUNBOOK), TEXTS.filter(lambda text: re.search(r"[/\s]|^$", text) is None))
LOOSE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Any = DOCUMENT
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)
    return schema


def fitting(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that nearly always fit: what is drawn beside is welcome, too."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return st.one_of(*(fitting(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "integer":
            return st.integers(int(schema.get("minimum", 0)), int(schema.get("maximum", 50)))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True).map(
                lambda text: text[: schema.get("maxLength", 200)]
            )
        case "string":
            return TEXTS
        case "object" if "properties" in schema:
            wanted = set(schema.get("required", ()))
            members = {name: fitting(each) for name, each in schema["properties"].items()}
            return st.fixed_dictionaries(
                {name: each for name, each in members.items() if name in wanted},
                optional={name: each for name, each in members.items() if name not in wanted},
            )
        case "object":
            strict = schema.get("additionalProperties")
            values = TEXTS if isinstance(strict, dict) and strict.get("type") == "string" else LOOSE
            return st.dictionaries(st.one_of(st.just("instance_id"), TEXTS), values, max_size=3)
        case _:
            return LOOSE


@cache
def validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]})


def known(call: Call, said: Said) -> None:
    """The answer is one of those that the document has for this call."""
    responses = DOCUMENT["paths"][call.path][call.method.lower()]["responses"]
    assert str(said.status) in responses, (call, said)
    ((kind, content),) = resolved(responses[str(said.status)])["content"].items()
    assert said.headers["content-type"] == kind
    found = next(validator(json.dumps(content["schema"])).iter_errors(said.body), None)
    assert found is None, (call, found and found.message, said.text[:500])


@pytest.mark.parametrize("call", CALLS, ids=str)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(data=st.data())
def test_every_answer_is_one_that_the_document_knows(office: Office, call: Call, data: st.DataObject) -> None:
    operation = DOCUMENT["paths"][call.path][call.method.lower()]
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    path = call.path
    for each in operation.get("parameters", ()):
        if each["in"] == "query" and (each["required"] or data.draw(st.booleans())):
            value = data.draw(st.one_of(fitting(each["schema"]), fitting(each["schema"]), TEXTS))
            query[each["name"]] = str(value).lower() if isinstance(value, bool) else value
        elif each["in"] == "header" and (each["required"] or data.draw(st.booleans())):
            headers[each["name"]] = data.draw(st.one_of(fitting(each["schema"]), TEXTS))
        elif each["in"] == "path":
            value = data.draw(
                st.one_of(st.just(RUNBOOK), TEXTS.filter(lambda text: re.search(r"[/\s]|^$", text) is None))
            )
            path = path.replace("{" + each["name"] + "}", value)
    body = None
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = data.draw(st.one_of(fitting(schema), fitting(schema), LOOSE).map(json.dumps))
    said = office.ask(call.method, path, body, by=BOTH, query=query, headers=headers)
    assert office.slips == []
    assert said.status < 500, said.text
    known(call, said)


def test_what_went_well_is_one_that_the_document_knows(careful: Office, instance: str) -> None:
    """With a ledger that has something of each kind in it."""
    office, by = careful, {call.name: call for call in CALLS}
    start = office.start(instance_id=instance)
    known(by["startRun"], start)
    run = start.body["run"]
    office.until_it_asks(run)
    waiting = office.ask("GET", "/approvals")
    known(by["listApprovals"], waiting)
    plan = waiting.body[0]["hash"]
    other = BOTH
    asked: dict[str, tuple[str, str, Any, dict[str, str]]] = {
        "approveRun": ("POST", f"/runs/{run}/approve", {"plan": plan}, {}),
        "planRunbook": ("POST", f"/runbooks/{RUNBOOK}/plan", {"parameters": {"instance_id": instance}}, {}),
        "listRunbooks": ("GET", "/runbooks", None, {}),
        "halt": ("POST", "/halts", {"reason": "x"}, {}),
        "listHalts": ("GET", "/halts", None, {}),
        "liftHalt": ("DELETE", "/halts", None, {}),
        "cancelRun": ("POST", f"/runs/{run}/cancel", {"reason": "x"}, {}),
        "explainPolicy": ("POST", "/policy/explain", {"runbook": RUNBOOK, "resource": instance, "alarm": "a"}, {}),
        "learn": ("POST", "/lessons", {"words": "look at the disk", "run": run}, {}),
    }
    for name, (method, path, body, query) in asked.items():
        said = office.ask(method, path, body, by=other, query=query)
        assert said.status in {200, 201}, said.text
        known(by[name], said)
    office.carry(run)
    lesson = office.get("/lessons", run=run)[0]["id"]
    later: dict[str, tuple[str, str, Any, dict[str, str]]] = {
        "correctLesson": ("POST", f"/lessons/{lesson}/versions", {"words": "look", "version": 0}, {}),
        "showRunbook": ("GET", f"/runbooks/{RUNBOOK}", None, {}),
        "listRuns": ("GET", "/runs", None, {}),
        "showRun": ("GET", f"/runs/{run}", None, {}),
        "recall": ("GET", "/recall", None, {"run": run}),
        "listLessons": ("GET", "/lessons", None, {}),
        "search": ("GET", "/search", None, {"words": "disk look hardware"}),
        "showStatistics": ("GET", "/statistics", None, {}),
        "why": ("GET", "/why", None, {"what": instance}),
    }
    for name, (method, path, body, query) in later.items():
        said = office.ask(method, path, body, by=other, query=query)
        assert said.status in {200, 201}, said.text
        known(by[name], said)
    assert {"startRun", "listApprovals", "declineRun", *asked, *later} == by.keys()
