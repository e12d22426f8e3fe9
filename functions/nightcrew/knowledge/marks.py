"""How a run ended, at a glance: a mark, a colour and a word for each outcome. Told apart without the colour, too."""

from typing import NamedTuple


class Mark(NamedTuple):
    """``sign`` is one cell wide; ``ascii`` stands for it where the terminal cannot show it; ``style`` is rich's."""

    sign: str
    ascii: str
    style: str
    words: str


MARKS = {
    "cured": Mark("✓", "+", "green", "cured"),
    "succeeded": Mark("✓", "+", "green", "succeeded"),
    "planned": Mark("◇", "=", "cyan", "planned"),
    "ineffective": Mark("≈", "~", "yellow", "ineffective"),
    "worse": Mark("▲", "^", "bold red", "worse"),
    "failed": Mark("✗", "x", "red", "failed"),
    "cancelled": Mark("■", "#", "magenta", "cancelled"),
    "not_applicable": Mark("–", "-", "dim", "not applicable"),
    "refused": Mark("⊘", "%", "yellow", "refused"),
    "declined": Mark("⊖", "%", "yellow", "declined"),
    "running": Mark("▶", ">", "cyan", "running"),
    "waiting": Mark("◌", "o", "cyan", "waiting"),
    "warning": Mark("!", "!", "yellow", "warning"),
}
"""By outcome; ``running`` and ``waiting`` are what comes before one, ``warning`` is what ``doctor`` says."""

OTHER = Mark("?", "?", "", "")


def mark_of(outcome: str) -> Mark:
    """The mark of an outcome; of one that is not known here, its own word and a question mark."""
    return MARKS.get(outcome) or OTHER._replace(words=outcome.replace("_", " "))
