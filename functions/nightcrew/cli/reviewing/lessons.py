"""Lessons for people: who wrote what, when, and about what."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.padding import Padding
from rich.text import Text

from nightcrew.cli.output import PROSE, Output
from nightcrew.cli.times import short as when
from nightcrew.cli.times import whole
from nightcrew.knowledge.lessons import Lesson
from nightcrew.knowledge.names import person


def shown(lessons: Sequence[Lesson], now: datetime, output: Output, *, about: bool = True) -> Iterator[Text | Padding]:
    """Each with its words below it; ``about`` what it is, where that is not known anyway."""
    for number, each in enumerate(lessons):
        if number:
            yield Text()
        yield _head(each, now, output, about=about)
        yield words_of(each.words, output)


def words_of(words: str, output: Output) -> Padding:
    """What somebody wrote, its lines as they are, none wider than reads well."""
    width = max(min(output.width, PROSE) - 4, 20)
    lines = [part for line in words.split("\n") for part in (Text(line).wrap(output.console, width) or [Text()])]
    return Padding(Text("\n").join(lines), (0, 0, 0, 4), expand=False)


def version_of(lesson: Lesson) -> str:
    """Which of its versions it is, in words: they are counted from 0."""
    if lesson.version == 0:
        return "as first written"
    return f"corrected {'once' if lesson.version == 1 else f'{lesson.version} times'}"


def _head(lesson: Lesson, now: datetime, output: Output, *, about: bool) -> Text:
    at = whole(lesson.at) if output.width > PROSE else when(lesson.at, now)
    parts = [at, person(lesson.author), version_of(lesson) if lesson.version else "", lesson.id]
    told = Text.assemble("  ", " · ".join(filter(None, parts)), style="dim")
    if about:
        told = Text.assemble("  ", (str(lesson.run or lesson.symptom), "bold"), "\n") + told
    return told
