"""``nightcrew follow-ups``: what is to be started later, and taking it off that list."""

import click
from rich.text import Text

from nightcrew.admission.follow_ups import Due, drop, find, listed
from nightcrew.cli import tables
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import installation_of
from nightcrew.cli.resources import short
from nightcrew.cli.times import short as when
from nightcrew.errors import Unknown

KINDS = {"later": "follow-up", "retry": "second try"}


@click.command()
@click.option("--drop", "dropped", metavar="NAME", help="Take this one off the list: it will not be started.")
@json_option
@click.pass_obj
def command(asked: Asked, dropped: str | None) -> None:
    """List what is to be started later, the next first: what runs left for later, and second tries of alarms.

    What is due is started by the sweeper, through all gates. Times are UTC.
    """
    demo = installation_of(asked, "with follow-ups")
    output, now = asked.output, demo.clock.now()
    if dropped is not None:
        due = find(demo.store, dropped)
        if due is None:
            raise Unknown(f"there is no follow-up {dropped}: it was started or dropped already")
        drop(demo.store, dropped)
        output.print(Text(f"dropped: {due.runbook} on {short(str(due.what.get('resource', '')))} will not be started"))
        if output.json:
            output.data({"dropped": _data(due)})
        return
    found = sorted((due for kind in KINDS for due in listed(demo.store, kind)), key=lambda due: due.due)
    if output.json:
        output.data([_data(due) for due in found])
        return
    if not found:
        output.print("Nothing is to be started later.")
        return
    cells = [
        [
            Text(when(due.due, now) + (" (due)" if due.due <= now else "")),
            Text(KINDS[due.kind]),
            Text(due.runbook),
            Text(short(str(due.what.get("resource", "")))),
        ]
        for due in found
    ]
    more = [f"{due.name} · {_words(due)}" for due in found]
    heads = ["due (UTC)", "kind", "runbook", "resource"]
    output.print(*tables.listed(heads, cells, output, more=more, beside="name, and why", cut=False))


def _words(due: Due) -> str:
    if due.kind == "later" and not due.what.get("run"):
        return str(due.what.get("title", ""))
    if due.kind == "later":
        return f"{due.what.get('title', '')} (of run {due.what.get('run', '?')})"
    return f"{due.what.get('gate', '?')} refused {due.actor}"


def _data(due: Due) -> dict[str, object]:
    return {
        "name": due.name,
        "kind": due.kind,
        "due": due.due,
        "runbook": due.runbook,
        "resource": due.what.get("resource"),
        "parameters": due.what.get("parameters"),
        "actor": due.actor,
        "words": _words(due),
    }
