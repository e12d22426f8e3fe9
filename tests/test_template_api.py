"""template.yaml's HTTP API: exactly the calls that there are, each authorised by IAM, and who may make which."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from nightcrew.api.calls import CALLS, Call
from nightcrew.api.people import PARAMETERS, VARIABLES, Pattern, Right
from tests.cli.rights import statements
from tests.iam import allowed
from tests.stack import of_type, properties, template

POLICIES = {Right.VIEW: "ViewerAccess", Right.OPERATE: "OperatorAccess", Right.APPROVE: "ApproverAccess"}
ROUTES = [each for each in of_type("AWS::ApiGatewayV2::Route").values() if each["ApiId"] == {"Ref": "Api"}]
"""Of calls; those of pages are another API's: tests/test_template_console.py."""

STAGE = "arn:aws:execute-api:eu-west-1:123456789012:${Api}/$default"
"""Of all that stands in a policy only the API's id is not known here."""


def called(call: Call, stage: str = STAGE) -> str:
    """The ARN that IAM is asked about when somebody makes the call."""
    return f"{stage}/{call.method}{re.sub(r'{[a-z]+}', '20261121-030004-k3f9qa', call.path)}"


def test_its_routes_are_the_calls_that_the_function_answers() -> None:
    """No more, so nothing is reached that is not in the documentation; and no route for whatever else comes."""
    assert sorted(route["RouteKey"] for route in ROUTES) == sorted(str(call) for call in CALLS)


def test_nobody_makes_a_call_without_a_signature() -> None:
    """On each route by itself: one without a word is open to everybody (API Gateway developer guide)."""
    for route in ROUTES:
        assert route["AuthorizationType"] == "AWS_IAM"
        assert route["Target"] == {"Fn::Sub": "integrations/${ApiIntegration}"}
    assert "CorsConfiguration" not in properties("Api"), "no page of another site may ask"


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_is_allowed_by_the_policy_of_those_who_may_make_it_and_by_no_other(call: Call) -> None:
    """As the function decides once more."""
    lets = {right for right, policy in POLICIES.items() if allowed(rest(policy), "execute-api:Invoke", called(call))}
    assert lets == {call.right}


def rest(policy: str) -> list[dict[str, Any]]:
    """What a policy says of the API."""
    return [each for each in statements(policy) if each["Action"] == "execute-api:Invoke"]


def test_no_policy_lets_anybody_call_another_api() -> None:
    other = STAGE.replace("${Api}", "a1b2c3d4e5")
    for policy in POLICIES.values():
        assert rest(policy)
        assert not any(allowed(rest(policy), "execute-api:Invoke", called(call, other)) for call in CALLS)


def test_api_gateway_may_call_the_function_for_this_api_only() -> None:
    permission = properties("ApiMayCall")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["FunctionName"] == {"Ref": "ApiFunction"}
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${Api}/*/*")
    assert set(of_type("AWS::Lambda::Permission")) == {"ApiMayCall", "ConsoleMayCall"}


def test_the_function_answers_before_api_gateway_gives_up() -> None:
    """Thirty seconds, at most (API Gateway quotas)."""
    integration = properties("ApiIntegration")
    assert properties("ApiFunction")["Timeout"] * 1000 < integration["TimeoutInMillis"] <= 30_000
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_who_asks_and_asks_takes_no_concurrency_from_alarms() -> None:
    settings = properties("ApiStage")["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 50


def test_the_access_log_says_who_asked_for_what_and_no_parameter() -> None:
    """One JSON object in a line, which a query can read; in a group that forgets."""
    settings = properties("ApiStage")["AccessLogSettings"]
    line = json.loads(settings["Format"])
    assert "\n" not in settings["Format"]
    assert {"$context.identity.userArn", "$context.routeKey", "$context.status"} <= set(line.values())
    assert not any("requestOverride" in each or "authorizer" in each for each in line.values())
    group = settings["DestinationArn"]["Fn::GetAtt"].removesuffix(".Arn")
    assert properties(group)["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_people_hear_of_calls_that_fail() -> None:
    """Those too that never reached the function."""
    alarm = properties("ApiFailures")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "Api"}}]


@pytest.mark.parametrize("right", [Right.OPERATE, Right.APPROVE])
def test_who_may_act_or_decide_is_a_parameter_and_by_default_nobody(right: Right) -> None:
    parameter = template()["Parameters"][PARAMETERS[right]]
    assert (parameter["Type"], parameter["Default"]) == ("CommaDelimitedList", "")
    variables = properties("ApiFunction")["Environment"]["Variables"]
    assert variables[VARIABLES[right]] == {"Fn::Join": [",", {"Ref": PARAMETERS[right]}]}


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/oncall-*",
        "arn:aws:iam::*:user/ada",
        "arn:aws-us-gov:sts::123456789012:assumed-role/oncall/ada@example.com",
        "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_oncall_*",
    ],
)
def test_what_can_name_people_is_let_in_by_the_parameter(text: str) -> None:
    assert re.fullmatch(template()["Parameters"]["ApiOperators"]["AllowedPattern"], text)
    assert Pattern.of(text) is not None


@pytest.mark.parametrize(
    "text", ["*", "ada", "arn:aws:iam::123456789012:root", "arn:aws:s3:::bucket", "arn:aws:iam::1:role/"]
)
def test_what_names_nobody_or_everybody_is_refused_before_anything_is_deployed(text: str) -> None:
    assert not re.fullmatch(template()["Parameters"]["ApiApprovers"]["AllowedPattern"], text)


def test_each_policy_of_people_fits() -> None:
    """6,144 characters without white space (IAM quotas), with an API's id, a key and names as long as they get."""
    longest = {"AWS::Partition": "aws-us-gov", "AWS::Region": "ap-southeast-2", "AWS::AccountId": "123456789012"}
    sizes = Counter[str]()
    for policy in POLICIES.values():
        text = json.dumps(statements(policy), separators=(",", ":"))
        for name, value in longest.items():
            text = text.replace(f"${{{name}}}", value)
        text = re.sub(r'{"Fn::\w+":("[^"]*")}', r"\1", text)
        text = re.sub(r'{"Ref":"[^"]*"}|"(?:\${)?\w+\.Arn}?', f'"{"a" * 110}', text)
        sizes[policy] = len(re.sub(r"\${[^}]+}", "a" * 30, text))
    assert max(sizes.values()) < 6_144, sizes
