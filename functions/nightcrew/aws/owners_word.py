"""What the owner of a document or a function says of it by its tags, and whether a call may say otherwise."""

from collections.abc import Mapping
from typing import Any

from nightcrew.aws.limit import TAG, VALUE
from nightcrew.aws.tags import tags_of

FAMILY_TAG, RISK_TAG = "nightcrew:family", "nightcrew:risk"
WORST = "data-loss"


def document_tags(answer: Any) -> dict[str, str]:
    """The tags that matter of a ListTagsForResource answer of Systems Manager."""
    return _ours(tags_of(answer.get("TagList")))


def function_tags(answer: Any) -> dict[str, str]:
    """The tags that matter of a ListTags answer of Lambda."""
    return _ours({str(key): str(value) for key, value in (answer.get("Tags") or {}).items()})


def is_managed(tags: Mapping[str, str]) -> bool:
    """Whether its owner lets Nightcrew use it at all."""
    return tags.get(TAG) == VALUE


def agrees(tags: Mapping[str, str], family: str, risk: str) -> bool:
    """Whether a call may say this family and risk: both are what its owner says, or the risk is the worst one. So
    nobody makes a document harmless by saying so in a call.
    """
    if risk == WORST:
        return tags.get(FAMILY_TAG, family) == family
    return (tags.get(FAMILY_TAG), tags.get(RISK_TAG)) == (family, risk)


def _ours(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: tags[name] for name in (TAG, FAMILY_TAG, RISK_TAG) if name in tags}
