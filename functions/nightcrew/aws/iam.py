"""IAM statements made from what runbooks declare: the second wall, which holds even if the first one did not."""

import json
from collections.abc import Iterable
from typing import Any


def statements(actions: Iterable[str], resources: Iterable[str] = ("*",)) -> list[dict[str, Any]]:
    """One Allow statement for these actions, sorted."""
    return [{"Effect": "Allow", "Action": sorted(set(actions)), "Resource": sorted(set(resources))}]


def policy_document(actions: Iterable[str], resources: Iterable[str] = ("*",)) -> str:
    """A policy document as compact JSON: STS counts each character of a session policy (2,048 of them, packed)."""
    document = {"Version": "2012-10-17", "Statement": statements(actions, resources)}
    return json.dumps(document, separators=(",", ":"))
