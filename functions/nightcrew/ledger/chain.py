"""A run's chain as it is stored: its entries, whether they are consistent, and how the run stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import moment
from nightcrew.errors import BrokenChain, Unknown
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.history import items
from nightcrew.ledger.store import Store
from nightcrew.ledger.verify import verify


@dataclass(frozen=True)
class Chain:
    """``entries`` are those that can be read; ``breaks`` say what is wrong with the chain, if anything."""

    run: str
    entries: tuple[Entry, ...]
    breaks: tuple[BrokenChain, ...]
    count: int

    @classmethod
    def read(cls, run: str, store: Store) -> "Chain":
        """Read and verified. Raises Unknown where there is no such run."""
        stored = items(store, run)
        if not stored:
            raise Unknown(f"there is no run {run}")
        return cls(run, tuple(readable(stored)), tuple(verify(stored)), len(stored))

    @property
    def opening(self) -> Mapping[str, Any]:
        """What the first entry says."""
        return self.entries[0].body if self.entries else {}

    @property
    def closing(self) -> Entry | None:
        """The closing or the refusal; None while the run is open."""
        return next((entry for entry in self.entries if entry.kind in ENDINGS), None)

    @property
    def outcome(self) -> str:
        """How it ended; ``running`` where it has not."""
        return str(self.closing.body.get("outcome", "?")) if self.closing else "running"

    @property
    def took(self) -> timedelta | None:
        """From opening to closing; None for what is open or was refused."""
        if self.closing is None or self.closing.kind == "refusal":
            return None
        return self.closing.at - self.entries[0].at

    @property
    def lease(self) -> datetime | None:
        """Until when it may hold its locks."""
        return moment(self.opening["lease"]) if "lease" in self.opening else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON: the entries as they are, bodies and hashes."""
        told = [
            {
                "number": entry.number,
                "kind": entry.kind,
                "at": entry.at,
                "body": entry.body,
                "previous": entry.previous,
                "hash": entry.item["hash"] if entry.item and "hash" in entry.item else entry.hash,
            }
            for entry in self.entries
        ]
        said = {name: self.opening.get(name) for name in ("runbook", "resource", "symptom", "actor")}
        return {
            "run": self.run,
            "outcome": self.outcome,
            **said,
            "words": self.closing.body.get("words") if self.closing else None,
            "consistent": not self.breaks,
            "broken": [broken(each) for each in self.breaks],
            "entries": told,
        }


def broken(found: BrokenChain) -> dict[str, Any]:
    """A break as JSON."""
    return {"run": found.run, "number": found.number, "what": found.what}


def readable(stored: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The entries of these items, without those that cannot be read."""
    entries = []
    for item in stored:
        try:
            entries.append(Entry.from_item(item))
        except BrokenChain:
            continue  # ``verify`` names it
    return entries
