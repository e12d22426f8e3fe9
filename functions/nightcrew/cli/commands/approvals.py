"""``nightcrew approvals``: what waits for a person."""

import click
from rich.text import Text

from nightcrew.admission.approvals import waiting
from nightcrew.cli import deciding
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import installation_of
from nightcrew.cli.resources import short
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import whole
from nightcrew.ledger.history import opening


@click.command()
@json_option
@click.pass_obj
def command(asked: Asked) -> None:
    """List the runs that wait for a person's approval, the nearest deadline first. Times are UTC.

    `nightcrew approve RUN` and `nightcrew decline RUN` decide; whoever asked for a run cannot approve it.
    """
    demo = installation_of(asked, "in which anything could wait for an approval")
    now, output = demo.clock.now(), asked.output
    found = [each for each in waiting(demo.store, now) if not deciding.over(demo.store, each.run)]
    if output.json:
        output.data([deciding.data(each, demo.store) for each in found])
        return
    if not found:
        output.print("Nothing waits for an approval.")
    for number, each in enumerate(found):
        if number:
            output.print()
        resource = deciding.resource_of(opening(demo.store, each.run))
        output.print(Text.assemble((each.runbook, "bold"), " on ", (short(resource), "bold")))
        left = deciding.remaining((each.deadline - now).total_seconds())
        people = f"{len(each.approvers)} of {each.wanted} have approved" if each.wanted > 1 else ""
        about = [
            ("run", each.run),
            ("asked by", each.requester),
            ("deadline", f"{whole(each.deadline)} ({left})"),
            ("people", people),
            ("plan", each.hash[:12]),
            ("the past", str(each.question.get("known", {}).get("words", ""))),
        ]
        output.print(pairs((label, Text(words)) for label, words in about if words))
        output.print(deciding.plan_lines(each.question.get("lines", ())))
        output.hint(f"  {asked.command} approve {each.run}")
