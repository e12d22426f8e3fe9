"""``policy.yaml`` → Policy: checked whole, and every error names file, line, field, value and what is allowed.

Only this way in needs pydantic and YAML; the way from an alarm to its run loads ``policy_compiled``.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nightcrew.admission.policy import SECTIONS, Policy
from nightcrew.admission.policy_errors import all_of
from nightcrew.admission.policy_form import FileForm, given, known_at
from nightcrew.admission.policy_item import Place, Wrong, path_of
from nightcrew.admission.policy_lines import line_of, read
from nightcrew.admission.settings import Level
from nightcrew.errors import BadPolicy
from nightcrew.spelling import one_of

_SHAPES = {
    "missing": "it must be there",
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "list_type": "a list, each item after a dash",
    "too_short": "at least one key with its value",
}


@lru_cache(maxsize=32)
def load(text: str, file: str = "policy.yaml") -> Policy:
    """The policy in this text. Raises BadPolicy for the first error by line; its ``others`` has the rest.

    The same text is the same policy, which nothing changes: to read YAML takes longer than to decide by it.
    """
    content, lines = read(text, file)
    try:
        form = FileForm.model_validate(content)
    except ValidationError as invalid:
        _none([_shape(each) for each in invalid.errors(include_url=False)], file, lines)
        raise
    _none(_unclear(form), file, lines)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    policy = Policy(version, given(form.defaults), file=file, **_sections(form, lines))
    _none(_meaning(policy), file, lines)
    return policy


def _none(wrong: Iterable[Wrong], file: str, lines: Mapping[Place, int]) -> None:
    """Raises BadPolicy where anything is wrong."""
    errors = [BadPolicy(file, line_of(place, lines), path_of(place), value, allowed) for place, value, allowed in wrong]
    if errors:
        raise all_of(errors) from None


def _shape(error: ErrorDetails) -> Wrong:
    """A validator's error in our words."""
    place = error["loc"]
    if error["type"] == "extra_forbidden":
        return place, place[-1], one_of(known_at(place[:-1]), place[-1])
    value = None if error["type"] == "missing" else error["input"]
    said = error["ctx"]["allowed"] if error["type"] == "policy" else _SHAPES.get(error["type"], error["msg"])
    return place, value, said


def _unclear(form: FileForm) -> Iterator[Wrong]:
    """What keeps items from being any."""
    for kind in SECTIONS:
        for number, each in enumerate(form.items(kind)):
            yield from _within((kind.SECTION, number), each.unclear())


def _sections(form: FileForm, lines: Mapping[Place, int]) -> dict[str, Any]:
    return {
        kind.SECTION: tuple(
            each.item(number, lines[kind.SECTION, number]) for number, each in enumerate(form.items(kind))
        )
        for kind in SECTIONS
    }


def _meaning(policy: Policy) -> Iterator[Wrong]:
    """What the form allows and policy does not."""
    level = policy.defaults.get("autonomy", Level.OBSERVE)
    if level > Level.SUGGEST:
        allowed = "observe or suggest; what runs by itself stands in a rule or binding"
        yield ("defaults", "autonomy"), str(level), allowed
    for kind in SECTIONS:
        items = policy.items(kind)
        for each in items:
            yield from _within((kind.SECTION, each.number), each.wrong(items[: each.number]))


def _within(place: Place, wrong: Iterable[Wrong]) -> Iterator[Wrong]:
    for inner, value, allowed in wrong:
        yield (*place, *inner), value, allowed
