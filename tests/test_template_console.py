"""template.yaml's console: not there by default; where it is, pages and nothing else, for whom the parameters name."""

import json
import re
from typing import Any

import pytest

from nightcrew.api.calls import CALLS
from nightcrew.clock import StoppedClock
from nightcrew.console.asked import placed
from nightcrew.console.oidc.fetching import Fetching
from nightcrew.console.oidc.people import PARAMETERS, VARIABLES
from nightcrew.console.oidc.sign_in import BACK, OWN
from nightcrew.console.pages import PAGES
from tests.cli.rights import Need, refused
from tests.conditions import decided
from tests.doors.asked import OF
from tests.stack import allows, of_type, properties, statements, template, there

ON = {"ConsoleIssuer": "https://login.example.com", "ConsoleClient": "console"}
PARTS = (
    *("ConsoleApi", "ConsoleFailures", "ConsoleForms", "ConsoleHome", "ConsoleIntegration", "ConsoleMayCall"),
    *("ConsolePages", "ConsoleRights", "ConsoleRoot", "ConsoleStage"),
)
SESSIONS = ("PutItem", "UpdateItem", "DeleteItem")
"""Ways to write one, or to take it away."""

ROUTES = {
    name: each for name, each in of_type("AWS::ApiGatewayV2::Route").items() if each["ApiId"] == {"Ref": "ConsoleApi"}
}


def variables(**parameters: str) -> dict[str, Any]:
    """What the function is told, in a stack with these parameters."""
    found: dict[str, Any] = decided(properties("ApiFunction")["Environment"]["Variables"], **parameters)
    return found


def reached(method: str, path: str) -> bool:
    """Whether a route leads there (API Gateway developer guide, "Create routes for HTTP APIs": ``{page+}`` is whatever
    follows).
    """
    keys = [each["RouteKey"].split(" ") for each in ROUTES.values()]
    return any(
        each == method and (path.startswith(at.removesuffix("{page+}")) if at.endswith("+}") else path == at)
        for each, at in keys
    )


@pytest.mark.parametrize("given", [{}, {"ConsoleIssuer": ON["ConsoleIssuer"]}, {"ConsoleClient": "console"}])
def test_without_an_issuer_and_a_client_there_is_no_console(given: dict[str, str]) -> None:
    """No address, no route, no right, and the function knows of none."""
    named = {name for name in template()["Resources"] if name.startswith("Console")}
    assert named == set(PARTS)
    assert not any(there(name, **given) for name in named)
    assert all(there(name, **ON) for name in named)
    assert not any("CONSOLE" in name for name in variables(**given))
    assert all(template()["Outputs"][name]["Condition"] == "Console" for name in ("Console", "ConsoleHost"))


def test_pages_have_an_address_of_their_own() -> None:
    """A session's cookie is never sent with a call, and whoever knocks takes no call's place in the throttle."""
    assert ROUTES.keys() == {"ConsoleRoot", "ConsoleHome", "ConsolePages", "ConsoleForms"}
    assert not any(reached(call.method, call.path) for call in CALLS)
    settings = properties("ConsoleStage")["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 50


@pytest.mark.parametrize("page", PAGES, ids=lambda each: f"{each.method} {each.path}")
def test_each_page_is_reached(page: Any) -> None:
    path = re.sub(r"{[a-z]+}", "x", page.path)
    assert placed(page.path, path) is not None
    assert reached(page.method, path)


def test_the_way_in_and_the_static_files_are_reached() -> None:
    assert reached("GET", "/")
    assert all(reached("GET", path) and reached("POST", path) for path in OWN)
    assert reached("GET", "/console/static/console-0123456789ab.css")


def test_api_gateway_lets_everybody_knock_and_the_function_asks_for_a_session() -> None:
    """Written out: a route's default would say the same without a word. tests/console/test_oidc.py has the function."""
    for route in ROUTES.values():
        assert route["AuthorizationType"] == "NONE"
        assert route["Target"] == {"Fn::Sub": "integrations/${ConsoleIntegration}"}
    assert "CorsConfiguration" not in properties("ConsoleApi")
    permission = properties("ConsoleMayCall")
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${ConsoleApi}/*/*")
    integration = properties("ConsoleIntegration")
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert properties("ApiFunction")["Timeout"] * 1000 < integration["TimeoutInMillis"] <= 30_000


def test_the_access_log_has_no_query() -> None:
    """An issuer's code stands in one."""
    line = json.loads(properties("ConsoleStage")["AccessLogSettings"]["Format"])
    assert "\n" not in properties("ConsoleStage")["AccessLogSettings"]["Format"]
    assert {"$context.routeKey", "$context.path", "$context.status"} <= set(line.values())
    assert not any("querystring" in each.lower() or "request.header" in each for each in line.values())


def test_the_function_is_told_who_signs_people_in_and_where() -> None:
    """Where a browser is sent back to is the stack's word, and no request's."""
    told = variables(**ON)
    assert told["NIGHTCREW_CONSOLE_ISSUER"] == {"Ref": "ConsoleIssuer"}
    assert told["NIGHTCREW_CONSOLE_CLIENT"] == {"Ref": "ConsoleClient"}
    assert told["NIGHTCREW_CONSOLE_URL"] == {
        "Fn::Sub": "https://${ConsoleApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    }
    own = variables(**ON, ConsoleUrl="https://console.example.com")
    assert own["NIGHTCREW_CONSOLE_URL"] == {"Ref": "ConsoleUrl"}
    assert BACK in template()["Outputs"]["Console"]["Description"]


@pytest.mark.parametrize("right", VARIABLES)
def test_who_may_what_on_pages_is_a_parameter_and_by_default_nobody(right: Any) -> None:
    parameter = template()["Parameters"][PARAMETERS[right]]
    assert (parameter["Type"], parameter["Default"]) == ("CommaDelimitedList", "")
    assert variables(**ON)[VARIABLES[right]] == {"Fn::Join": [",", {"Ref": PARAMETERS[right]}]}


@pytest.mark.parametrize("parameter", PARAMETERS.values())
def test_what_names_everybody_is_refused_before_anything_is_deployed(parameter: str) -> None:
    pattern = template()["Parameters"][parameter]["AllowedPattern"]
    for text in ("ada@example.com", "*@example.com", "a?a+x@*.example.com", "oncall-*", "/teams/night", "On Call (EU)"):
        assert re.fullmatch(pattern, text), text
    for text in ("*", "**", "?", "*@*", "@", "@example.com", "ada@", "a@b@c", " ", "a da@example.com"):
        assert not re.fullmatch(pattern, text), text


@pytest.mark.parametrize(
    ("issuer", "fits"),
    [
        ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI", True),
        ("https://login.microsoftonline.com/4f1c1e0c-0000-0000-0000-000000000000/v2.0", True),
        ("https://example.okta.com/oauth2/default", True),
        ("https://example.eu.auth0.com/", True),
        ("https://sso.example.com:8443/realms/ops", True),
        ("http://login.example.com", False),
        ("https://a@login.example.com", False),
        ("https://login.example.com/?x=y", False),
        ("https://login.example.com/#x", False),
        ("login.example.com", False),
    ],
)
def test_an_issuer_is_an_address_of_https(issuer: str, *, fits: bool) -> None:
    """As the function will ask it."""
    pattern = template()["Parameters"]["ConsoleIssuer"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, issuer)) == fits
    assert Fetching(StoppedClock()).allows(issuer) or not fits


@pytest.mark.parametrize("role", ["IntakeRole", "ExecutorRole", "SweepRole", "DigestRole", "ChatRole"])
@pytest.mark.parametrize("action", SESSIONS)
def test_no_other_function_writes_or_ends_a_session(role: str, action: str) -> None:
    """What alarms and runbooks reach, or whoever breaks into it, could else be an approver on a page."""
    assert not allows(role, f"dynamodb:{action}", OF["state"], "session#0f")


def test_what_functions_write_beside_sessions_they_may_write() -> None:
    """Else the sentence above would hold for functions that can write nothing at all."""
    for role in ("IntakeRole", "ExecutorRole", "SweepRole", "ApiRole"):
        assert allows(role, "dynamodb:PutItem", OF["state"], "lock#x")
    assert allows("SweepRole", "dynamodb:DeleteItem", OF["state"], "due#x")


def test_the_function_begins_and_ends_sessions_and_changes_none() -> None:
    """Where there is a console. A session says who signed in: nothing of it changes."""
    may = {name for name in SESSIONS if allows("ApiRole", f"dynamodb:{name}", OF["state"], "session#0f")}
    assert may == {"PutItem", "DeleteItem"}
    (held,) = (each for each in statements("ApiRole", Chat="off") if each["Sid"] == "ChangeTheState")
    assert held["Condition"] == {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["session#*"]}}
    assert not any(each["Sid"] == "KeepSessions" for each in statements("ApiRole", Chat="off"))


def test_the_function_may_end_sessions_and_delete_nothing_else() -> None:
    """And without a console not even these."""
    deletes = [each for each in statements("ApiRole") if "dynamodb:DeleteItem" in str(each["Action"])]
    (statement,) = deletes
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["session#*"]}}
    assert not any("DeleteItem" in str(each["Action"]) for each in statements("ApiRole", Chat="off"))


@pytest.mark.parametrize("action", SESSIONS)
def test_nobody_makes_up_a_session_at_a_terminal(action: str) -> None:
    """Who may write the state by their own rights, to start and to halt, could else be an approver on a page."""
    needs = [Need(f"dynamodb:{action}", OF["state"], (key,)) for key in ("session#0f", "halt#all")]
    assert refused(["ViewerAccess", "OperatorAccess", "ApproverAccess"], needs) == needs[:1]


def test_people_hear_of_pages_that_fail() -> None:
    alarm = properties("ConsoleFailures")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "ConsoleApi"}}]
