"""What templates say: times, lengths, names and marks as commands say them. Whatever comes from outside stays text,
which the template escapes.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from nightcrew.api.times import took as long
from nightcrew.api.times import whole
from nightcrew.clock import stamp
from nightcrew.console.marked import prose, snippet
from nightcrew.console.saying import said
from nightcrew.console.when import when
from nightcrew.durations import in_words
from nightcrew.knowledge import amounts
from nightcrew.knowledge.marks import mark_of
from nightcrew.knowledge.names import named, person, short
from nightcrew.knowledge.values import compact

DONE = {
    "approved": "Approved. The run goes on.",
    "approved-half": "Approved. Another person must approve, too.",
    "declined": "Declined. The run ends, and nothing is changed.",
    "cancelled": "Asked to stop. What was changed is taken back.",
    "over": "It had ended already: there was nothing to stop.",
    "started": "Started.",
    "halted": "Halted.",
    "lifted": "Lifted.",
    "learned": "Written down.",
    "plays": "You play somebody else now.",
}
"""What was just done, by what stands as ``said`` in an address."""


def outcome(name: str) -> Markup:
    """A run's outcome as a mark and a word: told apart without the colour, too."""
    mark = mark_of(name)
    kind = name if name.isidentifier() else "other"
    return Markup('<span class="outcome {}"><span aria-hidden="true">{}</span> {}</span>').format(
        kind, mark.sign, mark.words
    )


def time(value: datetime | str | None, now: datetime | None = None) -> Markup:
    """A moment, in UTC; with ``now``, how long ago, and the moment on hovering."""
    at = when(value)
    if at is None:
        return Markup("–")
    shown = ago(at, now) if now is not None else whole(at).removesuffix(" UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp(at), whole(at), shown)


def clock(value: datetime | str | None) -> Markup:
    """Only the time of day: ``03:00:04``."""
    at = when(value)
    if at is None:
        return Markup("–")
    return Markup('<time datetime="{}" title="{}">{:%H:%M:%S}</time>').format(stamp(at), whole(at), at)


def ago(at: datetime, now: datetime) -> str:
    """``6 min ago``, ``in 2 h``."""
    gap = now - at
    if abs(gap) < timedelta(seconds=2):
        return "just now"
    largest = in_words(abs(gap)).split(" ")
    said = " ".join(largest[:2])
    return f"{said} ago" if gap > timedelta(0) else f"in {said}"


def took(value: timedelta | float | None) -> str:
    """A length, of seconds or as it is: ``6 min 2 s``."""
    if value is None:
        return "–"
    return long(value if isinstance(value, timedelta) else timedelta(seconds=float(value)))


def percent(value: float | None) -> str:
    """Of a share from 0 to 1."""
    return "–" if value is None else f"{100 * value:.0f} %"


def value(given: Any) -> str:
    """A JSON value in a line, as commands show it."""
    return compact(given)


def sentence(text: object) -> str:
    """What an error says, as a sentence: a great letter before it, where it begins with a word and not with a name,
    and a full stop behind it.
    """
    said = str(text).strip()
    begun = said[:1].upper() + said[1:] if re.match("[a-z]+[ ,:']", said) else said
    return begun if not begun or begun[-1] in ".!?:" else f"{begun}."


def lines(text: object) -> Markup:
    """A text of several lines, with its line ends."""
    return Markup("<br>").join(escape(line) for line in str(text).splitlines())


def resource(arn: str | None) -> Markup:
    """A resource by its name; the whole ARN on hovering, and a way to its history."""
    if not arn:
        return Markup("–")
    at = address("/console/history", resource=arn)
    return Markup('<a class="name" href="{}" title="{}">{}</a>').format(at, arn, short(arn))


def who(actor: str | None) -> str:
    """A person by name. Of an actor of whom a row holds only the end, what stands last."""
    text = actor or "–"
    return re.split("[/:]", text)[-1] if text.startswith(("…", "oidc:", "chat:")) else person(text)


def run(name: str | None) -> Markup:
    """A run, and the way to its page."""
    return Markup('<a class="name" href="{}">{}</a>').format(path("runs", name), name) if name else Markup("–")


def path(*segments: object) -> str:
    """``/console/runs/…`` of these segments, each made safe."""
    return "/console/" + "/".join(quote(str(each), safe="") for each in segments)


def address(at: str, **fields: Any) -> str:
    """An address with these fields; what is None or empty is left out."""
    kept = {name: value for name, value in fields.items() if value not in (None, "", ())}
    return f"{at}?{urlencode(kept, doseq=True)}" if kept else at


FILTERS: Mapping[str, Any] = {
    "outcome": outcome,
    "time": time,
    "clock": clock,
    "took": took,
    "long": amounts.long,
    "toil": amounts.toil,
    "said": said,
    "percent": percent,
    "value": value,
    "lines": lines,
    "sentence": sentence,
    "resource": resource,
    "run": run,
    "who": who,
    "prose": prose,
    "snippet": snippet,
    "short": short,
    "person": person,
    "named": named,
}
