"""Who asks, and what they may: everybody whom AWS lets in may look, and the stack's parameters name who may do more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nightcrew.errors import NightcrewError


class Right(StrEnum):
    """What a call is about. Who may do one of them may not thereby do another; all may look."""

    VIEW = "viewer"
    OPERATE = "operator"
    APPROVE = "approver"


class NotNamed(NightcrewError):
    """AWS does not say who asks: the request came past the authorizer."""


class NotAllowed(NightcrewError):
    """Who asks may not do this; ``right`` is what it takes."""

    def __init__(self, actor: str, right: Right, parameter: str) -> None:
        super().__init__(f"{actor} is no {right}: the stack's parameter {parameter} names who is one")
        self.right = right


PARAMETERS = {Right.OPERATE: "ApiOperators", Right.APPROVE: "ApiApprovers"}
"""The stack's parameters that name people."""

VARIABLES = {Right.OPERATE: "NIGHTCREW_API_OPERATORS", Right.APPROVE: "NIGHTCREW_API_APPROVERS"}
"""The same, in the function's environment: patterns, with commas between them."""


@dataclass(frozen=True)
class Person:
    """Who asks: ``actor`` is their ARN, as ``aws sts get-caller-identity`` says it. ``named_by`` are the stack's
    parameters that say who may more.
    """

    actor: str
    rights: frozenset[Right] = frozenset({Right.VIEW})
    named_by: Mapping[Right, str] = field(default_factory=lambda: PARAMETERS, compare=False, repr=False)

    def may(self, right: Right) -> bool:
        """Whether they may do what takes this right."""
        return right in self.rights

    def must(self, right: Right) -> None:
        """Raises NotAllowed where they may not."""
        if not self.may(right):
            raise NotAllowed(self.actor, right, self.named_by.get(right, ""))


@dataclass(frozen=True)
class Pattern:
    """Roles or users: ``arn:aws:iam::123456789012:role/oncall-*``, ``arn:aws:iam::*:user/ada``, or one session of a
    role, ``arn:aws:sts::123456789012:assumed-role/oncall/ada``. ``*`` and ``?`` stand for what lies between two colons
    or slashes, and never for one of them.

    A role's path is no part of it, since it is none of its sessions' ARNs, and names are unique within an account.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Pattern | None":
        """None for what can name nobody."""
        parts = _parts(text)
        return cls(parts) if parts is not None else None

    def names(self, actor: str) -> bool:
        """Whether this is who it means: by their own ARN, or by the role that they took."""
        return any(self._fits(arn) for arn in (actor, _role_of(actor)) if arn)

    def _fits(self, arn: str) -> bool:
        parts = _parts(arn)
        if parts is None or len(parts) != len(self.parts):
            return False
        return all(matches(pattern, part) for pattern, part in zip(self.parts, parts, strict=True))


@dataclass(frozen=True)
class People:
    """Whom the stack's parameters name. ``unclear`` is what stands there and can name nobody, for its log."""

    patterns: Mapping[Right, tuple[Pattern, ...]]
    unclear: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "People":
        """From the function's environment. A variable that is not there names nobody."""
        patterns: dict[Right, tuple[Pattern, ...]] = {}
        unclear: list[str] = []
        for right, variable in VARIABLES.items():
            texts = [text.strip() for text in environment.get(variable, "").split(",") if text.strip()]
            read = {text: Pattern.of(text) for text in texts}
            patterns[right] = tuple(each for each in read.values() if each is not None)
            unclear += [text for text, each in read.items() if each is None]
        return cls(patterns, tuple(unclear))

    def person(self, actor: str) -> Person:
        """The person of this ARN, with what they may."""
        named = {right for right, all_of in self.patterns.items() if any(each.names(actor) for each in all_of)}
        return Person(actor, frozenset({Right.VIEW, *named}))


def actor_of(event: Mapping[str, Any]) -> str:
    """The caller's ARN, as API Gateway's IAM authorizer found it (source: API Gateway developer guide, "payload format
    version 2.0"). Raises NotNamed where there is none.
    """
    found: Any = event
    for name in ("requestContext", "authorizer", "iam", "userArn"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or _parts(found) is None:
        raise NotNamed("AWS does not say who asks: sign the request with Signature Version 4, for execute-api")
    return found


def matches(pattern: str, text: str) -> bool:
    """Whether a part of a name is as this has it, in which ``*`` and ``?`` stand for any."""
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(sign, re.escape(sign)) for sign in pattern), text, re.DOTALL) is not None


_FIELDS = 6
_NAMED = ("role", "user")


def _parts(arn: str) -> tuple[str, ...] | None:
    """Partition, service, Region, account, and the resource at its slashes; of a role's or user's path only the name.
    None for what is no ARN.
    """
    fields: Sequence[str] = arn.split(":", _FIELDS - 1)
    if len(fields) != _FIELDS or fields[0] != "arn" or not fields[-1] or ":" in fields[-1]:
        return None
    *front, resource = fields
    names = resource.split("/")
    if names[0] in _NAMED:
        names = [names[0], names[-1]] if len(names) > 1 else names
    return (*front[1:], *names)


def _role_of(actor: str) -> str:
    """The role of a session; empty for who took none."""
    found = re.fullmatch(r"arn:([^:]+):sts::([^:]*):assumed-role/([^/]+)/[^/]+", actor)
    return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else ""
