"""Lessons beside a run: its own and its symptom's first, and as many words as a page has room for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 6
MOST_WORDS = 900
"""Characters of one that are shown."""


@dataclass(frozen=True)
class Lesson:
    """``about`` is "this run", "its symptom" or "a run like it"; ``cut`` are the characters that are left out."""

    id: str
    words: str
    author: str
    at: str
    about: str
    run: str | None
    cut: int
    version: int


@dataclass(frozen=True)
class Lessons:
    """``left_out`` are those for which there is no room."""

    shown: tuple[Lesson, ...]
    left_out: int


def lessons(found: Sequence[Mapping[str, Any]], run: str, symptom: str) -> Lessons:
    """Of what recall knows: the nearest first, the newest of these at the top."""
    told = [_lesson(each, run, symptom) for each in found]
    told.sort(key=lambda each: _NEAR.index(each.about))
    return Lessons(tuple(told[:MOST]), len(told[MOST:]))


_NEAR = ("this run", "its symptom", "a similar symptom", "a run like it")


def _lesson(each: Mapping[str, Any], run: str, symptom: str) -> Lesson:
    words, of_run, of_symptom = str(each["words"]), each.get("run"), each.get("symptom")
    if of_run is not None:
        about = _NEAR[0] if of_run == run else _NEAR[3]
    else:
        about = _NEAR[1] if of_symptom == symptom else _NEAR[2]
    cut = max(0, len(words) - MOST_WORDS)
    shown = f"{words[:MOST_WORDS]}…" if cut else words
    return Lesson(each["id"], shown, each["author"], each["at"], about, of_run, cut, each["version"])
