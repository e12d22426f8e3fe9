"""``nightcrew doctor``: whether an installation is well, and what to do about what is not."""

from functools import cache

import click
from rich.text import Text

from nightcrew.cli import exits
from nightcrew.cli.account import Account
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.doctoring import examination, local
from nightcrew.cli.doctoring.finding import Finding
from nightcrew.cli.doctoring.patient import Patient
from nightcrew.cli.doctoring.shown import findings, sum_of
from nightcrew.cli.stack import described
from nightcrew.clock import SystemClock


@click.command()
@json_option
@click.pass_obj
def command(asked: Asked) -> int:
    """Say whether an installation is well, and what to do about each thing that is not.

    With --stack before the command: that stack's tables, rules, queues, functions, roles, policy, topics and alarms,
    this machine's clock, and what you may do there. Without: what is installed on this machine.

    It only reads. What you may not look at is unknown, with the action that you lack. Exits with 1 where there is a
    problem.
    """
    if asked.stack is None:
        title, found = "this machine", local.examine(asked)
    else:
        patient = patient_of(asked, asked.stack)
        title, found = f"the stack {asked.stack}", examination.examine(patient)
    tell(asked, title, found)
    return exits.NOT_CURED if any(each.state == "problem" for each in found) else exits.WELL


def patient_of(asked: Asked, name: str) -> Patient:
    """The stack of that name. Raises NotHere, Unreachable."""
    account = Account(asked.region, asked.profile)
    clients = cache(account)
    found = described(name, clients, str(account.region))
    return Patient(found, clients, SystemClock(), asked.command)


def tell(asked: Asked, title: str, found: list[Finding]) -> None:
    """Write what was found, for people or for programs."""
    output = asked.output
    if output.json:
        well = not any(each.state == "problem" for each in found)
        output.data({"stack": asked.stack, "well": well, "findings": [each.to_dict() for each in found]})
        return
    said = ", ".join(sum_of(found))
    output.print(Text(title, style="bold"), "", findings(found, output), "")
    problems = any(each.state == "problem" for each in found)
    output.print(output.mark("failed" if problems else "succeeded", said or "all is well"))
