"""``nightcrew cancel RUN``: a run stops at its next poll or change, and takes back what it did."""

from contextlib import closing, suppress

import click
from rich.text import Text

from nightcrew.admission.cancelling import cancel
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.deciding import as_option
from nightcrew.cli.place import catalog_of, ledger_of
from nightcrew.errors import Unknown
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import tail


@click.command()
@click.argument("run")
@click.option("--reason", metavar="TEXT", required=True, help="Why, for those who read the ledger.")
@as_option
@json_option
@click.pass_obj
def command(asked: Asked, run: str, reason: str, as_: str | None) -> int:
    """Stop RUN: within one poll it takes back what it changed, and ends as cancelled.

    It is safe at every moment, and twice: the first reason stays. A run that is over already stays as it is, and that
    is no error.
    """
    demo = ledger_of(asked, "with runs to cancel")
    output = asked.output
    wish = cancel(demo.store, run, by=demo.actor(as_), reason=reason, now=demo.clock.now())
    last = tail(demo.store, run)
    over = wish.value is None or (last is not None and last.kind in ENDINGS)
    told = {"run": run, "over": over, "words": wish.words, "outcome": None}
    code = exits.WELL
    if over:
        output.print(Text(f"{run}: {wish.words}"))
        output.hint(f"  {asked.command} show {run}")
    else:
        output.print(Text.assemble(output.mark("cancelled", "asked to stop"), f"  {run}: {wish.words}"))
        from nightcrew.cli.carrying import pending, watched
        from nightcrew.cli.resuming import Resuming
        from nightcrew.engine.local import Journal

        catalog = catalog_of(asked)
        with watched(demo, asked, catalog) as crew, closing(Journal(demo.journal, demo.clock)) as journal:
            # Whoever carries a run that waits for a person left it there: nobody else would carry it on.
            waits = pending(run, demo.store, journal) is not None
            if wish.callback is not None:
                with suppress(Unknown):  # it waits in another machine's journal, and sees the flag
                    crew.installation.answer(wish.callback, wish.value)
            if waits:
                done = Resuming(crew, journal, demo, asked).resume(run)
                told |= {"outcome": done.outcome, "words": done.words}
                code = exits.WELL if done.outcome == "cancelled" else done.code
        if told["outcome"] is None:
            output.print("Whoever carries it on sees it at the next poll, or change. If that process has died:")
            output.hint(f"  {asked.command} resume {run}")
    if output.json:
        output.data(told)
    return code
