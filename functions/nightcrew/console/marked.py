"""Texts with marks in them: a runbook's page, and what a search found. Nothing in them becomes HTML of its own."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

_MARKS = re.compile(r"`+([^`]+)`+|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*")
"""Names, stress, and stress again: no more is in our pages, and what a team's page has beyond stays as it is."""

_NAME, _STRONG, _SLIGHT = Markup("<code>{}</code>"), Markup("<strong>{}</strong>"), Markup("<em>{}</em>")


def prose(text: str) -> Markup:
    """Paragraphs of a runbook's page: ``names`` and **stress** as they are marked there, all else as text."""
    paragraphs = [_marked(each) for each in text.split("\n\n") if each.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(each) for each in paragraphs)


def snippet(found: Mapping[str, Any]) -> Markup:
    """A text that was found, its words marked."""
    text, at, shown = str(found["text"]), 0, Markup("")
    for begin, end in found["marks"]:
        shown += Markup("{}<mark>{}</mark>").format(text[at:begin], text[begin:end])
        at = end
    return shown + escape(text[at:])


def _marked(text: str) -> Markup:
    shown, at = Markup(""), 0
    for found in _MARKS.finditer(text):
        name, strong, slight = found.groups()
        form = _NAME if name else _STRONG if strong else _SLIGHT
        shown += escape(text[at : found.start()]) + form.format(name or strong or slight)
        at = found.end()
    return shown + escape(text[at:])
