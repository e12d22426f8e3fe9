"""A checked policy as JSON text: what a function that starts cold loads, without YAML and without a validator.

``policy_file.load`` checks the text that people write; ``compiled`` keeps the result, and ``from_compiled`` reads it
back as it was. It is not for people to write, so it is parsed and not checked again.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nightcrew.admission.freeze import Freeze
from nightcrew.admission.game_day import Fault
from nightcrew.admission.policy import Binding, Drill, ErrorBudget, GameDay, Policy, Rule, When
from nightcrew.admission.settings import KINDS, LEVEL
from nightcrew.errors import BadPolicy

FORM = 5
"""Changes when an older text can no longer be read: compile the policy again then."""


def compiled(policy: Policy) -> str:
    """The policy as JSON text, the same text for the same policy."""
    content = {
        "form": FORM,
        "version": policy.version,
        "file": policy.file,
        "defaults": _written(policy.defaults),
        "bindings": [
            {
                "of": each.of,
                "alarm": each.alarm,
                "runbook": each.runbook,
                "parameters": dict(each.parameters),
                "autonomy": each.autonomy and LEVEL.write(each.autonomy),
                "line": each.line,
            }
            for each in policy.bindings
        ],
        "rules": [
            {"when": dict(each.when.given), "values": _written(each.values), "line": each.line} for each in policy.rules
        ],
        "freezes": [
            {
                "name": each.name,
                "begins": each.begins,
                "ends": each.ends,
                "days": list(each.days),
                "zone": each.zone,
                "calendar": each.calendar,
                "when": dict(each.when.given),
                "line": each.line,
            }
            for each in policy.freezes
        ],
        "error_budgets": [
            {
                "slo": each.slo,
                "below": each.below,
                "autonomy": LEVEL.write(each.autonomy),
                "when": dict(each.when.given),
                "but": dict(each.but.given),
                "resources": list(each.resources),
                "line": each.line,
            }
            for each in policy.error_budgets
        ],
        "drills": [
            {
                "runbook": each.runbook,
                "every": _seconds(each.every),
                "parameters": dict(each.parameters),
                "rto": _seconds(each.rto),
                "rpo": _seconds(each.rpo),
                "account": each.account,
                "region": each.region,
                "line": each.line,
            }
            for each in policy.drills
        ],
        "game_days": [
            {
                "name": each.name,
                "fault": [each.fault.kind, each.fault.target],
                "alarm": each.alarm,
                "runbook": each.runbook,
                "outcome": each.outcome,
                "within": _seconds(each.within),
                "account": each.account,
                "region": each.region,
                "blocking": list(each.blocking),
                "line": each.line,
            }
            for each in policy.game_days
        ],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_compiled(text: str) -> Policy:
    """The policy that ``compiled`` wrote. Raises BadPolicy where the text is of another form, or none at all."""
    try:
        content = json.loads(text)
        if content["form"] != FORM:
            raise BadPolicy("compiled policy", 0, "form", content["form"], f"form {FORM}; compile the policy again")
        return Policy(
            version=content["version"],
            file=content["file"],
            defaults=_read(content["defaults"]),
            bindings=tuple(_binding(number, each) for number, each in enumerate(content["bindings"])),
            rules=tuple(_rule(number, each) for number, each in enumerate(content["rules"])),
            freezes=tuple(_freeze(number, each) for number, each in enumerate(content["freezes"])),
            error_budgets=tuple(_error_budget(number, each) for number, each in enumerate(content["error_budgets"])),
            drills=tuple(_drill(number, each) for number, each in enumerate(content["drills"])),
            game_days=tuple(_game_day(number, each) for number, each in enumerate(content["game_days"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadPolicy("compiled policy", 0, "text", text, f"what `compiled` wrote ({error!r})") from error


def _binding(number: int, each: Mapping[str, Any]) -> Binding:
    autonomy = each["autonomy"] and LEVEL.read(each["autonomy"])
    return Binding(number, each["alarm"], each["runbook"], each["parameters"], autonomy, each["line"], each["of"])


def _rule(number: int, each: Mapping[str, Any]) -> Rule:
    # A selector or a setting that is unknown here is an error, never passed over: the rule would apply to more.
    return Rule(number, When(**each["when"]), _read(each["values"]), each["line"])


def _freeze(number: int, each: Mapping[str, Any]) -> Freeze:
    return Freeze(**{**each, "number": number, "days": tuple(each["days"]), "when": When(**each["when"])})


def _error_budget(number: int, each: Mapping[str, Any]) -> ErrorBudget:
    read = {"autonomy": LEVEL.read(each["autonomy"]), "resources": tuple(each["resources"])}
    return ErrorBudget(**{**each, **read, "number": number, "when": When(**each["when"]), "but": When(**each["but"])})


def _drill(number: int, each: Mapping[str, Any]) -> Drill:
    times = {name: None if each[name] is None else timedelta(seconds=each[name]) for name in ("every", "rto", "rpo")}
    return Drill(**{**each, **times, "number": number})


def _game_day(number: int, each: Mapping[str, Any]) -> GameDay:
    read = {"fault": Fault(*each["fault"]), "within": timedelta(seconds=each["within"])}
    return GameDay(**{**each, **read, "number": number, "blocking": tuple(each["blocking"])})


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _written(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: KINDS[name].write(value) for name, value in values.items()}


def _read(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: KINDS[name].read(text) for name, text in values.items()}
