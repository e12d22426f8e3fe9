"""``learn`` over the API."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.text import Text

from nightcrew.cli.asked import Asked
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.signing import segment
from nightcrew.cli.reviewing.lessons import shown, version_of
from nightcrew.cli.reviewing.worded import not_lost, said
from nightcrew.clock import moment
from nightcrew.knowledge.lessons import PREFIX, Lesson


def learn(asked: Asked, typed: Mapping[str, Any]) -> None:
    """Write one down, correct one, or list them."""
    api, output = Api(asked), asked.output
    given, symptom, lesson = typed["given"], typed["symptom"], typed["lesson"]
    if symptom is not None and lesson is not None:
        raise click.UsageError("--symptom and --correct cannot be given together")
    if typed["listing"]:
        _list(api, asked, given, symptom, lesson, typed["limit"])
        return
    if lesson is not None:
        kept = _corrected(api, asked, lesson, given)
    else:
        kept = _learned(api, asked, given, symptom)
    if output.json:
        output.data(kept)
        return
    made = lesson_of(kept)
    words = "kept" if made.version == 0 else version_of(made)
    output.print(Text.assemble(output.mark("succeeded", words), f": {made.id}"))
    output.print(Text(f"  about {made.run or made.symptom}"))
    output.hint(f"  {asked.command} learn --correct {made.id} …")


def lesson_of(told: Mapping[str, Any]) -> Lesson:
    """A lesson out of the API's answer."""
    return Lesson(**{**told, "at": moment(str(told["at"]))})


def _learned(api: Api, asked: Asked, given: Sequence[str], symptom: str | None) -> dict[str, Any]:
    run, typed = (None, given) if symptom is not None else (given[0] if given else None, given[1:])
    if run is None and symptom is None:
        raise click.UsageError("say which RUN, or which --symptom, it is about")
    words = said(typed, f"What should the next one know about {run or symptom}?")

    def keep(text: str) -> dict[str, Any]:
        about = {"run": run, "symptom": symptom}
        made: dict[str, Any] = api.post("/lessons", {"words": text, **about}, key=api.new_key())
        return made

    return not_lost(words, keep, asked.output, typed=_is_typed(typed))


def _corrected(api: Api, asked: Asked, lesson: str, given: Sequence[str]) -> dict[str, Any]:
    before = lesson_of(api.get("/lessons", lesson=lesson, limit=1)[0])
    words = said(given, f"What should {lesson} say instead?", before.words)

    def keep(text: str) -> dict[str, Any]:
        made: dict[str, Any] = api.post(
            f"/lessons/{segment(lesson)}/versions", {"words": text, "version": before.version}, again=True
        )
        return made

    return not_lost(words, keep, asked.output, typed=_is_typed(given))


def _is_typed(words: Sequence[str]) -> bool:
    return bool(words) and list(words) != ["-"]


def _list(api: Api, asked: Asked, given: Sequence[str], symptom: str | None, lesson: str | None, limit: int) -> None:
    if len(given) + (symptom is not None) + (lesson is not None) > 1:
        raise click.UsageError("list the lessons of one RUN, or of one --symptom, or the versions of one LESSON")
    one = given[0] if given else lesson
    about = {"symptom": symptom} if one is None else {"lesson" if one.startswith(PREFIX) else "run": one}
    found = api.get("/lessons", limit=limit, **about)
    if asked.output.json:
        asked.output.data(found)
    elif found:
        asked.output.print(*shown([lesson_of(each) for each in found], api.clock.now(), asked.output))
    else:
        asked.output.print("No lessons.")
