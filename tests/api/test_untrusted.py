"""Whatever is sent: it is refused with a status of its own, and nothing slips."""

import base64
import json
from typing import Any

import pytest

from tests.api.desk import OPERATOR, RUNBOOK, Office, event

DEEP = "[" * 50_000
START = {"headers": {"Idempotency-Key": "k"}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 422),
        ("null", 422),
        ("[]", 422),
        ('"text"', 422),
        ("NaN", 422),
        ('{"runbook": NaN}', 422),
        ('{"runbook": "\\ud800"}', 422),
        (DEEP, 422),
        ('{"parameters": {"a": ' + "[" * 40 + "]" * 40 + "}}", 422),
        ('{"runbook": "x", "parameters": {"n": 1e999}}', 422),
        ('{"runbook": "x", "parameters": {"n": ' + "9" * 5000 + "}}", 422),
        ('{"runbook": "x", "parameters": {"n": ' + "9" * 30 + "}}", 422),
        (json.dumps({"runbook": "x" * 501}), 422),
        (json.dumps({"runbook": "x", "reason": "y" * 1001}), 422),
        (json.dumps({"runbook": "x", "parameters": {str(n): n for n in range(51)}}), 422),
        (json.dumps({"runbook": "x", "reason": "y" * 70_000}), 413),
        (json.dumps({"runbook": "x", "more": 1}), 422),
        (json.dumps({"runbook": RUNBOOK, "parameters": {"instance_id": "i-1\u0000"}}), 422),
        (json.dumps({"runbook": RUNBOOK, "parameters": {"instance_id": {"a": 1}}}), 422),
        (json.dumps({"runbook": "<script>"}), 404),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(office: Office, body: str, status: int) -> None:
    said = office.ask("POST", "/runs", body, **START)
    assert said.status == status, said.text
    assert office.slips == []


def test_a_body_in_base64_is_read(office: Office, instance: str) -> None:
    sent = event("POST", "/halts", {"reason": "a fire"})
    sent |= {"body": base64.b64encode(sent["body"].encode()).decode(), "isBase64Encoded": True}
    assert office.send(sent).status == 200
    assert office.send(sent | {"body": "!!!"}).status == 422
    assert office.send(sent | {"body": base64.b64encode(b"\xff\xfe{").decode()}).status == 422


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_is_read(office: Office, kind: str) -> None:
    said = office.ask("POST", "/halts", "reason=x", headers={"content-type": kind})
    assert said.status == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_may_say_more_of_itself(office: Office, kind: str) -> None:
    assert office.ask("POST", "/halts", {"reason": "x"}, headers={"Content-Type": kind}).status == 200


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/runs", {"limit": "0"}, "limit"),
        ("/runs", {"limit": "101"}, "limit"),
        ("/runs", {"limit": "1.5"}, "limit"),
        ("/runs", {"outcome": "fine"}, "outcome"),
        ("/runs", {"since": "yesterday"}, "since"),
        ("/runs", {"since": "999999999999999d"}, "since"),
        ("/runs", {"resource": "x y"}, "resource"),
        ("/runs", {"runbook": ""}, "runbook"),
        ("/runs", {"symptom": "x" * 501}, "symptom"),
        ("/search", {"words": "a", "kind": "cat"}, "kind"),
        ("/search", {"words": "a", "all_versions": "perhaps"}, "all_versions"),
        ("/statistics", {"by": "moon"}, "by"),
        ("/statistics", {"since": "0001-01-01"}, "since"),
        ("/recall", {"run": "x" * 129}, "run"),
        ("/why", {}, "what"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(office: Office, path: str, query: dict[str, Any], field: str) -> None:
    said = office.ask("GET", path, query=query)
    assert (said.status, said.body["field"]) == (422, field), said.text
    assert said.body["allowed"]


@pytest.mark.parametrize("key", ["", "x" * 129, "ключ", "a\nb"])
def test_a_key_is_short_and_plain(office: Office, instance: str, key: str) -> None:
    said = office.start(key, instance_id=instance)
    assert (said.status, said.body["field"]) == (422, "Idempotency-Key")


def test_text_with_commas_is_one_text(office: Office) -> None:
    assert office.get("/search", words="disk, full, again")["words"] == "disk, full, again"
    assert office.get("/why", what="alarm, with a comma")["alarm"] == "alarm, with a comma"


def test_an_alarm_named_like_markup_is_only_a_name(office: Office) -> None:
    said = office.ask("GET", "/why", query={"what": "<script>alert(1)</script>"}, by=OPERATOR)
    assert (said.status, said.headers["content-type"]) == (200, "application/json")
    assert said.headers["x-content-type-options"] == "nosniff"


def test_a_parameters_value_is_not_said_back_by_validation(office: Office) -> None:
    said = office.ask("POST", "/runs", {"runbook": RUNBOOK, "parameters": "password=hunter2"}, **START)
    assert said.status == 422
    assert "hunter2" not in said.text
