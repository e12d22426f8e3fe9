"""What was different after the changes of a run: the same reads and proofs, before the first and after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nightcrew.knowledge.story.step import Step

CHANGES = ("change", "undo")


@dataclass(frozen=True)
class Difference:
    """One value: what it was before the first change, and what was seen of it last."""

    name: str
    before: Any
    after: Any


def differences(told: Sequence[Step]) -> list[Difference]:
    """Of what was seen in the same form before and after; the rest of what was seen is not comparable. Empty where
    nothing was changed.
    """
    first = next((place for place, step in enumerate(told) if step.verb in CHANGES), len(told))
    before, after = (_values(part) for part in (told[:first], told[first:]))
    return [
        Difference(name, value, after[form][name])
        for form, values in before.items()
        if form in after
        for name, value in values.items()
        if after[form][name] != value
    ]


def _values(told: Sequence[Step]) -> dict[frozenset[str], Mapping[str, Any]]:
    """The last value of each form: values with the same names are of the same probe."""
    seen = (step.value for step in told if step.verb not in CHANGES)
    return {frozenset(value): value for value in seen if isinstance(value, Mapping)}
