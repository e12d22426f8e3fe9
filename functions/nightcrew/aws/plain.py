"""What AWS answers, as plain JSON-like values: times as text, bytes as their size, keys as text.

So that a value is the same on the first run, from a checkpoint at replay, and in the ledger.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from nightcrew.clock import stamp

REDACTED = "redacted"

_AS_IT_IS, _LISTS = (str, bool, int, float), (list, tuple, set, frozenset)
_OBJECTS = (dict, Mapping)  # dict first: it is what AWS's answers are, and to ask for a Mapping takes ten times as long


def plain(value: Any) -> Any:
    """``value`` as JSON-like: dict, list, str, int, float, bool, None. Never raises: what it does not know becomes
    text.
    """
    if value is None or isinstance(value, _AS_IT_IS):
        return value
    if isinstance(value, _OBJECTS):
        return {str(key): plain(part) for key, part in value.items() if key != "ResponseMetadata"}
    if isinstance(value, _LISTS):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    return str(value)


def shown(value: Any, shape: Any) -> Any:
    """``value`` made plain, with each member that the model marks as sensitive redacted. ``shape`` is botocore's."""
    if shape is None or value is None:
        return plain(value)
    if shape.metadata.get("sensitive"):
        return REDACTED
    if shape.type_name == "structure" and isinstance(value, _OBJECTS):
        members = shape.members
        return {str(key): shown(part, members.get(key)) for key, part in value.items() if key != "ResponseMetadata"}
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [shown(part, shape.member) for part in value]
    if shape.type_name == "map" and isinstance(value, _OBJECTS):
        return {str(key): shown(part, shape.value) for key, part in value.items()}
    return plain(value)


def without(value: Any, texts: Iterable[Any]) -> Any:
    """A copy of a plain ``value`` in which none of these texts stands any more, nor within a longer one; neither as it
    is nor as Python or JSON would quote it. What is no text among them stays: a map's values are as often a size as a
    secret.
    """
    told = [text for text in texts if isinstance(text, str) and text]
    quoted = {form for text in told for form in (text, repr(text)[1:-1], json.dumps(text)[1:-1])}
    hidden = sorted(quoted, key=len, reverse=True)
    return _without(value, hidden) if hidden else value


def _without(value: Any, hidden: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(part, hidden) for key, part in value.items()}
    if isinstance(value, list):
        return [_without(part, hidden) for part in value]
    if isinstance(value, str):
        for text in hidden:
            value = value.replace(text, REDACTED)
    return value
