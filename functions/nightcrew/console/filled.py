"""What somebody typed into a runbook's form, and what is wrong with it: said at each field, all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from nightcrew.api.asked import LARGEST, StartAsked
from nightcrew.api.desk import Home
from nightcrew.authoring.runbook import Runbook
from nightcrew.console.asked import Fields
from nightcrew.console.form import TAKEN, field_name, kinds
from nightcrew.durations import duration
from nightcrew.errors import BadParameter
from nightcrew.ledger.redaction import REDACTED

ABOUT = {
    "account": "it must be an account's id, of 12 digits",
    "region": "it must be a Region, like eu-west-1",
    "reason": "it must have 1000 characters at most",
}
"""What a start is told beside the runbook's parameters, and how it must be."""


@dataclass(frozen=True)
class Filled:
    """``texts`` by parameter, ``about`` the reason, the account and the Region; ``unknown`` are names of fields that
    the runbook has not.
    """

    runbook: Runbook
    kinds: Mapping[str, str]
    texts: Mapping[str, str]
    about: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, runbook: Runbook, sent: Fields) -> "Filled":
        """From an address or a form."""
        found, names = kinds(runbook), {field_name(name): name for name in runbook.form.hints}
        texts = {names[each]: _text(found[names[each]], values) for each, values in sent.items() if each in names}
        about = {name: sent[name][0].strip() for name in ABOUT if name in sent}
        return cls(runbook, found, texts, about, tuple(sorted(set(sent) - set(names) - TAKEN)))

    @property
    def values(self) -> dict[str, Any]:
        """What the runbook is asked to check: what was left empty is not given."""
        return {name: _value(self.kinds[name], text) for name, text in self.texts.items() if text}

    @property
    def reason(self) -> str:
        """Why, in their words."""
        return self.about.get("reason", "")

    def where(self, home: Home) -> Home:
        """The account and the Region; at home where none is named."""
        return Home(self.about.get("account") or home.account, self.about.get("region") or home.region)

    @property
    def again(self) -> list[tuple[str, str]]:
        """What may be sent once more, as a form's fields."""
        own = [(field_name(name), text) for name, text in self.texts.items()]
        return [(name, text) for name, text in (*own, *self.about.items()) if text]

    @property
    def wrong(self) -> dict[str, str]:
        """What is not allowed, by the field's name; empty where all is well."""
        found = dict.fromkeys(self.unknown, "the runbook has no such parameter")
        given = {name: text or None for name, text in self.about.items()}
        try:
            StartAsked.model_validate({**given, "runbook": self.runbook.name, "reason": self.reason})
        except ValidationError as error:
            found |= {name: ABOUT[name] for each in error.errors() if (name := str(each["loc"][0])) in ABOUT}
        return found | {field_name(_parameter(bad)): bad.allowed for bad in self._bad}

    @property
    def told(self) -> dict[str, str]:
        """The texts as they may stand on a page again: without one that is refused, and may hold a secret."""
        silent = {_parameter(bad) for bad in self._bad if bad.value == REDACTED}
        return {name: text for name, text in self.texts.items() if name not in silent}

    @cached_property
    def _bad(self) -> tuple[BadParameter, ...]:
        return tuple(self._all_bad())

    def _all_bad(self) -> Iterator[BadParameter]:
        """One after the other: in the place of what is wrong something stands that is right, to find the next."""
        form, values = self.runbook.form, self.values
        for name, text in self.texts.items():
            if (excess := self._excess(name, text)) is not None:
                yield BadParameter(name, text, excess)
                if not self._put_right(values, name):
                    return
        for _ in form.hints:
            try:
                form.validate(values)
            except BadParameter as bad:
                name = _parameter(bad)
                yield bad if name in values else BadParameter(name, None, f"it is required: {form.describe(name)}")
                if not self._put_right(values, name):
                    return
            else:
                return

    def _put_right(self, values: dict[str, Any], name: str) -> bool:
        """Nothing, or an example where there must be something; whether there is one."""
        form = self.runbook.form
        values.pop(name, None)
        if name in form.required:
            values[name] = form.example(name)
        return values.get(name, "") is not None

    def _excess(self, name: str, text: str) -> str | None:
        """What no table keeps, and no clock."""
        try:
            if text and self.kinds[name] == "number" and not abs(float(text)) <= LARGEST:
                return "it must be a smaller number"
            if text and self.kinds[name] == "duration":
                duration(text)
        except OverflowError:
            return "it must be a shorter duration"
        except ValueError:
            return None  # the runbook's form says what it must be
        return None


def _parameter(bad: BadParameter) -> str:
    """The parameter, of a field in it as well."""
    return bad.field.partition(".")[0]


def _text(kind: str, values: tuple[str, ...]) -> str:
    if kind == "lines":
        return "\n".join(values).strip()
    # A switch that is off sends nothing of its own: the field before it says no.
    return (values[-1] if kind == "switch" else values[0]).strip()


def _value(kind: str, text: str) -> Any:
    if kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind != "time":
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.replace(tzinfo=UTC).isoformat() if at.tzinfo is None else text  # as on every page
