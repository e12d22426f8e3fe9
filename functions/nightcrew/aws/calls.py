"""A call to AWS as a value: checked against botocore's model when it is built, sent by nobody but a verb of ``Run``.

From the value follow the IAM action, whether it reads or changes, the line in a plan and the entry in the ledger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.validate import ParamValidator

from nightcrew.aws.actions import action_of
from nightcrew.aws.kinds import is_read
from nightcrew.aws.models import operation_model, operations
from nightcrew.aws.placeholder import OPEN, Planned, holds_planned
from nightcrew.aws.plain import shown
from nightcrew.errors import BadParameter, Unknown


@dataclass(frozen=True)
class Place:
    """Where a call is sent to: a Region, at its usual endpoint or at this one."""

    region: str
    endpoint: str | None = None


@dataclass(frozen=True)
class Call:
    """One operation with its parameters: ``ec2``, ``StopInstances``, ``{"InstanceIds": ["i-0abc"]}``.

    It goes to the run's own Region, unless it names other ``places``.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    places: tuple[Place, ...] = ()

    @property
    def action(self) -> str:
        """The IAM action that it needs: ``ec2:StopInstances``."""
        return action_of(self.service, self.operation)

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return is_read(self.service, self.operation)

    def shown(self) -> dict[str, Any]:
        """Its parameters as people and the ledger may see them: what botocore's model marks sensitive is redacted."""
        seen: dict[str, Any] = shown(dict(self.parameters), operation_model(self.service, self.operation).input_shape)
        return seen

    @property
    def token_members(self) -> tuple[str, ...]:
        """The members that make a repeat of it the same request: client tokens."""
        shape = operation_model(self.service, self.operation).input_shape
        members = shape.members.items() if shape is not None else ()
        return tuple(name for name, member in members if member.metadata.get("idempotencyToken"))

    def at(self, *places: Place) -> "Call":
        """The same call, sent to one of these places: to the next one where one is not to be reached."""
        return replace(self, places=places)

    def with_token(self, token: str) -> "Call":
        """The same call with its client token filled in, where it has one and the author gave none.

        botocore would fill in a new one each time it is sent, and a repeat would not be recognised.
        """
        missing = {name: token for name in self.token_members if name not in self.parameters}
        return replace(self, parameters={**self.parameters, **missing}) if missing else self

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True)
class Carried:
    """Stands for a parameter's value that is read when its call is sent, and kept nowhere: for what botocore's model
    marks sensitive, and a change must hand on all the same.

    ``take`` gets the answer of ``source`` as AWS gave it. ``like`` is a value of the same type, to check the call with.
    """

    source: Call
    take: Callable[[Mapping[str, Any]], Any]
    like: Any

    def __str__(self) -> str:
        return f"from {self.source}"


class Calls:
    """Builds the calls of one service: ``ec2 = calls("ec2")``, then ``ec2.stop_instances(InstanceIds=[…])``."""

    def __init__(self, service: str) -> None:
        self.service = service

    def __getattr__(self, name: str) -> Callable[..., Call]:
        if name.startswith("_"):
            raise AttributeError(name)

        def build(**parameters: Any) -> Call:
            return build_call(self.service, name, parameters)

        build.__name__ = name
        return build


def calls(service: str) -> Calls:
    """The builder for ``service``, by botocore's name. Loads nothing: the model is read at the first call built."""
    return Calls(service)


def build_call(service: str, name: str, parameters: Mapping[str, Any]) -> Call:
    """Build one call by its Python name, checked. Raises Unknown for no such operation, BadParameter for a wrong
    one.
    """
    try:
        operation = operations(service).get(name)
    except UnknownServiceError as unknown:
        raise Unknown(f"AWS has no service {service!r}") from unknown
    if operation is None:
        raise Unknown(f"{service} has no operation {name!r}")
    planned = holds_planned(dict(parameters))
    clean = _as_text(dict(parameters)) if planned else dict(parameters)
    shape = operation_model(service, operation).input_shape
    if shape is not None:
        for error in _errors(filled(clean, lambda carried: carried.like), shape):
            # Of a value that only the change would give, neither text nor length is known.
            if not (planned and (OPEN in error or error.startswith("Invalid length"))):
                raise BadParameter(f"{service}.{name}", parameters, error)
    elif clean:
        raise BadParameter(f"{service}.{name}", parameters, "it takes no parameters")
    return Call(service, operation, clean)


def filled(value: Any, fill: Callable[[Carried], Any]) -> Any:
    """A copy in which something stands in the place of whatever is carried, at any depth."""
    if isinstance(value, Carried):
        return fill(value)
    if isinstance(value, Mapping):
        return {key: filled(part, fill) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [filled(part, fill) for part in value]
    return value


def _errors(parameters: dict[str, Any], shape: Any) -> list[str]:
    report = ParamValidator().validate(parameters, shape)
    return report.generate_report().splitlines() if report.has_errors() else []


def _as_text(value: Any) -> Any:
    if isinstance(value, Planned):
        return str(value)
    if isinstance(value, dict):
        return {key: _as_text(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(part) for part in value]
    return value
