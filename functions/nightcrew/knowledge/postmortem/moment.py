"""One line of a timeline."""

from dataclasses import dataclass, field
from datetime import datetime

from nightcrew.knowledge.saying import Said

US = "Nightcrew"
IN_TIME, STILL = "is the alarm OK in time?", "is the alarm still OK?"
OK_WITHIN, OK_HELD = "the alarm's OK, within", "the OK, held for"
"""How the wait for the alarm's OK is titled, and what is asked around it (engine/cure)."""


@dataclass
class Moment:
    """One line of a timeline. ``good`` is None where it is neither good nor bad; ``more`` is what belongs to it.

    Kinds: alarm, admitted, held, read, required, change, undo, made, unknown, waited, proved, paused, asked, decided,
    later, ok, closed, refused, lesson, odd.
    """

    at: datetime
    run: str
    kind: str
    who: str
    what: Said
    title: str = ""
    good: bool | None = None
    more: list[Said] = field(default_factory=list)
