"""``nightcrew history``: what ran, what was refused, and what runs now."""

import click

from nightcrew.api.runs import Wanted, found
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli import rows
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.resources import arns_of, the_one
from nightcrew.cli.times import since as moment_of
from nightcrew.cli.times import until as end_of
from nightcrew.errors import Unknown
from nightcrew.knowledge.marks import MARKS
from nightcrew.ledger import history

OUTCOMES = [outcome for outcome in MARKS if outcome not in {"planned", "waiting"}]


@click.command()
@click.option("--resource", metavar="ARN", help="Of one resource: its ARN, or its name where that says enough.")
@click.option("--runbook", metavar="NAME", shell_complete=names, help="Of one runbook.")
@click.option("--symptom", metavar="TEXT", help="Of one symptom, like AWS/EC2:StatusCheckFailed_Instance:high.")
@click.option(
    "--outcome",
    metavar="OUTCOME",
    type=click.Choice(OUTCOMES),
    help=f"That ended like this, or still run: {', '.join(OUTCOMES)}.",
)
@click.option("--person", metavar="NAME", help="That this person started: ada, or their ARN.")
@click.option("--since", metavar="TIME", help="24h, 7d, 2026-11-21 or 2026-11-21T03:00 (UTC); else 30 days.")
@click.option("--until", metavar="TIME", help="What ended before then, likewise; of a day the whole day is part.")
@click.option("--limit", default=20, show_default=True, metavar="NUMBER", help="Runs on a page, at most 100.")
@click.option("--after", metavar="CURSOR", help="The page after this one; a page tells its cursor.")
@json_option
@click.pass_obj
def command(  # each is a filter
    asked: Asked,
    *,
    resource: str | None,
    runbook: str | None,
    symptom: str | None,
    outcome: str | None,
    person: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    after: str | None,
) -> None:
    """List runs and refusals, newest first; what runs now stands on top.

    Times are UTC. `nightcrew show RUN` tells the story of one.
    """
    demo = ledger_of(asked, "to read a history of")
    now = demo.clock.now()
    if resource is not None or runbook is not None:
        catalog = Catalog.load()
        if runbook is not None and runbook not in catalog and after is None:
            _note_unknown(catalog, runbook, asked)
        if resource is not None:
            resource = the_one(resource, arns_of(resource, catalog, demo.who, runbook), lambda arn: _met(demo, arn))
    last = end_of(until, now) if until is not None else None
    wanted = Wanted(resource, runbook, symptom, outcome, moment_of(since, now), limit, after, person, last)
    running, page = found(demo.store, now, wanted)
    if asked.output.json:
        asked.output.data(
            {
                "running": [rows.data(row) for row in running],
                "runs": [rows.data(row) for row in page.rows],
                "after": page.after,
            }
        )
        return
    told = [*running, *page.rows]
    if told:
        asked.output.print(*rows.listed(told, now, asked.output))
    else:
        asked.output.print("No runs." if page.after is None else "None on this page, which was cut short: go on.")
    if page.after is not None:
        asked.output.print()
        asked.output.hint("There is more: the same, with", f"  --after {page.after}")


def _met(demo: Place, arn: str) -> bool:
    """Whether anything ever ran, or was refused, on a resource."""
    return bool(history.history(demo.store, now=demo.clock.now(), resource=arn, limit=1).rows)


def _note_unknown(catalog: Catalog, runbook: str, asked: Asked) -> None:
    """A runbook that is gone still has a history: no error, but a word, lest a slip looks like an empty history."""
    try:
        catalog[runbook]
    except Unknown as unknown:
        asked.output.note(f"note: {unknown}")
