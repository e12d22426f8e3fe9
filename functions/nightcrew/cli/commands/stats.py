"""``nightcrew stats``: how often runs helped, how fast against people's hands, and what that was worth."""

from pathlib import Path

import click

from nightcrew.api.statistics import USUAL, span
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import catalog_of, ledger_of, policy_of
from nightcrew.cli.reviewing.statistics import show
from nightcrew.dispatch.backtest.exported import from_file
from nightcrew.dispatch.backtest.hands import in_peoples_hands
from nightcrew.errors import BadInput
from nightcrew.knowledge.statistics.day import Lasted
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.plot import plot
from nightcrew.knowledge.statistics.spreadsheet import to_csv
from nightcrew.knowledge.statistics.statistics import BY, LOOKS_BACK, Statistics, statistics


@click.command()
@click.option("--since", metavar="TIME", default=USUAL, show_default=True, help="7d (the last is one), or 2026-11-21.")
@click.option("--until", metavar="TIME", help="The last day: 2026-11-21; else today.")
@click.option("--by", type=click.Choice(BY), default="runbook", show_default=True, help="What stands in one line.")
@click.option(
    "--alarm-history",
    "history",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="How long alarms lasted before: an exported history, as backtest reads it.",
)
@click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout, a line for each group.")
@click.option(
    "--svg",
    "picture",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the weeks into this file, too.",
)
@json_option
@click.pass_obj
def command(
    asked: Asked,
    *,
    since: str,
    until: str | None,
    by: str,
    history: Path | None,
    as_csv: bool,
    picture: Path | None,
) -> None:
    """Say how often runs helped, how fast, against how long alarms last in people's hands, and what that saved.

    Whole UTC days. Toil saved = for each run that helped, how long people have such an alarm (the median), less how
    long runs lasted that did not help, less how long people took to answer what runs asked. People's times are what
    Nightcrew observed, else what --alarm-history says, else the estimate of the runbook's author, marked with ~.
    """
    one_form(asked, as_csv=as_csv)
    place = ledger_of(asked, "to reckon with")
    first, last = span(since, until, place.clock.now())
    catalog = catalog_of(asked)
    lasted = _lasted(asked, history, catalog)
    told = statistics(
        days(place.store, min(first, last - LOOKS_BACK), last, now=place.clock.now()),
        first,
        last,
        by=by,
        families=catalog.families,
        by_hand=catalog.by_hand,
        history=lasted,
    )
    tell(told, asked, as_csv=as_csv, picture=picture)


def one_form(asked: Asked, *, as_csv: bool) -> None:
    """Raises UsageError where two are asked for on stdout."""
    if as_csv and asked.output.json:
        raise click.UsageError("--csv and --json cannot be given together")


def tell(told: Statistics, asked: Asked, *, as_csv: bool, picture: Path | None) -> None:
    """In the form that was asked for; drawn into a file, too."""
    if picture is not None:
        _draw(told, picture, asked)
    if as_csv:
        asked.output.document(to_csv(told))
    elif asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output)


def _lasted(asked: Asked, file: Path | None, catalog: Catalog) -> tuple[Lasted, ...]:
    """What an exported history says of the alarms that the catalog answers."""
    return () if file is None else in_peoples_hands(from_file(file), catalog, policy_of(asked, catalog))


def _draw(told: Statistics, file: Path, asked: Asked) -> None:
    where = asked.stack or asked.url or ("the demo" if asked.demo else "break-glass")
    try:
        file.write_text(plot(told, f"Nightcrew, {where}"), encoding="utf-8", newline="\n")
    except OSError as problem:
        raise BadInput("--svg", str(file), f"it must be a file that can be written ({problem.strerror})") from problem
    asked.output.note(f"drawn into {file}")
