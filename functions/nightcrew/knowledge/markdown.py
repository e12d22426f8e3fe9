"""Untrusted text in a Markdown document: it shows what it says, and changes nothing of the document.

Headings, tables, lists, links, mentions, HTML and formulas are what a value could make of itself, on GitHub, GitLab
and in other readers (CommonMark 0.31, GitHub Flavored Markdown 0.29).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

MOST = 240
"""Characters of one value: a draft is for people, and the ledger has the whole."""

NOTHING = "–"

_TURNS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}  # the writing direction
_MARKS = re.compile(r"[\\`*\[\]<>~$#]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w])")
_INSTEAD = (
    ("|", "&#124;"),  # a backslash before it would be read differently in a table and in a line
    ("://", r":\//"),
    ("www.", r"www\."),
)
_MENTION = re.compile(r"@(?=\w)")
_BEGINS = re.compile(r"^(?:[-+=](?=\W|$)|\d{1,9}(?=[.)](?:\s|$)))")


def clean(value: object, most: int = MOST) -> str:
    """One line without controls, cut at ``most`` characters; what is left is text as it was."""
    line = " ".join("".join(map(_fit, str(value))).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def escaped(value: object, most: int = MOST) -> str:
    """Running text: nothing in it is Markdown any more."""
    line = _MARKS.sub(r"\\\g<0>", clean(value, most))
    for mark, instead in _INSTEAD:
        line = line.replace(mark, instead)
    line = _MENTION.sub("@&#8203;", line)
    return _BEGINS.sub(lambda found: _unlisted(found[0]), line) or NOTHING


def code(value: object, most: int = MOST) -> str:
    """A name: as code, so that nothing is made of it; as text where code could not hold it."""
    line = clean(value, most)
    return escaped(line, most) if not line or "`" in line or "|" in line else f"`{line}`"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already."""
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _unlisted(beginning: str) -> str:
    """What would begin a list, or underline a heading, does not."""
    return f"{beginning}\\" if beginning[0].isdigit() else f"\\{beginning}"


def _fit(character: str) -> str:
    unfit = unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} or ord(character) in _TURNS
    return " " if unfit else character
