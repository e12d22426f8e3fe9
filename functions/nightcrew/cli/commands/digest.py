"""``nightcrew digest``: what a team should know of a week, on the terminal, for a page, or sent to people now."""

from datetime import date, datetime, timedelta

import click

from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.exits import NotHere
from nightcrew.cli.place import Place, catalog_of, ledger_of
from nightcrew.cli.reviewing.digest import show
from nightcrew.cli.stack import Stack
from nightcrew.cli.times import span
from nightcrew.engine.installation import nobody
from nightcrew.errors import BadInput, Unreachable
from nightcrew.knowledge.digest.digest import Digest, digest_of

MOST = timedelta(days=366)


@click.command()
@click.option("--since", metavar="TIME", default="7d", show_default=True, help="7d (the last is one), or 2026-11-16.")
@click.option("--until", metavar="TIME", help="The last day: 2026-11-22; else today.")
@click.option("--markdown", is_flag=True, help="As Markdown, to be pasted into a page.")
@click.option("--send", is_flag=True, help="Send it to the stack's news, too: to people and other systems.")
@json_option
@click.pass_obj
def command(asked: Asked, *, since: str, until: str | None, markdown: bool, send: bool) -> None:
    """Say what ran, what helped, what did not, and what to mend at the root.

    Whole UTC days. A stack sends it by itself once a week (its parameter DigestDay).
    """
    if markdown and asked.output.json:
        raise click.UsageError("--markdown and --json cannot be given together")
    place = ledger_of(asked, "to sum up")
    if send and not isinstance(place, Stack):
        raise NotHere("nobody hears of it here: only a deployed stack has news", "nightcrew --stack NAME digest --send")
    now, catalog = place.clock.now(), catalog_of(asked)
    first, last = _span(since, until, now)
    made = digest_of(
        place.store,
        first,
        last,
        now,
        families=catalog.families,
        by_hand=catalog.by_hand,
    )
    if send:
        _send(place, made, asked)
    if markdown:
        asked.output.document(made.markdown())
    elif asked.output.json:
        asked.output.data(made.to_dict())
    else:
        show(made, asked.output)


def _send(place: Place, made: Digest, asked: Asked) -> None:
    """Raises Unreachable where it was not delivered."""
    assert isinstance(place, Stack)  # noqa: S101  asked before anything was read
    if not place.door(nobody).installation.tell_people("digest", made.to_news()):
        raise Unreachable("the digest was not delivered: the note above says why")
    asked.output.note("sent to the stack's news")


def _span(since: str, until: str | None, now: datetime) -> tuple[date, date]:
    """The first and the last day, a year apart at most."""
    first, last = span(since, until, now)
    if first > last or last - first > MOST:
        raise BadInput("--since", since, f"it must not be after the last day, {last}, nor a year before it")
    return first, last
