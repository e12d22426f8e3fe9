"""Change freezes: windows of policy, and SSM Change Calendars. Which of them cover a start, and until when."""

from collections.abc import Callable
from datetime import datetime

from nightcrew.admission.change_calendar import UNTOLD
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.policy import Policy
from nightcrew.admission.request import Frozen, Request
from nightcrew.errors import Unreachable

Calendar = Callable[[str, datetime], datetime | None]
"""From a calendar's name or ARN and a time: until when it is closed then; None where it is open. Raises Unreachable."""


def frozen(policy: Policy, request: Request, now: datetime, calendar: Calendar | None) -> tuple[Frozen, ...]:
    """The freezes that cover the request now. A calendar that cannot be asked counts as closed."""
    found: list[Frozen] = []
    for freeze in policy.freezes:
        if not freeze.when.covers(request.subject):
            continue
        holds = _closed(freeze, freeze.calendar, now, calendar) if freeze.calendar else _window(freeze, now)
        if holds is not None:
            found.append(holds)
    return tuple(found)


def _window(freeze: Freeze, now: datetime) -> Frozen | None:
    until = freeze.until(now)
    return Frozen(freeze.name, until) if until is not None else None


def _closed(freeze: Freeze, name: str, now: datetime, calendar: Calendar | None) -> Frozen | None:
    """What the calendar says. Nobody may change anything on the strength of an answer that did not come."""
    if calendar is None:
        return Frozen(f"{freeze.name} (nobody here can ask its calendar {name}, so it counts as closed)", now + UNTOLD)
    try:
        until = calendar(name, now)
    except Unreachable as error:
        words = f"its calendar {name} cannot be read, so it counts as closed: {error}"
        return Frozen(f"{freeze.name} ({words})"[:300], now + UNTOLD)
    return Frozen(freeze.name, until) if until is not None else None
