"""The API's function with a console: pages by sessions, calls by IAM, and neither by the other."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import api
from nightcrew.api.desk import Home
from nightcrew.api.people import VARIABLES as API_VARIABLES
from nightcrew.api.people import People
from nightcrew.console.oidc.deployed import sign_in
from nightcrew.console.oidc.sessions import COOKIE
from nightcrew.console.pages import PAGES
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.installation import nobody
from tests.api.desk import VIEWER, event
from tests.console.browser import Browser
from tests.console.issuer import URL, Issuer, opened
from tests.console.stack import environment as console_environment
from tests.doors.asked import of_items
from tests.doors.conftest import Context, Lines
from tests.doors.test_api_rights import ENVIRONMENT, RUNBOOK, allowed, aws, rights
from tests.doors.test_rights import TABLES
from tests.house import House
from tests.stack import allows

__all__ = ["aws"]

EVERYTHING = {"sub": "1-ada", "email": "ada@example.com", "email_verified": True, "groups": ["oncall-eu", "leads"]}
OFF = ("NIGHTCREW_CONSOLE_ISSUER", "NIGHTCREW_CONSOLE_CLIENT", "NIGHTCREW_CONSOLE_URL")


@dataclass
class Stack:
    """The function as it is deployed with a console; ``issuer`` signs people in."""

    issuer: Issuer
    handler: api.Handler

    def browser(self) -> Browser:
        return Browser(lambda sent, _: self.handler(dict(sent), Context([29_000], "api")))  # type: ignore[arg-type]


@pytest.fixture
def stack(aws: House, tmp_path: Path) -> Iterator[Stack]:
    door = front_door(ENVIRONMENT, nobody, aws.scripted)
    made = door().installation
    with opened(Issuer(made.clock.now)) as issuer:
        told = api.told_of_sign_ins
        environment = console_environment(issuer)
        handler = api.serving(
            door,
            People.of(dict.fromkeys(API_VARIABLES.values(), "arn:aws:iam::*:user/*")),
            Home(ACCOUNT, REGION),
            tmp_path,
            lambda: sign_in(environment, made.store, made.clock, told, loopback=True),
        )
        yield Stack(issuer, handler)


def test_a_session_opens_pages_and_no_call(stack: Stack, context: Context) -> None:
    """With its cookie a call has nobody who asks, be it one that only looks."""
    ada = stack.browser()
    assert ada.signs_in(stack.issuer, EVERYTHING).status == 200
    for method, path in (("GET", "/runs"), ("GET", "/halts"), ("POST", "/halts")):
        sent = event(method, path, by=None)
        sent["cookies"] = [f"{COOKIE}={ada.cookies[COOKIE]}"]
        assert stack.handler(sent, context)["statusCode"] == 401


def test_an_identity_of_iam_opens_calls_and_no_page(stack: Stack, context: Context) -> None:
    """Whoever may sign requests of AWS has no page by that."""
    assert stack.handler(event("GET", "/halts", by=VIEWER), context)["statusCode"] == 200
    answer = stack.handler(event("GET", "/console", by=VIEWER), context)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, f"{URL}/console/enter")
    assert stack.handler(event("POST", "/console/halt", by=VIEWER) | {"body": None}, context)["statusCode"] == 401


@pytest.mark.parametrize(
    "path", ["/console/../runs", "/console/../halts", "/console/%2e%2e/runs", "//console", "/consoles"]
)
def test_no_path_is_both(stack: Stack, context: Context, path: str) -> None:
    """Neither a call by the way of pages nor the other way round."""
    ada = stack.browser()
    ada.signs_in(stack.issuer, EVERYTHING)
    sent = event("GET", path, by=None)
    sent["cookies"] = [f"{COOKIE}={ada.cookies[COOKIE]}"]
    answer = stack.handler(sent, context)
    assert answer["statusCode"] in {401, 404}
    assert "outcome" not in answer["body"]


def test_a_page_behind_a_stages_name_is_a_page(stack: Stack, context: Context) -> None:
    answer = stack.handler(event("GET", "/console", by=None, stage="live"), context)
    assert answer["statusCode"] == 303


@pytest.mark.parametrize("path", ["/", "/console", "/console/halt", "/console/enter", "/console/static/console.css"])
def test_without_an_issuer_there_is_no_console(environment: pytest.MonkeyPatch, context: Context, path: str) -> None:
    """Not the way in, either; and nobody is asked who they are."""
    for by in (VIEWER, None):
        answer = api.handler(event("GET", path, by=by), context)
        assert answer["statusCode"] == 404
        assert json.loads(answer["body"])["detail"].startswith("there is no console")


def test_with_an_issuer_there_is_one(environment: pytest.MonkeyPatch, context: Context) -> None:
    """As the template sets it, and over HTTPS alone: an issuer on this machine is not asked."""
    environment.setenv("NIGHTCREW_CONSOLE_ISSUER", "http://127.0.0.1:1")
    environment.setenv("NIGHTCREW_CONSOLE_CLIENT", "console")
    environment.setenv("NIGHTCREW_CONSOLE_URL", f"{URL}/")
    answer = api.handler(event("GET", "/console/halt", by=None), context)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, f"{URL}/console/enter?to=%2Fconsole%2Fhalt")
    entered = api.handler(event("GET", "/console/enter", by=None), context)
    assert entered["statusCode"] == 503
    assert "must be one of HTTPS" in entered["body"]
    assert api.handler(event("GET", "/halts", by=VIEWER), context)["statusCode"] == 200


def test_the_log_has_who_asked_for_which_page_and_no_secret(stack: Stack, api_log: Lines) -> None:
    """Neither a code nor a token, of the issuer or of ours; in each line the request that it was."""
    ada = stack.browser()
    page = ada.signs_in(stack.issuer, EVERYTHING)
    secrets = ["code-0", "hunter2", page.form("/console/leave").fields["token"], *ada.cookies.values()]
    ada.submit(page, "/console/leave")
    stack.browser().open("/console/signed-in", code="code-9", state="x")
    lines = api_log()
    actor = f"oidc:127.0.0.1%3A{stack.issuer.port}:ada@example.com"
    assert [line["about"] for line in lines if line["message"] in {"signed in", "signed out"}] == [actor, actor]
    (refused,) = (line for line in lines if line["message"] == "not signed in")
    assert refused["level"] == "WARNING"
    calls = [(line["actor"], line["call"]) for line in lines if line["message"] == "answered"]
    assert (actor, "GET /console") in calls
    assert ("", "GET /console/signed-in") in calls
    assert not any(secret in json.dumps(lines) for secret in secrets)


def test_pages_take_no_right_but_calls_have_beside_ending_sessions(stack: Stack, aws: House, api_log: Lines) -> None:
    """Each page that there is, with a run to look at."""
    ec2 = aws.crew.client("ec2")
    (machine,) = (each["InstanceId"] for each in ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"])
    ada = stack.browser()
    page = ada.signs_in(stack.issuer, EVERYTHING)
    run = _started(stack, machine)
    names = {"run": run, "runbook": RUNBOOK, "name": RUNBOOK}
    for each in PAGES:
        path = re.sub(r"{([a-z]+)}", lambda found: names.get(found[1], run), each.path)
        if each.method == "GET":
            assert ada.open(path, since="2d").status < 500, path
    ada.submit(page, "/console/leave")
    used = rights(aws.scripted.sent)
    assert used - set(allowed()) == set()
    of_tables = [right for each in aws.scripted.sent if each.service == "dynamodb" for right in of_items(each, TABLES)]
    of_sessions = [right for right in of_tables if right[2].startswith("session#")]
    kept = {f"dynamodb:{each}Item" for each in ("Delete", "Get", "Put")}
    assert {action for action, _, _ in of_sessions} == kept
    assert all(allows("ApiRole", *right) for right in of_sessions)
    assert not [line for line in api_log() if line["level"] == "ERROR"]


def _started(stack: Stack, machine: str) -> str:
    body = {"runbook": RUNBOOK, "parameters": {"instance_id": machine}, "reason": "it hangs"}
    by = f"arn:aws:iam::{ACCOUNT}:user/bob"
    sent: dict[str, Any] = event("POST", "/runs", body, by=by, headers={"Idempotency-Key": machine})
    answer = stack.handler(sent, Context([29_000], "api"))
    assert answer["statusCode"] < 300, answer["body"]
    return str(json.loads(answer["body"])["run"])
