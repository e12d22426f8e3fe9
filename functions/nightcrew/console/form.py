"""A runbook's form as a page has it: a field for each parameter, made from its schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.admission.settings import duration_text
from nightcrew.api.runbooks import schema
from nightcrew.authoring.inputs import typed
from nightcrew.authoring.runbook import Runbook

TAKEN = frozenset({"account", "key", "reason", "region", "said", "token"})
"""What pages themselves send and read."""

NUMBERS = {"integer": "a whole number", "number": "a number"}

_SAID = {"true": "yes", "false": "no"}
"""As JSON says it, and a form."""


@dataclass(frozen=True)
class Field:
    """``kind`` is one of text, number, duration, time, choice, switch, lines, area. ``value`` is what stands in
    it, ``default`` what holds where it is left empty, both as one types them.
    """

    parameter: str
    name: str
    kind: str
    hint: str
    required: bool
    default: str
    value: str
    choices: tuple[str, ...] = ()
    least: float | int | None = None
    most: float | int | None = None
    whole: bool = True

    @property
    def label(self) -> str:
        """``Instance id``."""
        words = self.parameter.replace("_", " ")
        return words[:1].upper() + words[1:]

    @property
    def clock(self) -> str:
        """A time as a browser's own field takes it, in UTC; empty where it is none: then it stays as it was typed."""
        return _local(self.value)


def field_name(parameter: str) -> str:
    """The parameter in a form and in an address: ``instance_id``. Where a page itself uses the name it is
    ``parameter-reason``.
    """
    return f"parameter-{parameter}" if parameter in TAKEN else parameter


def fields(runbook: Runbook, given: Mapping[str, str]) -> list[Field]:
    """In the order of its signature. ``given`` is what was typed, by parameter; where nothing was, the default stands
    there.
    """
    whole = schema(runbook)
    return [_field(runbook, name, _resolved(whole, name), given.get(name)) for name in runbook.form.hints]


def kinds(runbook: Runbook) -> dict[str, str]:
    """The kind of each parameter's field."""
    whole = schema(runbook)
    return {name: _kind(runbook, name, _resolved(whole, name)) for name in runbook.form.hints}


def _field(runbook: Runbook, name: str, about: Mapping[str, Any], given: str | None) -> Field:
    form, kind = runbook.form, _kind(runbook, name, about)
    required = name in form.required
    default = "" if required else _typed(form.signature[name].default)
    value = default if given is None else given
    whole = about.get("type") != "number"
    least, most = _bounds(about, whole=whole)
    hint = form.describe(name).removeprefix("it must be ").removeprefix("text")
    if kind == "number":
        hint = _range(NUMBERS[str(about["type"])], least, most)
    choices = tuple(map(str, about.get("enum", ())))
    if kind == "choice" and not choices:
        choices = ("yes", "no")
    if kind in {"choice", "switch"}:
        hint, value = "", _SAID.get(value, value) if about.get("type") == "boolean" else value
    return Field(name, field_name(name), kind, hint, required, default, value, choices, least, most, whole)


def _kind(runbook: Runbook, name: str, about: Mapping[str, Any]) -> str:
    kind, form = about.get("type"), about.get("format")
    if kind == "boolean":
        # A switch is on or off: who may also say nothing chooses among three.
        return "switch" if isinstance(runbook.form.signature[name].default, bool) else "choice"
    if "enum" in about:
        return "choice"
    if kind in NUMBERS:
        return "number"
    if kind == "array":
        return "lines"
    if kind == "string" and form in {"duration", "date-time"}:
        return "duration" if form == "duration" else "time"
    return "area" if (runbook.form.example(name) or "").startswith("{") else "text"


def _resolved(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The schema of one parameter without its "or nothing", and what it refers to in its place."""
    about = dict(whole["properties"][name])
    parts = [part for part in about.pop("anyOf", ()) if part.get("type") != "null"]
    if len(parts) == 1:
        about |= parts[0]
    if "$ref" in about:
        about |= whole.get("$defs", {}).get(str(about["$ref"]).rsplit("/", 1)[-1], {})
    return about


def _bounds(about: Mapping[str, Any], *, whole: bool) -> tuple[float | int | None, float | int | None]:
    """Of a number; a fraction may come as close to its bound as it likes, a whole number is one away from it."""
    least, most, step = about.get("minimum"), about.get("maximum"), 1 if whole else 0
    if "exclusiveMinimum" in about:
        least = about["exclusiveMinimum"] + step
    if "exclusiveMaximum" in about:
        most = about["exclusiveMaximum"] - step
    return least, most


def _range(what: str, least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"{what} from {least} to {most}"
    if least is not None:
        return f"{what}, at least {least}"
    return f"{what}, at most {most}" if most is not None else what


def _typed(value: Any) -> str:
    """As one types it: ``10m`` for ten minutes, each member of a list in a line."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(map(typed, value))
    return value.isoformat() if isinstance(value, datetime) else typed(value)


def _local(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    at = at.astimezone(UTC) if at.tzinfo is not None else at
    return "" if at.microsecond else f"{at:%Y-%m-%dT%H:%M:%S}"
