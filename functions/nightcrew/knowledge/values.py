"""JSON values as people read them: ``InstanceIds=[i-0abc]``, without quotes and braces where none are needed."""

from collections.abc import Mapping
from typing import Any

_MOST = 300


def compact(value: Any, most: int = _MOST) -> str:
    """One line; what is longer than ``most`` characters is cut, since ``--json`` has the whole."""
    text = (
        ", ".join(f"{name}={_inner(part)}" for name, part in value.items())
        if isinstance(value, Mapping)
        else _inner(value)
    )
    return text if len(text) <= most else text[: most - 1] + "…"


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={_inner(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inner, value)) + "]"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
