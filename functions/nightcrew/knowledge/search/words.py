"""What a person types as FTS5 takes it: words, "phrases" in quotes, and beginnings*. Nothing that is typed is syntax
beyond these: a stray quote, ``AND`` or ``NEAR`` is searched as a word, or is no word at all.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from nightcrew.errors import BadInput

MOST_TERMS = 32

_PIECE = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_TOKEN = re.compile(r"[^\W_]+")  # letters and digits, as the tokenizer unicode61 has them
_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

Beginnings = Callable[[str], Sequence[str]]
"""The known words that begin so."""


def terms(typed: str, beginnings: Beginnings) -> list[str]:
    """An expression of FTS5 for each word or phrase, in their order. Raises BadInput where there is no word in it."""
    found = []
    for phrase, star, word in _PIECE.findall(typed):
        tokens = _TOKEN.findall(phrase or word)
        if tokens:
            begins = bool(star) or word.endswith("*")
            found.append(_beginning(tokens, beginnings) if begins else _quoted(tokens))
    if not found:
        raise BadInput("WORDS", typed, "a word has a letter or a digit")
    return list(dict.fromkeys(found))[:MOST_TERMS]


def pieces_of(name: str) -> str:
    """``InsufficientInstanceCapacity`` as words: people search for these. Empty for what has no such pieces."""
    split = _INNER_CAPITAL.sub(" ", name)
    return split if split != name else ""


def _beginning(tokens: Sequence[str], beginnings: Beginnings) -> str:
    """What is indexed are stems, and `capacit` is no beginning of the stem of `capacity`: so the words that begin so
    are looked up, and each is searched for as if it had been typed.
    """
    *before, last = tokens
    whole = [_quoted([*before, known]) for known in beginnings(_folded(last))]
    return f"({' OR '.join([f'{_quoted(tokens)} *', *whole])})"


def _quoted(tokens: Sequence[str]) -> str:
    return f'"{" ".join(tokens)}"'


def _folded(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(each for each in parts if not unicodedata.combining(each))
