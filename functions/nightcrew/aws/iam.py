"""IAM statements made from what runbooks declare: the second wall, which holds even if the first one did not."""

import json
from collections.abc import Iterable
from typing import Any

from nightcrew.aws.limits import by_limit


def statements(actions: Iterable[str], resources: Iterable[str] = ("*",)) -> list[dict[str, Any]]:
    """One Allow statement for these actions, sorted."""
    return [{"Effect": "Allow", "Action": sorted(set(actions)), "Resource": sorted(set(resources))}]


def policy_document(actions: Iterable[str], resources: Iterable[str] = ("*",)) -> str:
    """A policy document as compact JSON: STS counts each character of a session policy (2,048 of them, packed)."""
    document = {"Version": "2012-10-17", "Statement": statements(actions, resources)}
    return json.dumps(document, separators=(",", ":"))


def role_statements(actions: Iterable[str]) -> list[dict[str, Any]]:
    """The statements of a role that may do this, each action held to its limits; a role that may do nothing has one,
    too.

    ``${AWS::…}`` in a resource is for CloudFormation to fill in. Raises BadInput for an action without a limit.
    """
    found = [
        {
            "Sid": limit.name,
            "Effect": "Allow",
            "Action": held,
            "Resource": limit.resource,
            **({"Condition": limit.condition} if limit.condition else {}),
        }
        for limit, held in by_limit(actions).items()
    ]
    return found or [{"Sid": "NothingYet", "Effect": "Deny", "Action": ["*"], "Resource": "*"}]
