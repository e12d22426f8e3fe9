"""``nightcrew permissions``: what a family's role may do, or a runbook within it; and to what each action is held."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from nightcrew.authoring.roles import actions_of
from nightcrew.authoring.runbook import FAMILIES, Runbook
from nightcrew.aws.iam import role_statements, session_document
from nightcrew.aws.limits import by_limit
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.place import catalog_of


@click.command()
@click.argument("runbook", required=False, shell_complete=names)
@json_option
@click.pass_obj
def command(asked: Asked, runbook: str | None) -> None:
    """Say what Nightcrew may do in your account: each family's role, or RUNBOOK within its own.

    With --json: IAM statements, as they stand in the template. A run of a runbook assumes its family's role with a
    session policy that allows what the runbook declares, and nothing else; and that on the run's own resource, where
    an action can be held to that. A made-up resource stands for it here.
    """
    catalog = catalog_of(asked)
    if runbook is None:
        roles = {family: actions_of(family, catalog.values()) for family in FAMILIES}
        if asked.output.json:
            asked.output.data({family: role_statements(actions) for family, actions in roles.items()})
            return
        for family, actions in roles.items():
            asked.output.print(Text(f"{family}: {len(actions)} actions", style="bold"), *_lines(actions), "")
        asked.output.hint(f"{asked.command} permissions RUNBOOK   says what one of them may do")
        return
    found = catalog[runbook]
    own = found.own(_example(found))
    if asked.output.json:
        asked.output.data(
            {
                "runbook": found.name,
                "family": found.family,
                "resource": own.arn,
                "session": json.loads(session_document(found.actions, own)),
                "role": role_statements(found.actions),
            }
        )
        return
    asked.output.print(Text.assemble((found.name, "bold"), f", in the role of the family {found.family}:"))
    asked.output.print(*_lines(found.actions))
    if own.actions:
        asked.output.print("", Text("A run may send these about its own resource only:", style="bold"))
        asked.output.print(Padding(Text(", ".join(sorted(own.actions))), (0, 0, 0, 2)))


def _example(runbook: Runbook) -> str:
    """The ARN of a made-up resource of its kind."""
    values = {name: marker.example for name, marker in runbook.form.resources.items()}
    return runbook.arn(values, account="123456789012", region="eu-west-1")


def _lines(actions: Iterable[str]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for limit, held in by_limit(actions).items():
        lines.append(Text.assemble("  ", (limit.name, "cyan"), f": {limit.why}"))
        lines += [Padding(Text(each, style="dim"), (0, 0, 0, 4)) for each in _held_to(limit.resource, limit.condition)]
        lines.append(Padding(Text(", ".join(held)), (0, 0, 0, 4)))
    return lines


def _held_to(resource: str, condition: Mapping[str, Mapping[str, Any]]) -> list[str]:
    said = [] if resource == "*" else [f"on {resource}"]
    return said + [f"where {key} is {value}" for pairs in condition.values() for key, value in pairs.items()]
