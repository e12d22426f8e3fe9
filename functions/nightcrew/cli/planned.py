"""A plan on a terminal: each line of it, the changes with their exact parameters."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.authoring.plan import Line, Plan
from nightcrew.cli.output import Output
from nightcrew.cli.resources import short, whereabouts
from nightcrew.cli.values import compact

_STYLES = {"change": "bold yellow", "prove": "green", "read": "", "require": ""}


def show(plan: Plan, output: Output) -> None:
    """The whole plan, and what it comes to."""
    where = whereabouts(plan.resource)
    output.print(
        Text.assemble(
            "Plan of ", (plan.runbook, "bold"), " on ", (short(plan.resource), "bold"), (f"  ({where})", "dim")
        )
    )
    output.print()
    output.print(_lines(plan.lines, output))
    if plan.ends:
        output.print()
        output.print(f"The plan ends here: {plan.ends}.")
    output.print()
    output.print(_sum(plan, output))
    if plan.outcome == "planned":
        output.print(Text(f"  hash {plan.hash}", style="dim"))


def _sum(plan: Plan, output: Output) -> Text:
    if plan.outcome != "planned":
        return Text.assemble(output.mark(plan.outcome), f": {plan.words}; nothing was changed")
    count = len(plan.changes)
    told = (
        "nothing would be changed"
        if not count
        else "1 change would be made"
        if count == 1
        else f"{count} changes would be made"
    )
    return Text.assemble(output.mark("planned"), f": {told}; nothing was changed")


def _lines(lines: list[Line], output: Output) -> RenderableType:
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for line in lines:
        verb = str(line["verb"])
        style = _STYLES.get(verb, "dim" if verb == "note" else "")
        if verb == "require":
            held = output.mark("succeeded" if line["held"] else "failed", str(line["title"]))
            made.add_row("  require", held)
            continue
        made.add_row(Text(f"  {verb}", style=style), Text(str(line["title"]), style="bold" if verb == "change" else ""))
        for detail in _details(line):
            made.add_row("", Padding(detail, (0, 0, 0, 2)))
    return made


def _details(line: Line) -> Iterator[RenderableType]:
    if "call" in line:
        yield Text.assemble((str(line["call"]), "cyan"), " ", compact(line.get("parameters", {})))
    if line["verb"] == "change":
        yield Text.assemble(("undo: ", "dim"), undo(line["undo"]))
        yield Text.assemble(("outcome unknown: ", "dim"), str(line["unknown"]))
    if "within" in line:
        yield Text.assemble(("within ", "dim"), str(line["within"]))
    if "or_else" in line:
        yield Text.assemble(("or else ", "dim"), _call(line["or_else"]))
    if "note" in line:
        yield Text(str(line["note"]), style="dim")


def undo(told: Any) -> Text:
    """How a change is taken back: words, a call, or the lines of a function of steps."""
    if isinstance(told, str):
        return Text(told)
    if isinstance(told, Mapping):
        return _call(told)
    return Text("; ").join(_step(line) for line in told)


def _step(line: Mapping[str, Any]) -> Text:
    """One line of an undo: its verb and title, and for a change its call."""
    words = f"{line['verb']} {line['title']}" if line["verb"] != "change" else str(line["title"])
    return Text.assemble(
        words, f" ({line['call']} {compact(line.get('parameters', {}))})" if line["verb"] == "change" else ""
    )


def _call(call: Mapping[str, Any]) -> Text:
    title = f"{call['title']}: " if "title" in call else ""
    return Text.assemble(title, (str(call["call"]), "cyan"), " ", compact(call.get("parameters", {})))
