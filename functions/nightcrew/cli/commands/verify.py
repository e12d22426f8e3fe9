"""``nightcrew verify``: recompute the hash chain of one run, or of all that ran lately."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.chain import broken
from nightcrew.cli.marked import under_break_glass
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.times import since as moment_of
from nightcrew.errors import BrokenChain, Unknown
from nightcrew.ledger import history
from nightcrew.ledger.verify import still_open, verify

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
@json_option
@click.pass_obj
def command(asked: Asked, run: str | None, since: str) -> int:
    """Check that nobody touched the ledger of RUN; without RUN, of all that ran lately.

    Every entry must follow from the one before it. What cannot be seen so: a whole run that was removed, and a chain
    that was rewritten to its end; so it says "consistent". Exits with 1 where a chain is broken.
    """
    demo = ledger_of(asked, "whose ledger could be verified")
    now = demo.clock.now()
    runs = [run] if run is not None else list(_runs(demo, now, moment_of(since, now) or now - timedelta(days=7)))
    breaks: list[BrokenChain] = []
    entries = unclosed = broken_glass = 0
    for each in runs:
        items = history.items(demo.store, each)
        if not items and run is not None:
            raise Unknown(f"there is no run {run}")
        entries += len(items)
        unclosed += still_open(items)
        broken_glass += any(under_break_glass(item) for item in items[:1])
        breaks += verify(items)
    if asked.output.json:
        found = [broken(each) for each in breaks]
        asked.output.data(
            {
                "runs": len(runs),
                "entries": entries,
                "open": unclosed,
                "break_glass": broken_glass,
                "consistent": not breaks,
                "broken": found,
            }
        )
    else:
        _tell(asked, len(runs), entries, unclosed, broken_glass, breaks)
    return exits.NOT_CURED if breaks else exits.WELL


def _tell(asked: Asked, runs: int, entries: int, unclosed: int, broken_glass: int, breaks: list[BrokenChain]) -> None:
    for each in breaks:
        asked.output.print(asked.output.mark("failed", f"{each.run}, entry {each.number}: {each.what}"))
    counted = f"{_count(runs, 'run')}, {_count(entries, 'entry', 'entries')}"
    if unclosed:
        counted += f", {unclosed} of them still open" if runs > 1 else ", still open"
    if broken_glass:
        counted += f", {broken_glass} of them under break-glass" if runs > 1 else ", under break-glass"
    if breaks:
        touched = len({each.run for each in breaks})
        asked.output.print(f"{counted}: {_count(len(breaks), 'break')} in {_count(touched, 'run')}")
    else:
        asked.output.print(asked.output.mark("succeeded", f"consistent: {counted}"))


def _runs(demo: Place, now: datetime, since: datetime) -> Iterator[str]:
    """What runs, and what ended or was refused since then."""
    running = [row.run for row in history.running(demo.store)]
    yield from running
    after: str | None = None
    while True:
        page = history.history(demo.store, now=now, since=since, limit=history.MOST_ROWS, after=after)
        yield from (row.run for row in page.rows if row.run not in running)
        after = page.after
        if after is None:
            return


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
