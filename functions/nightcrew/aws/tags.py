"""Tags, in the two forms that AWS answers with, as a dict."""

from collections.abc import Iterable, Mapping
from typing import Any


def tags_of(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """``[{"Key": "a", "Value": "b"}]``, or ECS's ``[{"key": "a", "value": "b"}]`` → ``{"a": "b"}``; nothing gives
    nothing.
    """
    return {str(tag.get("Key") or tag["key"]): str(tag.get("Value") or tag.get("value", "")) for tag in listed or ()}


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The way back, in the form that most of AWS takes: ``{"a": "b"}`` → ``[{"Key": "a", "Value": "b"}]``."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


RUN_TAG = "nightcrew:run"
"""On whatever a run created: its id."""

MOST_TAGS = 50
"""On one resource, those of AWS (``aws:…``) not counted (Tagging AWS resources user guide, "Tag naming limits")."""


def tags_with_run(tags: Mapping[str, str], run: str) -> dict[str, str]:
    """The tags for what a run makes in place of something: that one's, and the run's id, if there is room for it."""
    own = {key: value for key, value in tags.items() if not key.startswith("aws:") and key != RUN_TAG}
    return {**own, RUN_TAG: run} if len(own) < MOST_TAGS else own
