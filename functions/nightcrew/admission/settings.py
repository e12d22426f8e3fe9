"""What policy can set: each setting with its kind, its value where nobody sets it, and where a value came from.

A new setting is one line in ``Settings``, and one with its reason in ``runbooks/policy.yaml``: the file's form, the
compiled policy and ``policy explain`` follow from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import Enum
from functools import total_ordering
from typing import Any, Generic, Literal, TypeVar

from nightcrew.addresses import ALLOWED, health_url
from nightcrew.durations import duration

T_co = TypeVar("T_co", covariant=True)

Start = Literal["write down", "suggest", "ask", "run"]
"""What follows: only write down, send the plan to people, start a run that waits for an approval, start a run."""


@total_ordering
class Level(Enum):
    """How much a runbook may do by itself. In order: ``observe < suggest < approve < auto``."""

    OBSERVE = "observe"
    SUGGEST = "suggest"
    APPROVE = "approve"
    AUTO = "auto"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Level):
            return NotImplemented
        return _ORDER[self] < _ORDER[other]

    def __str__(self) -> str:
        return self.value

    def start(self, *, by_person: bool = False) -> Start:
        """What follows from this level for an alarm, a schedule or a drill; and for a person.

        Autonomy limits what runs *by itself*. A person's run starts under ``observe``, ``suggest`` and ``auto``: to
        decide is what those levels leave to people. ``approve`` says that two people must agree, and so asks for an
        approval from a person's run too (the approver is never the requester).
        """
        if by_person:
            return "ask" if self is Level.APPROVE else "run"
        return _STARTS[self]


class FromChat(Enum):
    """Who may approve from a chat channel, where nobody signs in: see ``chat``."""

    NOBODY = "nobody"
    NAMED = "named"
    ANYONE = "anyone"

    def __str__(self) -> str:
        return self.value


_ORDER = {level: number for number, level in enumerate(Level)}
_STARTS: Mapping[Level, Start] = {
    Level.OBSERVE: "write down",
    Level.SUGGEST: "suggest",
    Level.APPROVE: "ask",
    Level.AUTO: "run",
}


@dataclass(frozen=True)
class Setting(Generic[T_co]):
    """A value, and which line of policy it came from: ``rules[2] (runbook: restart-ec2-instance)``."""

    value: T_co
    because: str


@dataclass(frozen=True)
class Kind:
    """How a setting is read from text (a ValueError says that it cannot be) and written back."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    allowed: str


_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def duration_text(length: timedelta) -> str:
    """A duration as policy writes it, in the largest unit that says it without a fraction: ``15m``."""
    seconds = int(length.total_seconds())
    unit = next((unit for unit, size in _UNITS.items() if seconds and seconds % size == 0), "s")
    return f"{seconds // _UNITS[unit]}{unit}"


def up_to(longest: str) -> Kind:
    """A duration that is no longer than this one."""
    most = duration(longest)

    def read(text: str) -> timedelta:
        try:
            length = duration(text)
        except OverflowError:  # more days than a timedelta holds
            raise ValueError(text) from None
        if length > most:
            raise ValueError(text)
        return length

    return Kind(read, duration_text, f"a duration of at most {longest}, like 90s, 15m or 2h")


def or_none(kind: Kind, nothing: Any) -> Kind:
    """The same, or ``none``."""

    def read(text: str) -> Any:
        return nothing if text == "none" else kind.read(text)

    def write(value: Any) -> str:
        return "none" if value == nothing else kind.write(value)

    return Kind(read, write, f"none, or {kind.allowed}")


LEVEL = Kind(Level, str, "one of observe, suggest, approve, auto")
FROM_CHAT = Kind(FromChat, str, "one of nobody, named, anyone")


@dataclass(frozen=True)
class Share:
    """So many, or such a part of a group: ``1`` or ``20%``."""

    count: int
    percent: bool = False

    def of(self, size: int | None) -> int:
        """How many that is of a group of ``size``; at least one. Of a group whose size is not known a part is one."""
        if not self.percent:
            return self.count
        return max(1, self.count * (size or 0) // 100)

    def __str__(self) -> str:
        return f"{self.count}%" if self.percent else str(self.count)


def _share(text: str) -> Share:
    share = Share(int(text.removesuffix("%")), text.endswith("%"))
    if not 1 <= share.count <= (100 if share.percent else MOST):
        raise ValueError(text)
    return share


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST:
        raise ValueError(text)
    return count


MOST = 10_000
COUNT = Kind(_count, str, f"a whole number from 1 to {MOST}")
SHARE = Kind(_share, str, "a whole number, or a part of the group like 20%")


def _percent(text: str) -> int:
    percent = int(text.removesuffix("%"))
    if not text.endswith("%") or not 1 <= percent <= 100:
        raise ValueError(text)
    return percent


PERCENT = Kind(_percent, lambda percent: f"{percent}%", "a share like 80%")
HEALTH_URL = Kind(health_url, lambda url: url or "none", ALLOWED)


BUILT_IN = "built in"


def _by(kind: Kind, *, at_hold: bool = False) -> Mapping[str, Any]:
    # at_hold: a rule about resource tags, which only hold knows, may set it.
    return {"kind": kind, "at_hold": at_hold}


@dataclass(frozen=True)
class Settings:
    """What policy says about one start. The reason for each built-in value stands in ``runbooks/policy.yaml``."""

    autonomy: Setting[Level] = field(default=Setting(Level.OBSERVE, BUILT_IN), metadata=_by(LEVEL, at_hold=True))
    cool_down: Setting[timedelta] = field(default=Setting(timedelta(minutes=15), BUILT_IN), metadata=_by(up_to("30d")))
    ok_held: Setting[timedelta] = field(default=Setting(timedelta(minutes=5), BUILT_IN), metadata=_by(up_to("1d")))
    approval: Setting[timedelta] = field(default=Setting(timedelta(minutes=30), BUILT_IN), metadata=_by(up_to("30d")))
    from_chat: Setting[FromChat] = field(default=Setting(FromChat.NAMED, BUILT_IN), metadata=_by(FROM_CHAT))
    # A claim must outlive the age at which its signal still counts, or a redelivered event would be decided again.
    chain: Setting[int] = field(default=Setting(2, BUILT_IN), metadata=_by(COUNT))
    chain_within: Setting[timedelta] = field(default=Setting(timedelta(hours=6), BUILT_IN), metadata=_by(up_to("30d")))
    breaker: Setting[int] = field(default=Setting(3, BUILT_IN), metadata=_by(COUNT))
    breaker_rest: Setting[timedelta] = field(default=Setting(timedelta(hours=1), BUILT_IN), metadata=_by(up_to("30d")))
    budget_at_once: Setting[Share] = field(default=Setting(Share(1), BUILT_IN), metadata=_by(SHARE, at_hold=True))
    budget_hour: Setting[Share] = field(
        default=Setting(Share(20, percent=True), BUILT_IN), metadata=_by(SHARE, at_hold=True)
    )
    flap_changes: Setting[int] = field(default=Setting(4, BUILT_IN), metadata=_by(COUNT))
    flap_within: Setting[timedelta] = field(default=Setting(timedelta(minutes=30), BUILT_IN), metadata=_by(up_to("1d")))
    ok_within: Setting[timedelta] = field(default=Setting(timedelta(minutes=15), BUILT_IN), metadata=_by(up_to("1d")))
    stale: Setting[timedelta] = field(default=Setting(timedelta(minutes=15), BUILT_IN), metadata=_by(up_to("1d")))
    proof_age: Setting[timedelta] = field(
        default=Setting(timedelta(0), BUILT_IN), metadata=_by(or_none(up_to("365d"), timedelta(0)))
    )
    proof_share: Setting[int] = field(default=Setting(0, BUILT_IN), metadata=_by(or_none(PERCENT, 0)))
    health_url: Setting[str] = field(default=Setting("", BUILT_IN), metadata=_by(HEALTH_URL, at_hold=True))

    def facts(self) -> dict[str, dict[str, str]]:
        """Every value and its origin as text, as an entry of the ledger and ``policy explain`` show them."""
        return {
            name: {"value": kind.write(getattr(self, name).value), "because": getattr(self, name).because}
            for name, kind in KINDS.items()
        }


KINDS: Mapping[str, Kind] = {each.name: each.metadata["kind"] for each in fields(Settings)}
AT_HOLD = frozenset(each.name for each in fields(Settings) if each.metadata["at_hold"])
