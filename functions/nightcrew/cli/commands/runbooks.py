"""``nightcrew runbooks``: the catalog as a list, and the page of one runbook."""

import click
from rich.padding import Padding
from rich.text import Text

from nightcrew.api.runbooks import listed as listed_data
from nightcrew.api.runbooks import page
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.inputs import Parameter, parameters, usual
from nightcrew.authoring.outline import outline
from nightcrew.authoring.page import answers, answers_shortly, changing, family_of, known, risk_of
from nightcrew.authoring.proved import proved
from nightcrew.authoring.runbook import Runbook
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import catalog_of
from nightcrew.cli.tables import ONE_LINE, listed, pairs, prose
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
        asked.output.data(page(catalog[name]))
    else:
        _page(catalog[name], asked)


def _list(catalog: Catalog, asked: Asked) -> None:
    output = asked.output
    if output.json:
        output.data([listed_data(each) for each in catalog.values()])
        return
    heads = ["runbook", "family", "risk", "undo"]
    cells = [[Text(each.name), _family(each), _risk(each), Text(outline(each).undone)] for each in catalog.values()]
    started = ["; ".join(answers_shortly(each)) or "by hand" for each in catalog.values()]
    changes = [", ".join(changing(each)) or "nothing" for each in catalog.values()]
    titles = [each.title for each in catalog.values()]
    if output.width >= ONE_LINE:
        heads += ["what it does", "answers", "changes"]
        beside = zip(titles, started, changes, strict=True)
        rows = [[*row, *map(Text, texts)] for row, texts in zip(cells, beside, strict=True)]
        output.print(*listed(heads, rows, output))
    else:
        more = [f"{title} Answers: {when}." for title, when in zip(titles, started, strict=True)]
        output.print(*listed(heads, cells, output, more=more, cut=False))
    output.print()
    output.hint(f"{asked.command} runbooks NAME   shows a runbook's page")


def _page(runbook: Runbook, asked: Asked) -> None:
    output = asked.output
    output.print(Text(runbook.name, style="bold"))
    output.print(prose(f"{runbook.title}\n\n{runbook.page}", output))
    output.print()
    output.print(pairs(_facts(runbook)))
    _section(output, "Parameters")
    output.print(pairs((each.option, _taken(each)) for each in parameters(runbook.form)))
    _section(output, "Answers")
    _lines(output, [answers(each) for each in runbook.triggers])
    if not runbook.triggers:
        output.print(Text("  none: it is started by hand, or bound to an alarm by policy"))
    steps = outline(runbook)
    if steps.requires:
        _section(output, "Left alone, unless")
        _lines(output, steps.requires)
    if steps.changes:
        _section(output, "Changes")
        cells = [
            [Text(f"  {each.title}"), Text("part of an undo" if each.undoing else each.undo), Text(each.unknown)]
            for each in steps.changes
        ]
        output.print(*listed(["  change", "undone by", "outcome unknown"], cells, output))
    if steps.parts:
        _section(output, "Runs as a part of itself")
        _lines(output, list(steps.parts))
    if steps.proofs:
        _section(output, "Proves")
        _lines(output, steps.proofs)
    if steps.later:
        _section(output, "Has started later")
        _lines(output, [f"{title} ({name})" for title, name in steps.later])
    _section(output, "May do")
    for action in runbook.actions:
        more = "" if action in runbook.permissions else "  (what another one depends on)"
        output.print(Text.assemble(f"  {action}", (more, "dim")))
    output.print()
    output.hint("What it would do now:", f"  {asked.command} run {runbook.name} {usual(runbook.form)} --plan")


def _lines(output: Output, lines: list[str]) -> None:
    """Each once, and none longer than the terminal is wide."""
    for line in dict.fromkeys(lines):
        output.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def _section(output: Output, heading: str) -> None:
    output.print()
    output.print(Text(heading, style="bold"))


def _facts(runbook: Runbook) -> list[tuple[str, Text]]:
    facts = [
        ("family", Text(family_of(runbook))),
        ("risk", Text(risk_of(runbook), style=RISKS.get(runbook.risk, ""))),
        ("by hand", Text(f"{in_words(runbook.by_hand)}, its author reckons")),
        ("deadline", Text(f"{in_words(runbook.deadline)}; its lock lasts {in_words(runbook.lease())}")),
    ]
    facts.append(("can be undone", Text(outline(runbook).undone)))
    facts.append(("proved on", Text(str(proved(runbook)))))
    if runbook.undo_if_ineffective:
        facts.append(("no cure", Text("it takes its changes back")))
    if runbook.secret:
        facts.append(("secret", Text(f"{', '.join(sorted(runbook.secret))}: never in the ledger")))
    return facts


def _taken(each: Parameter) -> Text:
    return Text.assemble(each.allowed, (f"  ({known(each)})", "dim"))


def _family(runbook: Runbook) -> Text:
    return Text("any" if len(runbook.families) > 1 else runbook.family)


def _risk(runbook: Runbook) -> Text:
    return Text(runbook.risk, style=RISKS.get(runbook.risk, ""))
