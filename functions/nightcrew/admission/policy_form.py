"""The form of ``policy.yaml``: which keys there are, and what each may hold. Every scalar arrives as text."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from nightcrew.admission.freeze import DAYS
from nightcrew.admission.game_day import OUTCOMES
from nightcrew.admission.policy import Binding, Drill, ErrorBudget, Freeze, GameDay, Rule, When
from nightcrew.admission.policy_item import Item, Place, Wrong
from nightcrew.admission.policy_values import a_fault, among, empty, length, of_kind, percent, text, time_zone
from nightcrew.admission.settings import KINDS, LEVEL, Level

FAMILIES = ("restart", "scale-out", "failover", "restore")
RISKS = ("low", "disruptive", "costly", "data-loss")

_WHEN = r"[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"

_Runbook = Annotated[str, text(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a runbook's name, like restart-ec2-instance")]
_Account = Annotated[str, text(r"[0-9]{12}", "an account's twelve digits")]
_Region = Annotated[str, text(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", "a Region, like eu-central-1")]
_AlarmName = Annotated[str, text(r"[ -~]{1,255}", "an alarm's name")]
_Moment = Annotated[str, text(_WHEN, "a time of day like 09:00, or a date with a time like 2026-12-20T18:00")]
_Tags = Annotated[dict[str, str], Field(min_length=1)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WhenForm(_Form):
    """What a rule selects by."""

    runbook: _Runbook | None = None
    family: Annotated[str | None, among(FAMILIES)] = None
    risk: Annotated[str | None, among(RISKS)] = None
    alarm_tag: _Tags | None = None
    resource_tag: _Tags | None = None
    region: _Region | None = None
    account: _Account | None = None


class ItemForm(_Form):
    """An item as it stands in the file, and as what it is checked further. Keys are called as the item's fields are,
    or ``said`` tells what they come to.
    """

    ITEM: ClassVar[type[Item]]

    def item(self, number: int, line: int) -> Item:
        """What policy works with."""
        return self.ITEM(number=number, line=line, **self.said())

    def said(self) -> dict[str, Any]:
        """The item's fields."""
        return {name: _frozen(getattr(self, name)) for name in type(self).model_fields}

    def unclear(self) -> Iterator[Wrong]:
        """What keeps it from being an item at all, each with its place in it."""
        yield from ()


class BindingForm(ItemForm):
    """An item of ``bindings``: about an alarm, or about an event."""

    ITEM = Binding

    alarm: Annotated[str | None, text(r".{1,255}", "an alarm's name, or a pattern like checkout-5xx-*")] = None
    event: Annotated[str | None, text(r".{1,600}", "an event's name, or a pattern like aws.rds:*:RDS-EVENT-0007")] = (
        None
    )
    runbook: _Runbook
    parameters: dict[str, str] = {}
    autonomy: Annotated[Level | None, of_kind(LEVEL)] = None

    def said(self) -> dict[str, Any]:
        told = super().said()
        event = told.pop("event")
        return told | ({"of": "event", "alarm": event} if event else {"of": "alarm"})

    def unclear(self) -> Iterator[Wrong]:
        if self.alarm is None and self.event is None:
            yield ("alarm",), None, "it must be there"
        elif self.alarm is not None and self.event is not None:
            yield ("event",), self.event, "either an alarm or an event: one binding for each"


class FreezeForm(ItemForm):
    """An item of ``freezes``; ``from`` and ``to`` are local times of ``zone``."""

    ITEM = Freeze

    name: Annotated[str, text(r".{1,80}", "a few words that people are told")]
    begins: Annotated[_Moment, Field(alias="from")] = ""
    ends: Annotated[_Moment, Field(alias="to")] = ""
    days: list[Annotated[str, among(DAYS)]] = []
    zone: Annotated[str, time_zone()] = "UTC"
    calendar: Annotated[str | None, text(r"[A-Za-z0-9_.:/-]{3,200}", "a Change Calendar's name or ARN")] = None
    when: WhenForm = WhenForm()


class ErrorBudgetForm(ItemForm):
    """An item of ``error_budgets``."""

    ITEM = ErrorBudget

    slo: Annotated[str, text(r"[0-9A-Za-z]([-._0-9A-Za-z:/ ]{0,498}[0-9A-Za-z])?", "an SLO's name or ARN")]
    below: Annotated[int, percent()]
    autonomy: Annotated[Level, of_kind(LEVEL)]
    when: WhenForm = WhenForm()
    but: Annotated[WhenForm, Field(alias="except")] = WhenForm()
    resources: list[Annotated[str, text(r"arn:.{1,400}", "a pattern of ARNs: arn:aws:ecs:*:*:service/prod/*")]] = []


class DrillForm(ItemForm):
    """An item of ``drills``."""

    ITEM = Drill

    runbook: Annotated[str, text(r"drill-[a-z0-9-]+", "a drill: a runbook whose name begins with drill-")]
    every: Annotated[timedelta, length("a duration of an hour or more, like 7d", timedelta(hours=1))]
    parameters: dict[str, str] = {}
    rto: Annotated[timedelta | None, length("a duration, like 1h")] = None
    rpo: Annotated[timedelta | None, length("a duration, like 10m")] = None
    account: _Account | None = None
    region: _Region | None = None


class ExpectsForm(_Form):
    """What is to follow a game day's fault."""

    alarm: _AlarmName
    runbook: _Runbook
    outcome: Annotated[str, among(OUTCOMES)] = "cured"
    within: Annotated[timedelta, length("a duration of a minute or more, like 20m", timedelta(minutes=1))] = timedelta(
        minutes=30
    )


class GameDayForm(ItemForm):
    """An item of ``game_days``."""

    ITEM = GameDay

    name: Annotated[str, text(r"[^\s-][^\n]{0,79}", "a few words by which it is played")]
    fault: Annotated[Any, a_fault()]
    expects: ExpectsForm
    blocking: list[_AlarmName] = []
    account: _Account
    region: _Region | None = None

    def said(self) -> dict[str, Any]:
        told = super().said()
        return told | dict(told.pop("expects"))


_settings: dict[str, Any] = {name: (Annotated[Any, of_kind(kind)], None) for name, kind in KINDS.items()}

SettingsForm = create_model("SettingsForm", __base__=_Form, **_settings)
"""One optional field for each setting that there is."""


class RuleForm(ItemForm, SettingsForm):  # type: ignore[valid-type, misc]  # it is made from the settings
    """An item of ``rules``: what it selects, and settings."""

    ITEM = Rule

    when: WhenForm

    def said(self) -> dict[str, Any]:
        return {"when": _frozen(self.when), "values": given(self)}


class FileForm(_Form):
    """The whole file: ``defaults``, and a list for each of policy's SECTIONS."""

    defaults: Annotated[SettingsForm, empty(dict)] = SettingsForm()  # type: ignore[valid-type]
    bindings: Annotated[list[BindingForm], empty(list)] = []
    rules: Annotated[list[RuleForm], empty(list)] = []
    freezes: Annotated[list[FreezeForm], empty(list)] = []
    error_budgets: Annotated[list[ErrorBudgetForm], empty(list)] = []
    drills: Annotated[list[DrillForm], empty(list)] = []
    game_days: Annotated[list[GameDayForm], empty(list)] = []

    def items(self, kind: type[Item]) -> list[ItemForm]:
        """What stands in a section."""
        found: list[ItemForm] = getattr(self, kind.SECTION)
        return found


def given(form: BaseModel) -> dict[str, Any]:
    """The settings that stand in a section, by name, read."""
    return {name: value for name in KINDS if (value := getattr(form, name)) is not None}


def known_at(place: Place) -> tuple[str, ...]:
    """The keys that there are at a place of the file."""
    form: type[BaseModel] = FileForm
    for key in (part for part in place if isinstance(part, str)):
        held = next(each.annotation for name, each in form.model_fields.items() if key in (name, each.alias))
        form = next(each for each in (held, *get_args(held)) if isinstance(each, type) and issubclass(each, _Form))
    return tuple(each.alias or name for name, each in form.model_fields.items())


def _frozen(value: Any) -> Any:
    """A value as an item holds it."""
    if isinstance(value, WhenForm):
        return When(**value.model_dump(exclude_none=True))
    return tuple(value) if isinstance(value, list) else value
