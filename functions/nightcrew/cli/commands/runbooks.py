"""``nightcrew runbooks``: the catalog as a list, and the page of one runbook."""

from typing import Any

import click
from rich.text import Text

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import Alarm
from nightcrew.cli import handling, options
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import catalog_of
from nightcrew.cli.tables import listed, pairs, prose
from nightcrew.durations import in_words

RISKS = {"low": "green", "disruptive": "yellow", "costly": "yellow", "data-loss": "red"}


def names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Runbooks that begin like this: for the shell's completion."""
    del ctx, param
    return [name for name in Catalog.load() if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=names)
@json_option
@click.pass_obj
def command(asked: Asked, name: str | None) -> None:
    """List the runbooks, or show the page of the one named NAME: what it does, what it takes, what it may do."""
    catalog = catalog_of(asked)
    if name is None:
        _list(catalog, asked)
    elif asked.output.json:
        asked.output.data(_page_data(catalog[name]))
    else:
        _page(catalog[name], asked)


def _list(catalog: Catalog, asked: Asked) -> None:
    output = asked.output
    if output.json:
        output.data([_data(each) for each in catalog.values()])
        return
    cells = [[Text(each.name), Text(each.family), _risk(each)] for each in catalog.values()]
    titles = [each.title for each in catalog.values()]
    output.print(*listed(["runbook", "family", "risk"], cells, output, more=titles, beside="what it does", cut=False))
    output.print()
    output.hint(f"{asked.command} runbooks NAME   shows a runbook's page")


def _page(runbook: Runbook, asked: Asked) -> None:
    output = asked.output
    output.print(Text(runbook.name, style="bold"))
    output.print(prose(f"{runbook.title}\n\n{runbook.page}", output))
    output.print()
    output.print(pairs(_facts(runbook)))
    _section(output, "Parameters")
    output.print(pairs((each.option, _taken(each)) for each in options.parameters(runbook.form)))
    _section(output, "Answers alarms on")
    for trigger in runbook.triggers:
        output.print(Text(f"  {_answers(trigger)}"))
    if not runbook.triggers:
        output.print(Text("  none: it is started by hand, or bound to an alarm by policy"))
    changes = handling.changes(runbook)
    if changes:
        _section(output, "Changes")
        cells = [
            [Text(f"  {each.title}"), Text("part of an undo" if each.undoing else each.undo), Text(each.unknown)]
            for each in changes
        ]
        output.print(*listed(["  change", "undone by", "outcome unknown"], cells, output))
    _section(output, "May do")
    for action in runbook.actions:
        more = "" if action in runbook.permissions else "  (what another one depends on)"
        output.print(Text.assemble(f"  {action}", (more, "dim")))
    output.print()
    usual = " ".join(
        f"{each.option} {each.example or each.type}" for each in options.parameters(runbook.form) if each.required
    )
    output.hint("What it would do now:", f"  {asked.command} run {runbook.name} {usual} --plan")


def _section(output: Output, heading: str) -> None:
    output.print()
    output.print(Text(heading, style="bold"))


def _facts(runbook: Runbook) -> list[tuple[str, Text]]:
    facts = [
        ("family", Text(runbook.family)),
        ("risk", _risk(runbook)),
        ("by hand", Text(f"{in_words(runbook.by_hand)}, its author reckons")),
        ("deadline", Text(f"{in_words(runbook.deadline)}; its lock lasts {in_words(runbook.lease())}")),
    ]
    if runbook.undo_if_ineffective:
        facts.append(("no cure", Text("it takes its changes back")))
    if runbook.secret:
        facts.append(("secret", Text(f"{', '.join(sorted(runbook.secret))}: never in the ledger")))
    return facts


def _taken(each: options.Parameter) -> Text:
    known = "required" if each.required else f"default {each.default}" if each.default is not None else "optional"
    return Text.assemble(each.allowed, (f"  ({known})", "dim"))


def _answers(trigger: Alarm) -> str:
    fixed = [f"{dimension}={value}" for dimension, value in trigger.where.items()]
    filled = [f"{dimension} as {parameter}" for parameter, dimension in trigger.parameters.items()]
    return f"{trigger.namespace} {trigger.metric}, {trigger.direction}, by {', '.join([*filled, *fixed])}"


def _risk(runbook: Runbook) -> Text:
    return Text(runbook.risk, style=RISKS.get(runbook.risk, ""))


def _data(runbook: Runbook) -> dict[str, Any]:
    triggers = [
        {
            "namespace": trigger.namespace,
            "metric": trigger.metric,
            "direction": trigger.direction,
            "parameters": dict(trigger.parameters),
            "where": dict(trigger.where),
        }
        for trigger in runbook.triggers
    ]
    return {
        "name": runbook.name,
        "title": runbook.title,
        "family": runbook.family,
        "risk": runbook.risk,
        "triggers": triggers,
        "by_hand_seconds": int(runbook.by_hand.total_seconds()),
        "deadline_seconds": int(runbook.deadline.total_seconds()),
    }


def _page_data(runbook: Runbook) -> dict[str, Any]:
    return {
        **_data(runbook),
        "page": runbook.page,
        "parameters": [each.to_dict() for each in options.parameters(runbook.form)],
        "permissions": list(runbook.permissions),
        "actions": list(runbook.actions),
        "changes": [each.to_dict() for each in handling.changes(runbook)],
        "undo_if_ineffective": runbook.undo_if_ineffective,
        "secret": sorted(runbook.secret),
    }
