"""``nightcrew verify``: whether anybody touched the ledger: chains, daily roots, and their anchors."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.reviewing import anchored
from nightcrew.cli.reviewing.anchored import anchors_of, anchors_option
from nightcrew.cli.times import since as moment_of
from nightcrew.clock import SystemClock
from nightcrew.errors import Unknown
from nightcrew.ledger.audit import audit
from nightcrew.ledger.kept import InExport, InTables, Kept

USUAL = "7d"


@click.command()
@click.argument("run", required=False)
@click.option(
    "--since",
    metavar="TIME",
    default=USUAL,
    show_default=True,
    help="Without RUN: what ended since then, and what runs now.",
)
@anchors_option
@click.option(
    "--export",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="An evidence directory, a DynamoDB export, or a file of its entries: all of it, without AWS.",
)
@json_option
@click.pass_obj
def command(asked: Asked, run: str | None, since: str, anchors: str | None, export: Path | None) -> int:
    """Check that nobody touched the ledger of RUN; without RUN, of all that ran lately.

    Every entry must follow from the one before it, and stand as the day's root names it: then it is "consistent".
    Who may write to the table could have written all of that anew, so only what an anchor outside the table names,
    too, is "untampered". Exits with 1 where something was touched.
    """
    kept: Kept
    now: datetime | None = None
    place: Place | None = None
    if export is not None:
        begin = moment_of(since, SystemClock().now())
        kept = InExport(export)
        there = anchors_of(asked, anchors, None, offline=True)
    else:
        place = ledger_of(asked, "whose ledger could be verified")
        now = place.clock.now()
        begin = moment_of(since, now)
        kept = InTables(place.store, now)
        there = anchors_of(asked, anchors, getattr(place, "clients", None))
    begin = begin or SystemClock().now() - timedelta(days=7)
    if run is not None:
        begin = anchored.since_of(run, kept.items(run), begin)
    elif export is not None:
        begin = datetime.min.replace(tzinfo=begin.tzinfo)  # it is what it is
    found = audit(kept, begin, there, run)
    if run is not None and not any(each.entries or each.breaks for each in found.looked):
        raise Unknown(f"there is no run {run}")
    if asked.output.json:
        asked.output.data(found.to_dict())
    else:
        anchored.tell(asked, found, now)
        if anchors is None and place is not None:
            anchored.hint(asked, place)
    return exits.NOT_CURED if found.breaks else exits.WELL
