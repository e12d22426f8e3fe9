"""What a person gives as JSON: no secret in it, and an end to it; and messages as the ledger may keep them."""

import json
from typing import Any

import pytest

from nightcrew.aws.any_resource import around
from nightcrew.aws.checked import secret_in, without_secrets
from nightcrew.aws.invoking import answered, invocable, retries, said_of

KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"Password": "x"}, "Password"),
        ({"db": [{"apiKey": "abcdef"}]}, "apiKey"),
        ({"Note": f"use {KEY}"}, "Note"),
        ({"Note": "{{ssm-secure:checkout:1}}"}, "Note"),
        ({"Note": "{{resolve:secretsmanager:checkout}}"}, "Note"),
        ({"Note": "-----BEGIN PRIVATE KEY-----"}, "Note"),
    ],
)
def test_what_looks_like_a_secret_is_named(value: Any, name: str) -> None:
    assert secret_in(value) == name


@pytest.mark.parametrize(
    "value",
    [
        {"SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:checkout"},
        {"TokenBuckets": "3", "UseToken": "true", "Tokens": 3},
        {"Host": "{{ global:DATE }}", "Secret": ""},
    ],
)
def test_what_only_points_to_one_is_let_through(value: Any) -> None:
    assert secret_in(value) is None


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("login with password=hunter2 failed", "login with password=redacted failed"),
        (json.dumps({"token": "abc"}), '{"token": "redacted"}'),
        (f"{KEY} is not allowed", "redacted is not allowed"),
        (f"got {'a1B2' * 12}", "got redacted"),
        (None, ""),
    ],
)
def test_a_message_is_kept_without_them(message: str | None, kept: str) -> None:
    assert without_secrets(message) == kept


def test_a_message_has_an_end() -> None:
    assert len(without_secrets("so it is " * 100)) == 300


def test_of_a_function_its_environment_is_not_kept() -> None:
    """It may hold secrets."""
    answer = {
        "FunctionName": "checkout",
        "Timeout": 30,
        "State": "Active",
        "CodeSha256": "ab=",
        "Environment": {"Variables": {"KEY": "hunter2"}},
    }
    assert invocable(answer) == {"ready": True, "timeout": 30, "sha": "ab=", "logs": "/aws/lambda/checkout"}
    assert invocable({**answer, "State": "Pending"})["ready"] is False


def test_lambda_calls_twice_more_unless_it_is_told_otherwise() -> None:
    assert (retries({}), retries({"MaximumRetryAttempts": 0})) == (2, 0)


def test_of_an_answer_only_whether_it_was_an_error_is_kept() -> None:
    well = answered({"StatusCode": 200, "ExecutedVersion": "3", "LogResult": "aHVudGVyMg==", "Payload": b"hunter2"})
    assert (well, said_of(well)) == ({"ok": True, "error": None, "version": "3"}, "")
    ill = answered({"StatusCode": 200, "FunctionError": "Unhandled"})
    assert (ill["ok"], said_of(ill)) == (False, " (Unhandled; its own log says more)")


def test_what_is_around_a_resource_follows_from_its_tags_and_its_arn() -> None:
    """GetResources: nothing for what never had a tag."""
    assert around({"ResourceTagMappingList": []}).groups == ()
    machine = {"ResourceARN": "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"}
    tags = [{"Key": "aws:autoscaling:groupName", "Value": "web"}, {"Key": "team", "Value": "shop"}]
    found = around({"ResourceTagMappingList": [{**machine, "Tags": tags}]})
    assert found.groups == ("autoscaling:autoScalingGroup:*:autoScalingGroupName/web",)
    assert found.tags["team"] == "shop"
    service = {"ResourceARN": "arn:aws:ecs:eu-west-1:123456789012:service/prod/checkout", "Tags": []}
    assert around({"ResourceTagMappingList": [service]}).groups == ("ecs:cluster/prod",)
