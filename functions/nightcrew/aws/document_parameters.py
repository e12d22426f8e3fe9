"""An Automation document's declared parameters, and whether what a call gives fits them.

Data elements: Automation user guide, "Data elements and parameters" (type, default, allowedValues, allowedPattern,
minItems, maxItems, minChars, maxChars). Each value is a list of texts (API reference, StartAutomationExecution).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.spelling import one_of

Given = Mapping[str, Sequence[str]]
"""Parameters as StartAutomationExecution takes them."""

_ITEM = 80


def given_in(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """A JSON object's values as the API takes them: lists of texts; ``3`` → ``["3"]``, a map as JSON."""
    return {
        name: [_text(each) for each in (value if isinstance(value, list) else [value])]
        for name, value in values.items()
    }


def value_in(declared: Mapping[str, Any], given: Given, name: str) -> str:
    """What a parameter of one text is in this call: what was given, else its default, else nothing."""
    values = given.get(name) or [str((declared.get(name) or {}).get("default") or "")]
    return values[0]


def misfit(declared: Mapping[str, Any], given: Given) -> str | None:
    """The first parameter that does not fit, as "NAME is VALUE: what is allowed"; None where all fit."""
    for name in given:
        if name not in declared:
            return f"{name}: the document has no such parameter; {one_of(sorted(declared), name)}"
    for name, about in declared.items():
        if name not in given:
            if "default" not in about:
                return f"{name} is missing: the document has no default for it"
            continue
        allowed = _allowed(about, list(given[name]))
        if allowed is not None:
            return f"{name} is {', '.join(given[name])[:_ITEM]}: {allowed}"
    return None


def _allowed(about: Mapping[str, Any], values: list[str]) -> str | None:
    """What is allowed, where these values are not."""
    kind = str(about.get("type", "String"))
    many = kind in {"StringList", "MapList"} or kind.startswith("List<")
    least, most = int(about.get("minItems", 0)), int(about.get("maxItems", len(values)))
    if not many and len(values) != 1:
        return "it must be one value"
    if many and not least <= len(values) <= most:
        return f"it must have {least} to {most} values"
    return next((wrong for value in values if (wrong := _item(kind, about, value))), None)


def _item(kind: str, about: Mapping[str, Any], value: str) -> str | None:
    if kind == "Boolean" and value.lower() not in {"true", "false"}:
        return "it must be true or false"
    if kind == "Integer" and not re.fullmatch(r"-?[0-9]+", value):
        return "it must be a whole number"
    choices = [_text(each) for each in about.get("allowedValues") or ()]
    if choices and value not in choices:
        return f"it must be one of {', '.join(choices)[:200]}"
    shortest, longest = int(about.get("minChars", 0)), int(about.get("maxChars", len(value)))
    if not shortest <= len(value) <= longest:
        return f"it must have {shortest} to {longest} characters"
    pattern = about.get("allowedPattern")
    if pattern and not _matches(str(pattern), value):
        return f"it must match {str(pattern)[:200]}"
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # AWS reads it as Java does: what only Java understands is for AWS to check.
        return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
