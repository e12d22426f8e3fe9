"""A runbook's signature as options of the command line: ``instance_id: InstanceId`` → ``--instance-id``.

click only reads them; what is allowed is the form's to decide, so that every door refuses in the same words.
"""

import typing
from typing import Any

import click

from nightcrew.authoring.form import Form
from nightcrew.authoring.inputs import Parameter, bare_type, parameters

PREFIX = "given_"
"""Before a parameter's name: so none meets ``plan`` or ``reason``, which are ``run``'s own."""


def options(form: Form) -> list[click.Parameter]:
    """The options for a form's parameters; ``given`` takes their values out again."""
    return [_option(form, each) for each in parameters(form)]


def given(values: dict[str, Any]) -> dict[str, Any]:
    """What was typed for the runbook, by its parameters' names; what was not typed is left to the defaults."""
    found = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value not in (None, ())
    }


def _option(form: Form, each: Parameter) -> click.Option:
    bare = bare_type(form.hints[each.name])
    known = "required" if each.required else f"default {each.default}" if each.default is not None else "optional"
    text = f"{each.allowed}; {known}"
    dest = f"{PREFIX}{each.name}"
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
