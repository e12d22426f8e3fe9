"""SSM Change Calendars, asked at the moment of a start; an answer is kept shortly, and never past its own end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import moment
from nightcrew.errors import Unreachable

ASKING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)

KEPT = timedelta(seconds=30)
"""How long an answer holds: a storm asks once, and who closes a calendar in a hurry waits no longer than this."""

UNTOLD = timedelta(hours=1)
"""How long a calendar that says nothing about its next opening is taken to be closed: then it is asked again."""


@dataclass(frozen=True)
class _Kept:
    """What was learnt: closed until then, open (None), or why it is not known. It holds from ``at`` to ``until``."""

    at: datetime
    until: datetime
    closed: datetime | None = None
    trouble: str = ""


class ChangeCalendar:
    """From a calendar's name or ARN and a time: until when it is closed then; None where it is open.

    Needs ``ssm:GetCalendarState``. The client is made where a policy names a calendar, and not before.
    """

    def __init__(self, clients: ClientMaker) -> None:
        self._clients = clients
        self._client: Any = None
        self._kept: dict[str, _Kept] = {}

    def __call__(self, name: str, now: datetime) -> datetime | None:
        """Raises Unreachable where the calendar cannot be read: whoever asks takes it to be closed."""
        kept = self._kept.get(name)
        if kept is None or not kept.at <= now < kept.until:
            kept = self._kept[name] = self._ask(name, now)
        if kept.trouble:
            raise Unreachable(kept.trouble)
        return kept.closed

    def _ask(self, name: str, now: datetime) -> _Kept:
        if self._client is None:
            self._client = self._clients("ssm", ASKING)
        try:
            told = self._client.get_calendar_state(
                CalendarNames=[name], AtTime=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            )
            turns = told.get("NextTransitionTime")
            next_turn = moment(turns) if turns else None
        except ClientError as error:
            return _Kept(now, now + KEPT, trouble=str(error.response.get("Error", {}).get("Code", "Unknown")))
        except (BotoCoreError, ValueError) as error:
            return _Kept(now, now + KEPT, trouble=str(error))
        until = min(now + KEPT, next_turn) if next_turn is not None and next_turn > now else now + KEPT
        if told.get("State") == "OPEN":
            return _Kept(now, until)
        return _Kept(now, until, closed=next_turn if next_turn is not None and next_turn > now else now + UNTOLD)
