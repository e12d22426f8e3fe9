"""A sentence with values in it, for a page: the sentence is ours, the values are anybody's, and escaped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from nightcrew.api.times import whole
from nightcrew.knowledge.markdown import clean
from nightcrew.knowledge.saying import MOST_PLAIN, Name, Said, Strong


def said(sentence: Said) -> Markup:
    """A name stands as code, what stands out is strong."""
    return escape(sentence.form).format(*(_value(each) for each in sentence.values))


@dataclass(frozen=True)
class _At:
    """A moment: as the sentence wants it, else whole."""

    at: datetime

    def __format__(self, wanted: str) -> str:
        return f"{self.at:{wanted}}" if wanted else whole(self.at)


def _value(value: Any) -> Any:
    match value:
        case Said():
            return said(value)
        case Name():
            return Markup("<code>{}</code>").format(clean(value.value, most=MOST_PLAIN))
        case Strong():
            return Markup("<strong>{}</strong>").format(clean(value.value, most=MOST_PLAIN))
        case datetime():
            return _At(value)
        case int():
            return value
        case _:
            return clean(value, most=MOST_PLAIN)
