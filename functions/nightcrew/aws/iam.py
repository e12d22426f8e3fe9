"""IAM statements made from what runbooks declare: the second wall, which holds even if the first one did not."""

import json
from collections.abc import Iterable
from typing import Any

from nightcrew.aws.held import Own, resources
from nightcrew.aws.limits import by_limit


def session_statements(actions: Iterable[str], own: Own | None = None) -> list[dict[str, Any]]:
    """The statements of one run's session: its actions, and those that are held to its own resource apart."""
    held = own.actions if own else frozenset()
    made = [_allow(set(actions) - held, ["*"])]
    return [*made, _allow(held, resources(own))] if own and held else made


def session_document(actions: Iterable[str], own: Own | None = None) -> str:
    """The same as a policy document in compact JSON: STS counts each character of a session policy (2,048 of them,
    packed).
    """
    document = {"Version": "2012-10-17", "Statement": session_statements(actions, own)}
    return json.dumps(document, separators=(",", ":"))


def _allow(actions: Iterable[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": sorted(set(actions)), "Resource": resources if resources != ["*"] else "*"}


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
