"""A runbook's signature as options of the command line: ``instance_id: InstanceId`` → ``--instance-id``.

click only reads them; what is allowed is the form's to decide, so that every door refuses in the same words.
"""

import types
import typing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from nightcrew.authoring.form import Form
from nightcrew.durations import in_words

_OURS = frozenset({"plan", "reason", "json", "help", "break_glass", "yes", "resume", "account"})
"""Options of ``run`` itself."""

_PREFIX = "given_"
"""Before a parameter's name: so none meets ``plan`` or ``reason``, which are ``run``'s own."""

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


def options(form: Form) -> list[click.Parameter]:
    """The options for a form's parameters; ``given`` takes their values out again."""
    return [_option(form, each) for each in parameters(form)]


def given(values: dict[str, Any]) -> dict[str, Any]:
    """What was typed for the runbook, by its parameters' names; what was not typed is left to the defaults."""
    found = {name.removeprefix(_PREFIX): value for name, value in values.items() if name.startswith(_PREFIX)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value not in (None, ())
    }


def typed(value: object) -> str:
    """A value as one would type it: ``10m`` for ten minutes."""
    if isinstance(value, timedelta):
        return in_words(value).replace(" min", "m").replace(" ", "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(typed, value))
    return str(value)


def _parameter(form: Form, name: str) -> Parameter:
    bare = _bare(form.hints[name])
    dashed = name.replace("_", "-")
    flag = f"--{dashed}" if name not in _OURS else f"--parameter-{dashed}"
    required = name in form.required
    default = None if required else form.signature[name].default
    kind = "NAME" if name in form.resources else _WORDS.get(bare, "VALUE")
    if typing.get_origin(bare) is typing.Literal:
        kind = "|".join(map(str, typing.get_args(bare)))
    if bare is bool:
        kind = ""
    shown = None if default is None else typed(default)
    example = form.resources[name].example if name in form.resources else None
    return Parameter(name, flag, kind, form.describe(name).removeprefix("it must be "), required, shown, example)


def _option(form: Form, each: Parameter) -> click.Option:
    bare = _bare(form.hints[each.name])
    known = "required" if each.required else f"default {each.default}" if each.default is not None else "optional"
    text = f"{each.allowed}; {known}"
    dest = f"{_PREFIX}{each.name}"
    if bare is bool:
        name = each.option.removeprefix("--")
        return click.Option([f"--{name}/--no-{name}", dest], default=None, help=text)
    many = typing.get_origin(bare) in (list, tuple, set, frozenset)
    choices = [str(choice) for choice in typing.get_args(bare)] if typing.get_origin(bare) is typing.Literal else []

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        del ctx, param
        return [choice for choice in choices if choice.startswith(incomplete)]

    return click.Option(
        [each.option, dest], metavar=each.type, multiple=many, help=text, shell_complete=complete if choices else None
    )


def _bare(hint: Any) -> Any:
    """A type without its markers, and without the None of an optional one."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(hint) if each is not type(None)]
        return _bare(inner[0]) if len(inner) == 1 else hint
    return hint
