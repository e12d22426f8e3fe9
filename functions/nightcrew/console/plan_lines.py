"""The lines of a plan as pages show them: nothing of what somebody agrees to is cut, however long it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightcrew.knowledge.values import compact

WHOLE = 64 * 1024
"""Characters of one parameter: more than a call can carry."""


@dataclass(frozen=True)
class Called:
    """A call and its parameters, each in words; ``title`` says what for, where it has one of its own."""

    call: str
    parameters: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Step:
    """One line of an undo: words, and the call of a change."""

    words: str
    does: Called | None = None


@dataclass(frozen=True)
class PlanLine:
    """``verb`` is what the run would do, ``held`` whether a requirement holds (None where nobody knows yet), ``undo``
    how a change is taken back, ``facts`` what else is known of it, name and words.
    """

    verb: str
    title: str
    does: Called | None = None
    held: bool | None = None
    undo: tuple[Step, ...] = ()
    or_else: Called | None = None
    facts: tuple[tuple[str, str], ...] = field(default=())

    @property
    def changes(self) -> bool:
        """Whether it would change anything."""
        return self.verb == "change"


def plan_lines(lines: Sequence[Mapping[str, Any]]) -> list[PlanLine]:
    """Of a plan's JSON, or of a question's, which has its changes alone."""
    return [_line(each) for each in lines]


def _line(line: Mapping[str, Any]) -> PlanLine:
    told = {"outcome unknown": line.get("unknown"), "within": line.get("within"), "note": line.get("note")}
    if "wanted" in line:
        told["people"] = line["wanted"]
    return PlanLine(
        verb=str(line.get("verb", "change")),
        title=str(line.get("title", "")),
        does=_called({**line, "title": ""}) if "call" in line else None,
        held=line.get("held"),
        undo=_undo(line.get("undo")),
        or_else=_called(line["or_else"]) if "or_else" in line else None,
        facts=tuple((name, str(words)) for name, words in told.items() if words),
    )


def _called(line: Mapping[str, Any]) -> Called:
    given = line.get("parameters") or {}
    pairs = given.items() if isinstance(given, Mapping) else [("", given)]
    parameters = tuple((str(name), compact(value, WHOLE)) for name, value in pairs)
    return Called(str(line["call"]), parameters, str(line.get("title", "")))


def _undo(told: Any) -> tuple[Step, ...]:
    """Words, a call, or the lines of a function of steps."""
    if not told:
        return ()
    if isinstance(told, str):
        return (Step(told),)
    if isinstance(told, Mapping):
        return (Step("", _called(told)),)
    return tuple(_step(each) for each in told)


def _step(line: Mapping[str, Any]) -> Step:
    verb, title = str(line.get("verb", "change")), str(line.get("title", ""))
    if verb == "change":
        return Step(title, _called({**line, "title": ""}) if "call" in line else None)
    return Step(f"{verb} {title}")
