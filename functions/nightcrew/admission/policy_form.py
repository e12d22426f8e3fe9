"""The form of ``policy.yaml``: which keys there are, and what each may hold. Every scalar arrives as text."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from nightcrew.admission.freeze import DAYS
from nightcrew.admission.game_day import FAULTS, OUTCOMES, Fault
from nightcrew.admission.policy import SELECTORS
from nightcrew.admission.settings import KINDS, LEVEL, Kind, Level
from nightcrew.durations import duration
from nightcrew.spelling import one_of

FAMILIES = ("restart", "scale-out", "failover", "restore")
RISKS = ("low", "disruptive", "costly", "data-loss")


def _text(pattern: str, allowed: str) -> BeforeValidator:
    """Text of this pattern; the error says in words what is allowed."""

    def read(value: object) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
            return value
        raise _wrong(allowed)

    return BeforeValidator(read)


def _among(known: tuple[str, ...]) -> BeforeValidator:
    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise _wrong(one_of(known, value))

    return BeforeValidator(read)


def _kind(kind: Kind) -> BeforeValidator:
    def read(value: object) -> Any:
        try:
            return kind.read(value)  # type: ignore[arg-type]  # what is not text is refused like any other value
        except (ValueError, TypeError):
            raise _wrong(kind.allowed) from None

    return BeforeValidator(read)


def _zone() -> BeforeValidator:
    def read(value: object) -> str:
        try:
            return str(ZoneInfo(value)) if isinstance(value, str) else str(ZoneInfo(""))
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise _wrong("an IANA time zone, like Europe/Berlin or UTC") from None

    return BeforeValidator(read)


_WHEN = r"[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
_WHEN_ALLOWED = "a time of day like 09:00, or a date with a time like 2026-12-20T18:00"


def _length(allowed: str, least: timedelta = timedelta(seconds=1)) -> BeforeValidator:
    def read(value: object) -> timedelta:
        try:
            length = duration(value) if isinstance(value, str) else timedelta()
        except ValueError:
            raise _wrong(allowed) from None
        if length < least:
            raise _wrong(allowed)
        return length

    return BeforeValidator(read)


def _percent() -> BeforeValidator:
    def read(value: object) -> int:
        found = re.fullmatch(r"([0-9]{1,3})\s?%", value) if isinstance(value, str) else None
        if found is None or not 0 < int(found[1]) <= 100:
            raise _wrong("a share of the budget, from 1% to 100%")
        return int(found[1])

    return BeforeValidator(read)


def _empty(section: Callable[[], Any]) -> BeforeValidator:
    """A section whose lines are all comments is there, and empty."""
    return BeforeValidator(lambda value: section() if value == "" else value)


def _wrong(allowed: str) -> PydanticCustomError:
    return PydanticCustomError("policy", "{allowed}", {"allowed": allowed})


_Runbook = Annotated[str, _text(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a runbook's name, like restart-ec2-instance")]
_Account = Annotated[str, _text(r"[0-9]{12}", "an account's twelve digits")]
_Region = Annotated[str, _text(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", "a Region, like eu-central-1")]
_AlarmName = Annotated[str, _text(r"[ -~]{1,255}", "an alarm's name")]
_Tags = Annotated[dict[str, str], Field(min_length=1)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WhenForm(_Form):
    """What a rule selects by."""

    runbook: _Runbook | None = None
    family: Annotated[str | None, _among(FAMILIES)] = None
    risk: Annotated[str | None, _among(RISKS)] = None
    alarm_tag: _Tags | None = None
    resource_tag: _Tags | None = None
    region: _Region | None = None
    account: _Account | None = None


class BindingForm(_Form):
    """An item of ``bindings``: about an alarm, or about an event."""

    alarm: Annotated[str | None, _text(r".{1,255}", "an alarm's name, or a pattern like checkout-5xx-*")] = None
    event: Annotated[str | None, _text(r".{1,600}", "an event's name, or a pattern like aws.rds:*:RDS-EVENT-0007")] = (
        None
    )
    runbook: _Runbook
    parameters: dict[str, str] = {}
    autonomy: Annotated[Level | None, _kind(LEVEL)] = None


class FreezeForm(_Form):
    """An item of ``freezes``; ``from`` and ``to`` are local times of ``zone``."""

    name: Annotated[str, _text(r".{1,80}", "a few words that people are told")]
    begins: Annotated[str, _text(_WHEN, _WHEN_ALLOWED), Field(alias="from")] = ""
    ends: Annotated[str, _text(_WHEN, _WHEN_ALLOWED), Field(alias="to")] = ""
    days: list[Annotated[str, _among(DAYS)]] = []
    zone: Annotated[str, _zone()] = "UTC"
    calendar: Annotated[str | None, _text(r"[A-Za-z0-9_.:/-]{3,200}", "a Change Calendar's name or ARN")] = None
    when: WhenForm = WhenForm()


class ErrorBudgetForm(_Form):
    """An item of ``error_budgets``."""

    slo: Annotated[str, _text(r"[0-9A-Za-z]([-._0-9A-Za-z:/ ]{0,498}[0-9A-Za-z])?", "an SLO's name or ARN")]
    below: Annotated[int, _percent()]
    autonomy: Annotated[Level, _kind(LEVEL)]
    when: WhenForm = WhenForm()
    but: Annotated[WhenForm, Field(alias="except")] = WhenForm()
    resources: list[Annotated[str, _text(r"arn:.{1,400}", "a pattern of ARNs: arn:aws:ecs:*:*:service/prod/*")]] = []


class DrillForm(_Form):
    """An item of ``drills``."""

    runbook: Annotated[str, _text(r"drill-[a-z0-9-]+", "a drill: a runbook whose name begins with drill-")]
    every: Annotated[timedelta, _length("a duration of an hour or more, like 7d", timedelta(hours=1))]
    parameters: dict[str, str] = {}
    rto: Annotated[timedelta | None, _length("a duration, like 1h")] = None
    rpo: Annotated[timedelta | None, _length("a duration, like 10m")] = None
    account: _Account | None = None
    region: _Region | None = None


def _fault() -> BeforeValidator:
    allowed = "one of " + ", ".join(f"{kind} ({named})" for kind, (_, named) in FAULTS.items())

    def read(value: object) -> Fault:
        try:
            [(kind, target)] = value.items()  # type: ignore[attr-defined]  # what has none is refused like other values
            return Fault(kind, target)
        except (AttributeError, TypeError, ValueError):
            raise _wrong(allowed) from None

    return BeforeValidator(read)


class ExpectsForm(_Form):
    """What is to follow a game day's fault."""

    alarm: _AlarmName
    runbook: _Runbook
    outcome: Annotated[str, _among(OUTCOMES)] = "cured"
    within: Annotated[timedelta, _length("a duration of a minute or more, like 20m", timedelta(minutes=1))] = timedelta(
        minutes=30
    )


class GameDayForm(_Form):
    """An item of ``game_days``."""

    name: Annotated[str, _text(r"[^\s-][^\n]{0,79}", "a few words by which it is played")]
    fault: Annotated[Any, _fault()]
    expects: ExpectsForm
    blocking: list[_AlarmName] = []
    account: _Account
    region: _Region | None = None


_settings: dict[str, Any] = {name: (Annotated[Any, _kind(kind)], None) for name, kind in KINDS.items()}

SettingsForm = create_model("SettingsForm", __base__=_Form, **_settings)
"""One optional field for each setting that there is."""

RuleForm = create_model("RuleForm", __base__=SettingsForm, when=(WhenForm, ...))


class FileForm(_Form):
    """The whole file."""

    defaults: Annotated[SettingsForm, _empty(dict)] = SettingsForm()  # type: ignore[valid-type]
    bindings: Annotated[list[BindingForm], _empty(list)] = []
    rules: Annotated[list[RuleForm], _empty(list)] = []  # type: ignore[valid-type]
    freezes: Annotated[list[FreezeForm], _empty(list)] = []
    error_budgets: Annotated[list[ErrorBudgetForm], _empty(list)] = []
    drills: Annotated[list[DrillForm], _empty(list)] = []
    game_days: Annotated[list[GameDayForm], _empty(list)] = []


def given(form: BaseModel) -> dict[str, Any]:
    """The settings that stand in a section, by name, read."""
    return {name: value for name in KINDS if (value := getattr(form, name)) is not None}


def known_at(place: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that there are at a place of the file."""
    match place:
        case ():
            return tuple(FileForm.model_fields)
        case ("defaults",):
            return tuple(KINDS)
        case ("bindings", _):
            return tuple(BindingForm.model_fields)
        case ("freezes", _):
            return tuple(each.alias or name for name, each in FreezeForm.model_fields.items())
        case ("error_budgets", _):
            return tuple(each.alias or name for name, each in ErrorBudgetForm.model_fields.items())
        case ("drills", _):
            return tuple(DrillForm.model_fields)
        case ("game_days", _):
            return tuple(GameDayForm.model_fields)
        case ("game_days", _, "expects"):
            return tuple(ExpectsForm.model_fields)
        case ("rules", _):
            return ("when", *KINDS)
        case _:
            return SELECTORS
