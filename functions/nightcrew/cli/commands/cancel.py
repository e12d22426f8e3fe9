"""``nightcrew cancel RUN``: a run stops at its next poll or change, and takes back what it did."""

from contextlib import closing, suppress
from typing import TYPE_CHECKING

import click
from rich.text import Text

from nightcrew.admission.cancelling import Cancel, cancel
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.deciding import as_option
from nightcrew.cli.place import Workshop, catalog_of, stack_of, workshop_of
from nightcrew.cli.stack import Stack
from nightcrew.errors import Unknown
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import tail

if TYPE_CHECKING:
    from nightcrew.cli.carrying import Carried


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
    place = stack_of(asked) or workshop_of(asked, "with runs to cancel")
    output = asked.output
    wish = cancel(place.store, run, by=place.actor(as_), reason=reason, now=place.clock.now())
    last = tail(place.store, run)
    over = wish.value is None or (last is not None and last.kind in ENDINGS)
    told = {"run": run, "over": over, "words": wish.words, "outcome": None}
    code = exits.WELL
    if over:
        output.print(Text(f"{run}: {wish.words}"))
        output.hint(f"  {asked.command} show {run}")
    else:
        output.print(Text.assemble(output.mark("cancelled", "asked to stop"), f"  {run}: {wish.words}"))
        done = _follow(run, wish, place, asked) if isinstance(place, Stack) else _carry(run, wish, place, asked)
        if done is not None:
            told |= {"outcome": done.outcome, "words": done.words}
            code = exits.WELL if done.outcome == "cancelled" else done.code
        if told["outcome"] is None:
            output.print("Whoever carries it on sees it at the next poll, or change. If that process has died:")
            output.hint(f"  {asked.command} resume {run}")
    if output.json:
        output.data(told)
    return code


def _follow(run: str, wish: Cancel, stack: Stack, asked: Asked) -> "Carried":
    """The executor takes back what it changed: shown as it is written."""
    from nightcrew.cli.following import follow

    last = tail(stack.store, run)
    if wish.callback is not None:
        stack.answer(wish.callback, wish.value)
    done = follow(stack, run, asked, after=last.number if last is not None else -1)
    done.tell(asked)
    return done


def _carry(run: str, wish: Cancel, place: Workshop, asked: Asked) -> "Carried | None":
    """Whoever carries a run that waits for a person left it there: nobody else would carry it on."""
    from nightcrew.cli.carrying import watched
    from nightcrew.cli.resuming import Resuming
    from nightcrew.engine.local import Journal
    from nightcrew.engine.local.worker import pending

    with watched(place, asked, catalog_of(asked)) as crew, closing(Journal(place.journal, place.clock)) as journal:
        waits = pending(run, place.store, journal) is not None
        if wish.callback is not None:
            with suppress(Unknown):  # it waits in another machine's journal, and sees the flag
                crew.installation.answer(wish.callback, wish.value)
        return Resuming(crew, journal, place, asked).resume(run) if waits else None
