"""Who the caller is while AWS may be partly down, and whether this machine's clock is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.config import Config

from nightcrew.cli.account import Account, Who, spoken
from nightcrew.cli.asked import Asked
from nightcrew.cli.exits import NotHere
from nightcrew.clock import Clock
from nightcrew.errors import BadInput, Unreachable

TOO_FAR = timedelta(seconds=30)
"""Leases compare this machine's clock with those of others."""

_ASKING = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=5)
_ELSEWHERE = ("us-east-1", "us-west-2")
"""STS knows the caller in every Region: where the own one is down, another is asked."""


@dataclass(frozen=True)
class Caller:
    """``verified``: STS said so. ``ahead``: how far this machine's clock is ahead of the service's; None where that is
    not known.
    """

    who: Who
    verified: bool
    ahead: timedelta | None = None

    @property
    def clock_off(self) -> int:
        """Seconds that the clock is ahead (or behind: below 0), where these are too many; else 0."""
        return int(self.ahead.total_seconds()) if self.ahead is not None and abs(self.ahead) > TOO_FAR else 0


def caller(asked: Asked, account: Account, number: str | None, name: str, clock: Clock) -> Caller:
    """Ask STS, here and elsewhere; where it does not answer, ``number`` is the account and ``name`` the caller.

    Raises NotHere, where AWS turns the caller away, or does not answer and no account was given.
    """
    for region in [str(account.region), *_others(str(account.region))]:
        try:
            with spoken():
                reply = Account(region, asked.profile)("sts", _ASKING).get_caller_identity()
        except Unreachable:
            continue
        who = Who(reply["Account"], str(account.region), reply["Arn"])
        if number is not None and number != who.account:
            raise BadInput("--account", number, f"you are signed in to {who.account}")
        return Caller(who, verified=True, ahead=ahead(reply, clock.now()))
    if number is None:
        raise NotHere("AWS does not say who you are: STS does not answer", "say the account with --account NUMBER")
    return Caller(Who(number, str(account.region), name), verified=False)


def ahead(reply: Mapping[str, Any], now: datetime) -> timedelta | None:
    """How far ``now`` is ahead of the ``Date`` header of a reply; None where there is none."""
    headers = {name.lower(): text for name, text in reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).items()}
    try:
        return now - parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError):
        return None


def _others(region: str) -> list[str]:
    other_partition = region.startswith(("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-"))
    return [] if other_partition else [each for each in _ELSEWHERE if each != region]
