"""What stands in a section of policy: an item, whichever section it is of.

A new section is an ``Item`` in a module of its own, which says what its values are, which runbooks it names and what
could not be meant; its form in ``policy_form``; and a line each in ``policy.SECTIONS``, ``Policy`` and ``FileForm``.
That it is read, checked with its lines, compiled and read back follows from these.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from nightcrew.admission.selecting import When

Place = tuple[str | int, ...]
"""Where something stands: ``("rules", 2, "when", "runbook")``."""

Wrong = tuple[Place, object, str]
"""Where something is wrong, what stands there, and what is allowed."""


@dataclass(frozen=True)
class Item:
    """``number`` is its place in its section, from 0, and ``line`` that in the file."""

    SECTION: ClassVar[str]

    number: int
    line: int = field(default=0, kw_only=True)

    @property
    def called(self) -> object:
        """What people know it by."""
        raise NotImplementedError

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        """The runbooks that it names, by where they stand in it."""
        raise NotImplementedError

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        """What its form allows and policy does not, each with its place in the item. ``earlier`` stand before it."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.SECTION}[{self.number}] ({self.called})"


def asked_at_admission(place: str, when: When) -> Iterator[Wrong]:
    """What would be wrong with a selection that admission goes by."""
    if when.resource_tag:
        yield (place,), str(when), "no resource_tag: a resource's tags are not known before hold"


def path_of(place: Place) -> str:
    """A place as people read it: ``rules[2].when.runbook``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "policy"
