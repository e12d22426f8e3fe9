"""A sentence with values in it, kept apart from them: written as plain text for programs, as Markdown for people.

The sentence is ours, the values are anybody's: they are escaped where it is written, and nowhere else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.knowledge.markdown import clean, code, escaped

MOST_PLAIN = 4000
"""Characters of one value, for programs."""


@dataclass(frozen=True)
class Name:
    """A value that is a name or an expression: in Markdown it stands as code."""

    value: str


@dataclass(frozen=True)
class Strong:
    """A value that stands out."""

    value: str


@dataclass(frozen=True)
class Said:
    """``form`` as for ``str.format``, with a ``{}`` for each value: a text, a ``Name``, a number, a time, or another
    ``Said``.
    """

    form: str
    values: tuple[Any, ...] = ()

    @property
    def plain(self) -> str:
        """Without any markup, in one line."""
        return self.form.format(*(_plain(value) for value in self.values))

    @property
    def markdown(self) -> str:
        """With every value escaped."""
        return self.form.format(*(_markdown(value) for value in self.values))


def say(form: str, *values: Any) -> Said:
    """``say("{} was restarted", Name("i-0abc"))``."""
    return Said(form, values)


def listed(values: list[Any], between: str = ", ") -> Said:
    """One after the other."""
    return Said(between.join("{}" for _ in values), tuple(values))


def _plain(value: Any) -> Any:
    if isinstance(value, Said):
        return value.plain
    if isinstance(value, datetime | int):
        return value
    return clean(value.value if isinstance(value, Name | Strong) else value, most=MOST_PLAIN)


def _markdown(value: Any) -> Any:
    if isinstance(value, Said):
        return value.markdown
    if isinstance(value, datetime | int):
        return value
    if isinstance(value, Strong):
        return f"**{escaped(value.value)}**"
    return code(value.value) if isinstance(value, Name) else escaped(value)
