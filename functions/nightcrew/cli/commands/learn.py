"""``nightcrew learn``: what the next one should know of a run, or of a symptom; and what people learned already."""

from collections.abc import Sequence
from typing import Any

import click
from rich.text import Text

from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.reviewing.lessons import shown, version_of
from nightcrew.cli.reviewing.worded import not_lost, said
from nightcrew.dispatch.ids import new_run_id
from nightcrew.errors import Unknown
from nightcrew.knowledge.lessons import PREFIX, Lesson, correct, learn, lessons, versions
from nightcrew.knowledge.wording import fit_symptom
from nightcrew.ledger.history import history, opening


@click.command()
@click.argument("given", nargs=-1, metavar="[RUN] [WORDS|-]")
@click.option("--symptom", metavar="TEXT", help="About a symptom, like AWS/EC2:StatusCheckFailed_Instance:high.")
@click.option("--correct", "lesson", metavar="LESSON", help="A new version of a lesson; the old one stays.")
@click.option("--list", "listing", is_flag=True, help="List lessons; those of a RUN, or the versions of a LESSON.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100), metavar="NUMBER", help="So many.")
@click.option("--as", "as_", metavar="NAME", help="In the demo, which one person plays alone: who writes.")
@json_option
@click.pass_obj
def command(  # each says what a lesson is about
    asked: Asked,
    *,
    given: tuple[str, ...],
    symptom: str | None,
    lesson: str | None,
    listing: bool,
    limit: int,
    as_: str | None,
) -> None:
    """Write down what the next one should know: of RUN, or of a symptom. `nightcrew recall`, approvals and `nightcrew
    search` show it.

    Without words, on a terminal, an editor opens; with - they are read from stdin. Who wrote, and when, stands with it.
    Nothing is overwritten or forgotten, so a credential is refused. Times are UTC.
    """
    if (symptom is not None) + (lesson is not None) > 1:
        raise click.UsageError("--symptom and --correct cannot be given together")
    if listing:
        _list(asked, given, symptom, lesson, limit)
        return
    place = ledger_of(asked, "that could keep a lesson")
    author = place.actor(as_)
    if lesson is not None:
        kept = _corrected(asked, place, lesson, given, author)
    else:
        kept = _learned(asked, place, given, symptom, author)
    if asked.output.json:
        asked.output.data(kept.to_dict())
        return
    words = "kept" if kept.version == 0 else version_of(kept)
    asked.output.print(Text.assemble(asked.output.mark("succeeded", words), f": {kept.id}"))
    asked.output.print(Text(f"  about {kept.run or kept.symptom}"))
    asked.output.hint(f"  {asked.command} learn --correct {kept.id} …")


def _learned(asked: Asked, place: Place, given: Sequence[str], symptom: str | None, author: str) -> Lesson:
    run, words = (None, given) if symptom is not None else (given[0] if given else None, given[1:])
    if symptom is None and (run is None or " " in run):  # words alone
        raise click.UsageError("say which RUN, or which --symptom, it is about")
    if run is not None and opening(place.store, run) is None:
        raise Unknown(f"there is no run {run}")  # before anybody writes a page about it
    if symptom is not None:
        symptom = fit_symptom(symptom)
        if not history(place.store, now=place.clock.now(), symptom=symptom, limit=1).rows:
            asked.output.note(f"note: no run of this ledger had the symptom {symptom}")

    def keep(words: str) -> Lesson:
        lesson = PREFIX + new_run_id(place.clock.now())
        return learn(place.store, place.clock, lesson, words, author=author, run=run, symptom=symptom)

    written = said(words, f"What should the next one know about {run or symptom}?")
    return not_lost(written, keep, asked.output, typed=_typed(words))


def _corrected(asked: Asked, place: Place, lesson: str, given: Sequence[str], author: str) -> Lesson:
    before = versions(place.store, lesson)[-1]

    def keep(words: str) -> Lesson:
        return correct(place.store, place.clock, lesson, words, author=author, version=before.version)

    written = said(given, f"What should {lesson} say instead?", before.words)
    return not_lost(written, keep, asked.output, typed=_typed(given))


def _typed(words: Sequence[str]) -> bool:
    return bool(words) and list(words) != ["-"]


def _list(asked: Asked, given: Sequence[str], symptom: str | None, lesson: str | None, limit: int) -> None:
    if len(given) + (symptom is not None) + (lesson is not None) > 1:
        raise click.UsageError("list the lessons of one RUN, or of one --symptom, or the versions of one LESSON")
    place = ledger_of(asked, "whose lessons could be listed")
    output, now = asked.output, place.clock.now()
    one = given[0] if given else lesson
    if one is not None and one.startswith(PREFIX):
        found: Sequence[Lesson] = versions(place.store, one)[::-1]
    else:
        if one is not None and opening(place.store, one) is None:
            raise Unknown(f"there is no run {one}")
        found = lessons(place.store, run=one, symptom=symptom, limit=limit)
    if output.json:
        data: list[dict[str, Any]] = [each.to_dict() for each in found]
        output.data(data)
    elif found:
        output.print(*shown(found, now, output))
    else:
        output.print("No lessons.")
