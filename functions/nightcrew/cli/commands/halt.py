"""``nightcrew halt``: stop everything, a runbook, or an account; set it free again; or say what is halted."""

import re
from typing import Any

import click
from rich.text import Text

from nightcrew.admission.gates.halt import ALL
from nightcrew.admission.halting import halt_name, halts, lift_halt, set_halt
from nightcrew.api.halts import data
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.deciding import as_option
from nightcrew.cli.place import installation_of
from nightcrew.cli.tables import listed
from nightcrew.cli.times import short
from nightcrew.clock import moment
from nightcrew.errors import BadInput


@click.command()
@click.option("--runbook", metavar="NAME", shell_complete=names, help="Only this runbook.")
@click.option("--account", metavar="ID", help="Only what is in this account.")
@click.option("--reason", metavar="TEXT", help="Why: needed to halt, for those who are stopped by it.")
@click.option("--lift", is_flag=True, help="Set it free again.")
@as_option
@json_option
@click.pass_obj
def command(  # each is an option
    asked: Asked, *, runbook: str | None, account: str | None, reason: str | None, lift: bool, as_: str | None
) -> None:
    """Halt everything, or a runbook, or an account: nothing starts, and what runs makes no more changes.

    It holds from the next start and the next change on; a run in progress takes back what it changed. Without options
    it lists what is halted.
    """
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise BadInput("--account", account, "it must be an account's id, of 12 digits")
    name = halt_name(runbook=runbook, account=account)
    if reason is not None and lift:
        raise click.UsageError("--reason and --lift cannot be given together")
    if reason is None and not lift and (runbook or account):
        raise click.UsageError("--reason is missing: say why, for those who are stopped by it")
    if reason is not None and not reason.strip():
        raise BadInput("--reason", reason, "say why, for those who are stopped by it")
    demo = installation_of(asked, "to halt")
    output, before = asked.output, halts(demo.store)
    if runbook is not None and name not in before:
        Catalog.load()[runbook]
    if reason is not None:
        set_halt(demo.store, name, by=demo.actor(as_), reason=reason, now=demo.clock.now())
        output.print(output.mark("cancelled", f"{what(name)} is halted"))
        output.hint(f"  {asked.command} halt --lift{_option(name)}   sets it free again")
    elif lift:
        lift_halt(demo.store, name)
        output.print(f"{what(name)} is free again" if name in before else f"{what(name)} was not halted")
    now_on = halts(demo.store)
    if output.json:
        output.data([data(each, value) for each, value in sorted(now_on.items())])
    elif reason is None:
        if now_on:
            output.print(*_lines(now_on, asked, demo.clock.now()))
        elif not lift:
            output.print("Nothing is halted.")


def what(name: str) -> str:
    """A halt's name as people say it: ``everything``, ``runbook restart-ec2-instance``."""
    return "everything" if name == ALL else name.replace("|", " ")


def _lines(found: dict[str, dict[str, Any]], asked: Asked, now: Any) -> list[Text]:
    cells = [
        [asked.output.mark("cancelled", what(name)), Text(short(moment(str(each["at"])), now)), Text(str(each["by"]))]
        for name, each in sorted(found.items())
    ]
    more = [str(each["reason"]) for _, each in sorted(found.items())]
    return listed(["halted", "since (UTC)", "by"], cells, asked.output, more=more, beside="reason", cut=False)


def _option(name: str) -> str:
    kind, _, which = name.partition("|")
    return f" --{kind} {which}" if which else ""
