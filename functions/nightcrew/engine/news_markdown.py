"""Untrusted text in a message to a chat: it shows what it says, calls nobody, and is made into nothing.

Slack and Teams read different Markdown, and Amazon Q Developer hands on what it gets. So nothing is escaped in the way
of one of them, which the other would show: what could begin something is replaced by a sign that looks like it.
"""

import re
import unicodedata

MOST = 300
"""Characters of one value: the ledger has the whole."""

_BREAK = "\u200b"
"""Nothing to see, and no word any more."""

_LOOK_ALIKES = str.maketrans(
    {
        "*": "\u2217",  # bold
        "~": "\u223c",  # struck out
        "`": "\u02b9",  # code
        "<": "\u2039",  # <!channel>, <@U0123>, <https://…|click>, HTML
        ">": "\u203a",  # a quotation
        "\\": "\u2216",
    }
)
_TURNS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}  # the writing direction

_BROKEN = (
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), "\u02cd"),  # italics; in a name like my_table it stays
    (re.compile(r"([@#&])(?=\w)"), rf"\1{_BREAK}"),  # @here, #general, &lt;
    (re.compile(r"&(?=#)"), f"&{_BREAK}"),
    (re.compile(r"(?<=\])(?=[(\[])"), _BREAK),  # [text](address)
    (re.compile(r"://"), f":{_BREAK}//"),
    (re.compile(r"\b(www|mailto|tel)([.:])", re.IGNORECASE), rf"\1{_BREAK}\2"),
    (re.compile(r"(?<![A-Za-z0-9:]):(?=[A-Za-z0-9_+'-]+:)"), "\ua789"),  # :white_check_mark:, and no ARN
    (re.compile(r"^([-+=]|\d{1,9}(?=[.)]\s))"), rf"{_BREAK}\1"),  # a list, a line
)


def clean(value: object, most: int = MOST) -> str:
    """One line without controls, cut at ``most`` characters."""
    line = " ".join("".join(map(_fit, str(value))).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def escaped(value: object, most: int = MOST) -> str:
    """Running text: nothing in it is Markdown, a mention, a link or a sign any more."""
    line = clean(value, most).translate(_LOOK_ALIKES)
    for found, instead in _BROKEN:
        line = found.sub(instead, line)
    return line


def code(value: object, most: int = MOST) -> str:
    """A name or a command, to be copied: as code, in which only what could end it, or call somebody, is replaced."""
    line = re.sub(r"([@&])(?=\w)", rf"\1{_BREAK}", clean(value, most).translate(_IN_CODE))
    return f"`{line}`" if line else ""


_IN_CODE = {sign: _LOOK_ALIKES[sign] for sign in map(ord, "`<>")}


def _fit(character: str) -> str:
    unfit = unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"} or ord(character) in _TURNS
    return " " if unfit else character
