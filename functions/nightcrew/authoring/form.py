"""A runbook's form: its parameters, typed by the function's own signature and validated by pydantic.

A value that names a resource is text with a pattern; such a value alone is checked without loading pydantic, because
that is all that an alarm ever brings, and intake starts cold at night.
"""

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from nightcrew.aws.arns import ResourceName
from nightcrew.aws.checked import REDACTED, Checked
from nightcrew.durations import duration
from nightcrew.errors import BadParameter

if TYPE_CHECKING:
    from pydantic import BaseModel


class Form:
    """The parameters of one runbook: names, types, defaults; validates, and turns values into JSON and back."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @cached_property
    def hints(self) -> dict[str, Any]:
        """Parameter → its type, with the markers. The first parameter, the run, is not in it."""
        hints = typing.get_type_hints(self._function, include_extras=True)
        return {name: hints.get(name, str) for name in list(self.signature)[1:]}

    @cached_property
    def signature(self) -> Mapping[str, inspect.Parameter]:
        """The function's parameters, the run first."""
        return inspect.signature(self._function).parameters

    @cached_property
    def resources(self) -> dict[str, ResourceName]:
        """Parameter → what resource it names; the first is the run's resource."""
        marked = {name: _marker(hint) for name, hint in self.hints.items()}
        return {name: marker for name, marker in marked.items() if marker is not None}

    @cached_property
    def unchecked(self) -> tuple[str, ...]:
        """The parameters in whose type a checked text stands within another, like a list: nobody would check it."""
        return tuple(name for name, hint in self.hints.items() if _checked(hint) is None and _within(hint))

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters without a default."""
        return tuple(name for name in self.hints if self.signature[name].default is inspect.Parameter.empty)

    @cached_property
    def model(self) -> "type[BaseModel]":
        """The pydantic model: for schemas, options and whatever is more than a resource's name."""
        from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, create_model

        fields: dict[str, Any] = {}
        for name, hint in self.hints.items():
            marker, default, checked = _marker(hint), self.signature[name].default, _checked(hint)
            kind = bare = _bare(hint)
            if marker is not None:
                kind = Annotated[str, Field(pattern=f"^(?:{marker.pattern})$", examples=[marker.example])]
            elif checked is not None:
                kind = Annotated[str, AfterValidator(checked)]
            elif bare is timedelta:
                kind = Annotated[timedelta, BeforeValidator(_as_duration)]
            elif bare is datetime:
                kind = AwareDatetime
            if bare is not hint:
                kind = kind | None
            fields[name] = (kind, ... if default is inspect.Parameter.empty else default)
        return create_model(self._function.__name__, __config__=ConfigDict(extra="forbid", strict=False), **fields)

    def validate(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the function wants them, defaults filled in. Raises BadParameter: the field, the value, what
        is allowed.
        """
        if all(self._named_well(name, value) for name, value in values.items()) and not self._missing(values):
            defaults = {n: p.default for n, p in self.signature.items() if n in self.hints and n not in values}
            return {**defaults, **values}
        from pydantic import ValidationError

        try:
            checked = self.model.model_validate(dict(values))
        except ValidationError as error:
            raise self._bad(values, error.errors()[0]) from None
        return {name: getattr(checked, name) for name in self.hints}

    def dump(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Validated values as JSON-like ones, which ``validate`` reads back to the same."""
        return {name: _json(value) for name, value in values.items()}

    def _named_well(self, name: str, value: Any) -> bool:
        marker = self.resources.get(name)
        return marker is not None and isinstance(value, str) and re.fullmatch(marker.pattern, value) is not None

    def _missing(self, values: Mapping[str, Any]) -> list[str]:
        return [name for name in self.required if name not in values]

    def _bad(self, values: Mapping[str, Any], error: Any) -> BadParameter:
        field = ".".join(str(part) for part in error["loc"]) or "parameters"
        name = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "missing":
            return BadParameter(field, None, f"it is required ({self.describe(name)})")
        if error["type"] == "extra_forbidden":
            # It could be a secret under a mistyped name: of what nobody knows the value is not told.
            return BadParameter(field, REDACTED, f"there is no such parameter; there are: {', '.join(self.hints)}")
        checked = _checked(self.hints.get(name))
        if checked is not None:
            value = values.get(name) if checked.may_be_told else REDACTED
            return BadParameter(field, value, str(error.get("ctx", {}).get("error", self.describe(name))))
        return BadParameter(field, values.get(name), self.describe(name) or error["msg"])

    def example(self, name: str) -> str | None:
        """A value that is allowed for one parameter, where there is one to show."""
        hint = self.hints[name]
        marker = _marker(hint) or _checked(hint)
        if marker is not None:
            return marker.example
        bare = _bare(hint)
        return str(typing.get_args(bare)[0]) if typing.get_origin(bare) is typing.Literal else None

    def describe(self, name: str) -> str:
        """What is allowed for one parameter, in words."""
        marker = self.resources.get(name)
        if marker is not None:
            return f"it must be like {marker.example}"
        checked = _checked(self.hints.get(name))
        if checked is not None:
            return f"it must be {checked.words}, like {checked.example}"
        hint = _bare(self.hints.get(name))
        if hint is timedelta:
            return "it must be a duration like 90s, 10m, 2h or 7d"
        if hint is datetime:
            return "it must be a time with its zone, like 2026-11-21T03:00:00Z"
        if typing.get_origin(hint) is typing.Literal:
            return "it must be one of " + ", ".join(map(str, typing.get_args(hint)))
        bounds = [str(mark) for mark in getattr(hint, "__metadata__", ())]
        kind = getattr(hint, "__origin__", hint)
        return f"it must be {_article(getattr(kind, '__name__', str(kind)))}" + (
            f" with {', '.join(bounds)}" if bounds else ""
        )


def _article(kind: str) -> str:
    words = {"int": "a whole number", "float": "a number", "str": "text", "bool": "true or false"}
    return words.get(kind, kind)


def _marker(hint: Any) -> ResourceName | None:
    marks = getattr(_bare(hint), "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, ResourceName)), None)


def _checked(hint: Any) -> Checked | None:
    marks = getattr(_bare(hint), "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, Checked)), None)


def _within(hint: Any) -> bool:
    """Whether a checked text stands anywhere in a type."""
    marks = getattr(hint, "__metadata__", ())
    return any(isinstance(each, Checked) for each in marks) or any(map(_within, typing.get_args(hint)))


def _bare(hint: Any) -> Any:
    """A type without its ``| None``."""
    if typing.get_origin(hint) not in {typing.Union, types.UnionType}:
        return hint
    kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
    return kinds[0] if len(kinds) == 1 else hint


def _as_duration(value: Any) -> Any:
    try:
        return duration(value) if isinstance(value, str) else value
    except OverflowError as error:  # pydantic passes it on
        raise ValueError(str(error)) from None


def _json(value: Any) -> Any:
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds())}s"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
