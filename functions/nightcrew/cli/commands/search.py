"""``nightcrew search WORDS``: finds what people learned, and how runs ended, by words."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.text import Text

from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import Demo, Place, ledger_of
from nightcrew.cli.reviewing.search import shown
from nightcrew.cli.times import since as moment_of
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.demo import served
from nightcrew.errors import Conflict, Unreachable
from nightcrew.knowledge.search.index import Index, with_index
from nightcrew.knowledge.search.refresh import Told, refresh
from nightcrew.knowledge.search.search import KINDS, MOST, Findings, search


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--kind", type=click.Choice(KINDS), help="Only lessons, or only how runs ended.")
@click.option("--since", metavar="TIME", help="24h, 7d, 2026-11-21 or 2026-11-21T03:00 (UTC); else of any time.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, MOST), metavar="NUMBER", help="So many.")
@click.option("--all-versions", is_flag=True, help="Lessons as they were before they were corrected, too.")
@click.option("--refresh", "anew", is_flag=True, help="Read the whole ledger anew; else what is new in it.")
@json_option
@click.pass_obj
def command(  # each is a filter
    asked: Asked,
    *,
    words: Sequence[str],
    kind: str | None,
    since: str | None,
    limit: int,
    all_versions: bool,
    anew: bool,
) -> None:
    """Find lessons and endings of runs that have all the WORDS, in any form, the best match first.

    A "phrase in quotes" is found as it is, a beginning* with any end. Searched are what people wrote, and the words,
    errors, resources, runbooks and symptoms of runs. The index is a file of your own, filled from the ledger. Times are
    UTC.
    """
    place = ledger_of(asked, "to search in")
    file, ledger = _file(asked, place)
    typed, begin = " ".join(words), moment_of(since, place.clock.now())

    def work(index: Index) -> tuple[Findings, str, dict[str, int]]:
        if anew:
            index.begin_anew()
        _refresh(index, place, asked)
        found = search(index, typed, kind=kind, old_versions=all_versions, since=begin, limit=limit)
        return found, index.mark.until, index.counts()

    findings, until, counts = with_index(file, ledger, work, asked.output.note)
    if asked.output.json:
        asked.output.data(
            {
                "words": typed,
                "all_words": findings.all_words,
                "found": [each.to_dict() for each in findings.found],
                "searched": {"until": until, **dict.fromkeys(KINDS, 0), **counts},
            }
        )
    else:
        _tell(findings, counts, place.clock.now(), asked)


def _tell(findings: Findings, counts: dict[str, int], now: datetime, asked: Asked) -> None:
    output = asked.output
    if findings.found and not findings.all_words:
        output.print("Nothing has all of these words; these have some:", "")
    if findings.found:
        output.print(*shown(findings.found, now, output))
    output.print(*([""] if findings.found else ["Nothing was found."]))
    lessons, runs = counts.get("lesson", 0), counts.get("run", 0)
    of_lessons = f"{lessons} version{'' if lessons == 1 else 's'} of lessons"
    of_runs = "1 run" if runs == 1 else f"{runs} runs and refusals"
    output.print(Text(f"searched {of_lessons} and {of_runs}", style="dim"))
    ended = next((each.id for each in findings.found if each.kind == "run"), None)
    if ended is not None:
        output.hint(f"  {asked.command} show {ended}")


def _refresh(index: Index, place: Place, asked: Asked) -> None:
    """What is new; where the ledger cannot be read, what was read before is searched, and that is said."""
    with _progress(asked.output) as told:
        try:
            refresh(place.store, index, place.clock.now(), told)
        except (Unreachable, Conflict) as error:
            until = index.mark.until
            if not until:
                raise
            asked.output.note(f"note: {error}", f"  searched is what was read until {whole(moment(until))}")


def _file(asked: Asked, place: Place) -> tuple[Path, str]:
    """Where the index is, and what it calls its ledger: each installation has one of its own."""
    directory = (asked.files or served.directory()) / "search"
    if isinstance(place, Demo):
        return directory / "demo.sqlite", f"{place.served.endpoint} {place.journal}"
    from nightcrew.cli.stack import Stack  # the demo needs neither

    if isinstance(place, Stack):
        executor, table = place.outputs["Executor"], place.store.tables.ledger
        region, account = executor.split(":")[3:5]
        name = re.sub(r"[^\w.-]", "-", f"{account}-{region}-{place.name}")
        return directory / f"{name}.sqlite", f"{executor} {table}"
    return directory / "break-glass.sqlite", str(asked.files or "break-glass")


@contextmanager
def _progress(output: Output) -> Iterator[Told]:
    """A line on stderr that says how far it is, where somebody watches it; else one where it takes long."""
    if not output.beside.is_terminal or output.beside.is_dumb_terminal:
        yield _now_and_then(output.note)
        return
    with output.beside.status("reading what is new", spinner="dots", spinner_style="dim") as status:
        yield lambda what, many: status.update(f"reading the ledger: {what}, {many} so far")


def _now_and_then(note: Callable[[str], None]) -> Told:
    told = 0

    def tell(what: str, many: int) -> None:
        nonlocal told
        if many - told >= 10_000:
            told = many
            note(f"note: reading the ledger: {what}, {many} so far")

    return tell
