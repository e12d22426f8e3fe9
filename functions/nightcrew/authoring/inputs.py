"""A runbook's inputs in words: what its form takes, as its page, the console and the command line tell it."""

import types
import typing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.form import Form
from nightcrew.durations import in_words

_TAKEN = frozenset({"plan", "reason", "json", "help", "break_glass", "yes", "resume", "account", "in_region"})
"""Options of ``nightcrew run`` itself."""

_WORDS: dict[object, str] = {
    str: "TEXT",
    int: "NUMBER",
    float: "NUMBER",
    timedelta: "DURATION",
    datetime: "TIME",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a runbook, for people: ``allowed`` are the form's words, ``default`` is as one would type it."""

    name: str
    option: str
    type: str
    allowed: str
    required: bool
    default: str | None
    example: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def parameters(form: Form) -> list[Parameter]:
    """The parameters of a form, in the order of its signature."""
    return [_parameter(form, name) for name in form.hints]


def usual(form: Form) -> str:
    """What one has to type at least, with examples: ``--instance-id i-0abc1234def567890``."""
    return " ".join(f"{each.option} {each.example or each.type}" for each in parameters(form) if each.required)


def typed(value: object) -> str:
    """A value as one would type it: ``10m`` for ten minutes."""
    if isinstance(value, timedelta):
        return in_words(value).replace(" min", "m").replace(" ", "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(typed, value))
    return str(value)


def bare_type(hint: Any) -> Any:
    """A type without its markers, and without the None of an optional one."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(hint) if each is not type(None)]
        return bare_type(inner[0]) if len(inner) == 1 else hint
    return hint


def _parameter(form: Form, name: str) -> Parameter:
    bare = bare_type(form.hints[name])
    dashed = name.replace("_", "-")
    flag = f"--{dashed}" if name not in _TAKEN else f"--parameter-{dashed}"
    required = name in form.required
    default = None if required else form.signature[name].default
    kind = "NAME" if name in form.resources else _WORDS.get(bare, "VALUE")
    if typing.get_origin(bare) is typing.Literal:
        kind = "|".join(map(str, typing.get_args(bare)))
    if bare is bool:
        kind = ""
    shown = None if default is None else typed(default)
    allowed = form.describe(name).removeprefix("it must be ")
    return Parameter(name, flag, kind, allowed, required, shown, form.example(name))
