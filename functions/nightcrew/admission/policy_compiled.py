"""A checked policy as JSON text: what a function that starts cold loads, without YAML and without a validator.

``policy_file.load`` checks the text that people write; ``compiled`` keeps the result, and ``from_compiled`` reads it
back as it was. It is not for people to write, so it is parsed and not checked again.
"""

import json
from collections.abc import Mapping
from typing import Any

from nightcrew.admission.freeze import Freeze
from nightcrew.admission.policy import Binding, Policy, Rule, When
from nightcrew.admission.settings import KINDS, LEVEL
from nightcrew.errors import BadPolicy

FORM = 3
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


def _written(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: KINDS[name].write(value) for name, value in values.items()}


def _read(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: KINDS[name].read(text) for name, text in values.items()}
