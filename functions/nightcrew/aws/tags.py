"""Tags, in the two forms that AWS answers with, as a dict."""

from collections.abc import Iterable, Mapping
from typing import Any


def tags_of(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """``[{"Key": "a", "Value": "b"}]`` → ``{"a": "b"}``; nothing gives nothing."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in listed or ()}
