"""The symptoms that there were lately, so that a new one's like can be found: one item, read at once.

The day's job adds what a day's runs brought; repeated, it adds nothing. What is newer than it, recall sees in the
week's newest runs.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from nightcrew.knowledge.recall.likeness import alike
from nightcrew.ledger.cases import CASES, kind_of
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece

KEY: Mapping[str, str] = {"key": "vocabulary"}
MOST = 500
"""Symptoms that are kept, those that came last: an item of some 40 KB, five read units."""

MOST_KINDS = 5
"""Kinds of resource that are kept of a symptom."""

MOST_TEXT = 300
"""Bytes: a longer symptom is an alarm's name that somebody made as long as it may be, and is not kept. Of so many the
item stays below DynamoDB's 400 KB, in whatever script they are written.
"""


class Counted(Protocol):
    """What is wanted of a count of a day (``knowledge/statistics/days``)."""

    @property
    def symptom(self) -> str | None: ...
    @property
    def resource(self) -> str: ...
    @property
    def outcome(self) -> str: ...


class Day(Protocol):
    """What is wanted of a day."""

    @property
    def day(self) -> date: ...
    @property
    def counts(self) -> Iterable[Counted]: ...


@dataclass(frozen=True)
class Known:
    """A symptom: the kinds of resource that had it, and the last day on which they did."""

    last: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The symptoms that are known, by their text."""

    symptoms: Mapping[str, Known] = field(default_factory=dict)

    def alike(self, symptom: str, most: int, least: float) -> list[str]:
        """Others that are alike, best first."""
        others = (each for each in self.symptoms if each != symptom)
        return [text for text, _ in alike(symptom, others, most, least)]

    def of_kind(self, kind: str, most: int) -> list[str]:
        """Those that this kind of resource had, the last ones first."""
        found = [(known.last, text) for text, known in self.symptoms.items() if kind in known.kinds]
        return [text for _, text in sorted(found, reverse=True)[:most]]

    def joined(self, seen: Iterable[tuple[str, str, str]]) -> "Vocabulary":
        """With what was seen: symptom, resource and day. Of too many the oldest are dropped."""
        made = dict(self.symptoms)
        for symptom, resource, day in seen:
            if not symptom or len(symptom.encode()) > MOST_TEXT:
                continue
            old = made.get(symptom, Known(day, ()))
            kinds = dict.fromkeys((kind_of(resource), *old.kinds) if resource else old.kinds)
            made[symptom] = Known(max(day, old.last), tuple(sorted([*kinds][:MOST_KINDS])))
        kept = sorted(made, key=lambda text: (made[text].last, text), reverse=True)[:MOST]
        return Vocabulary({text: made[text] for text in sorted(kept)})


def keep(store: Store, days: Iterable[Day]) -> Vocabulary:
    """Add what these days brought. Raises ConditionFailed where another did so meanwhile, Conflict, Unreachable."""
    item = store.get("state", KEY)
    old = _read(item)
    seen = [
        (count.symptom or "", count.resource, day.day.isoformat())
        for day in days
        for count in day.counts
        if count.outcome in CASES
    ]
    new = old.joined(seen)
    if new != old:
        number = int((item or {}).get("number", 0))
        unmoved = Equals("number", number) if item is not None else Absent("key")
        put = {**KEY, "number": number + 1, "body": _text(new)}
        store.transact([Piece(table="state", key=KEY, gate="vocabulary", condition=unmoved, put=put)])
    return new


def known(store: Store) -> Vocabulary:
    """What is known: one read. Empty before the first day is over. Raises Unreachable."""
    return _read(store.get("state", KEY, consistent=False))


def _text(vocabulary: Vocabulary) -> str:
    plain = {text: [known.last, *known.kinds] for text, known in vocabulary.symptoms.items()}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _read(item: Mapping[str, Any] | None) -> Vocabulary:
    plain = json.loads(item["body"]) if item is not None and "body" in item else {}
    return Vocabulary({text: Known(last, tuple(kinds)) for text, (last, *kinds) in plain.items()})
