"""An entry of the ledger: what one run wrote down at one moment, chained to the entry before it by hash.

Kinds: ``opening`` (number 0), ``change``, ``wait``, ``closing``, and ``refusal`` (number 0, and the only one of its
run). Of what is no run: ``lesson``, ``root`` (of a day), ``spell`` (how long an alarm lasted that was only observed).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.errors import BadInput, BrokenChain
from nightcrew.ledger.canonical import canonical as canonical  # noqa: PLC0414  entries are where callers look for it
from nightcrew.ledger.rows import index_attributes, record_attributes

KINDS = ("opening", "change", "wait", "closing", "refusal", "lesson", "root", "spell")
RECORDS = ("lesson", "root", "spell")  # chains that are no runs: all their entries are of one kind, and they never end
ENDINGS = ("closing", "refusal")  # of a run only these are in the indexes: a page of history is a page of runs
MOST_BYTES = 350_000  # of a body: an item of 400 KB is refused by DynamoDB, and this one holds more than the body


@dataclass(frozen=True)
class Entry:
    """One entry: ``number`` counts from 0 in its ``run``, ``previous`` is the hash of the entry before it, "" for
    number 0.

    ``at`` is kept to the millisecond. ``body`` is JSON-like; what a kind must hold is its writer's business, but
    closings and refusals name ``runbook, resource, symptom, outcome, started, actor, words, gate`` where they have
    them: the indexes hold these. Raises BadInput. ``item`` is the stored item where the entry was read, for
    ``verify``.
    """

    run: str
    number: int
    kind: str
    at: datetime
    body: Mapping[str, Any]
    previous: str
    item: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput("kind", self.kind, f"an entry is one of {', '.join(KINDS)}")
        # The hash covers the time as it is written; what is read back must equal what was written.
        object.__setattr__(self, "at", moment(stamp(self.at)))
        if len(self.text.encode()) > MOST_BYTES:
            raise BadInput("body", f"{len(self.text.encode())} bytes", f"an entry's body is at most {MOST_BYTES} bytes")

    @cached_property
    def text(self) -> str:
        """The body as it is stored."""
        return canonical(self.body)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of all fields, in hex."""
        fields = {
            "run": self.run,
            "number": self.number,
            "kind": self.kind,
            "at": stamp(self.at),
            "previous": self.previous,
        }
        # The body, by far the longest, is in canonical form already: only its place among the keys is wanted.
        texts = {name: canonical(value) for name, value in fields.items()} | {"body": self.text}
        whole = ",".join(f'"{name}":{texts[name]}' for name in sorted(texts))
        return hashlib.sha256(f"{{{whole}}}".encode()).hexdigest()

    def same_as(self, other: "Entry") -> bool:
        """Whether both say the same, whenever it was written: a repeat comes later than what it repeats."""
        mine = (self.run, self.number, self.kind, self.text, self.previous)
        return mine == (other.run, other.number, other.kind, other.text, other.previous)

    def to_item(self) -> dict[str, Any]:
        """The item of the ledger's table: the fields, the hash, and for an ending or a record what the indexes hold."""
        item = {
            "run": self.run,
            "number": self.number,
            "kind": self.kind,
            "at": stamp(self.at),
            "body": self.text,
            "previous": self.previous,
            "hash": self.hash,
        }
        if self.kind in RECORDS:
            return item | record_attributes(self.kind, self.run, self.at, self.body)
        return item | index_attributes(self.run, self.at, self.body) if self.kind in ENDINGS else item

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "Entry":
        """An item read back; its stored hash is left to ``verify``. Raises BrokenChain where it holds no entry."""
        try:
            body = json.loads(item["body"])
            if not isinstance(body, dict) or not isinstance(item["run"], str) or not isinstance(item["previous"], str):
                raise TypeError("a field has a value of another type")
            return cls(item["run"], int(item["number"]), item["kind"], moment(item["at"]), body, item["previous"], item)
        except (KeyError, TypeError, ValueError, RecursionError, BadInput) as error:
            run, number = str(item.get("run", "?")), item.get("number")
            what = f"cannot be read ({type(error).__name__}: {error})"
            raise BrokenChain(run, number if isinstance(number, int) else -1, what) from error
