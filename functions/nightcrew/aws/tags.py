"""Tags, in the two forms that AWS answers with, as a dict."""

from collections.abc import Iterable, Mapping
from typing import Any


def tags_of(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """``[{"Key": "a", "Value": "b"}]``, or ECS's ``[{"key": "a", "value": "b"}]`` → ``{"a": "b"}``; nothing gives
    nothing.
    """
    return {str(tag.get("Key") or tag["key"]): str(tag.get("Value") or tag.get("value", "")) for tag in listed or ()}
