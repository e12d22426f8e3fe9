"""``nightcrew why``: why something was done to a resource, or for an alarm or an event, or was not; and how the gates
stand now.
"""

import click

from nightcrew.api.why import why
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import catalog_of, ledger_of, policy_of
from nightcrew.cli.reviewing.why import show


@click.command()
@click.argument("what", metavar="RESOURCE|ALARM")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), metavar="NUMBER", help="So many.")
@json_option
@click.pass_obj
def command(asked: Asked, what: str, limit: int) -> None:
    """Say why something was done, or was not, to RESOURCE or for ALARM: runs and refusals, newest first, and then
    what would be refused now.

    A resource by its ARN, or its name where that says enough; an alarm by its name or ARN, an event by its name
    (`nightcrew match` says it). Times are UTC.
    """
    demo = ledger_of(asked, "whose decisions could be looked up")
    output, now = asked.output, demo.clock.now()
    catalog = catalog_of(asked)
    told = why(demo, catalog, lambda: policy_of(asked, catalog), what, limit)
    if output.json:
        output.data(told.to_dict())
    else:
        show(told, what, now, output)
