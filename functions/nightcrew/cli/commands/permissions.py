"""``nightcrew permissions``: what a family's role may do, or a runbook within it; and to what each action is held."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from nightcrew.authoring.roles import actions_of
from nightcrew.authoring.runbook import FAMILIES
from nightcrew.aws.iam import policy_document, role_statements
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
    session policy that allows what the runbook declares, and nothing else.
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
    if asked.output.json:
        asked.output.data(
            {
                "runbook": found.name,
                "family": found.family,
                "session": json.loads(policy_document(found.actions)),
                "role": role_statements(found.actions),
            }
        )
        return
    asked.output.print(Text.assemble((found.name, "bold"), f", in the role of the family {found.family}:"))
    asked.output.print(*_lines(found.actions))


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
