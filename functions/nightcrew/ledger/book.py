"""The one writer of a run's chain: entry after entry, each put only if it is absent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nightcrew.clock import Clock
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece


class Head(NamedTuple):
    """The last entry that a book knows: -1 and "" before the first."""

    number: int
    hash: str


@dataclass(frozen=True)
class Written:
    """An entry as it stands in the ledger.

    ``fresh`` is False where it stood there before: then what it announces may have been done already.
    """

    entry: Entry
    fresh: bool


class FencedOff(BaseException):
    """Another incarnation of this run wrote something else at this number.

    This invocation must end without closing anything: the other one goes on. A BaseException, as every ending is, so
    that no ``except Exception`` in a runbook swallows it.
    """

    def __init__(self, wanted: Entry, stored: Entry) -> None:
        super().__init__(
            f"run {wanted.run}, entry {wanted.number}: another incarnation wrote a {stored.kind} there, "
            f"this one wanted a {wanted.kind}"
        )
        self.wanted = wanted
        self.stored = stored


class Book:
    """Writes the chain of ``run`` from its head on: ``number`` and ``hash`` of the last entry known."""

    def __init__(self, store: Store, clock: Clock, run: str, number: int = -1, hash: str = "") -> None:  # noqa: A002
        self.store = store
        self._clock = clock
        self.run = run
        self._head = Head(number, hash)

    @property
    def head(self) -> Head:
        """Number and hash of the last entry that this book wrote or followed."""
        return self._head

    def follow(self, number: int, hash: str) -> None:  # noqa: A002
        """At replay: take the head from a checkpoint, without a read."""
        self._head = Head(number, hash)

    def write(
        self,
        kind: str,
        body: Mapping[str, Any],
        guards: Sequence[Piece] = (),
        aside: Mapping[str, Any] | None = None,
    ) -> Written:
        """Write the next entry, in one transaction with ``guards``: what must hold, or be written, at the same
        moment. ``aside`` goes with it to whoever is told of the write, and is not written.

        The number is taken only once the entry stands. What stands there already wins: equal but for its time, it is
        the entry, not fresh, even where a guard refuses by now; anything else means that this writer was fenced off.

        Raises ConditionFailed with the guards' failures where a guard refuses and no entry stands there, FencedOff,
        and what ``Store.transact`` raises; the head is unchanged then.

        A lost reply: with guards the request carries a token, and botocore's repeat learns that it was written, so it
        is fresh. Without guards there is no token: the repeat finds its own entry and calls it not fresh. That is
        safe: whoever must not act twice then looks, instead of acting. The same holds for who writes again after
        Unreachable.
        """
        wanted = Entry(self.run, self._head.number + 1, kind, self._clock.now(), body, self._head.hash)
        piece = put_once(wanted, aside)
        try:
            self.store.transact([piece, *guards])
        except ConditionFailed as refused:
            stored = self._stored(piece, refused)
            if stored is None:
                raise
            if not stored.same_as(wanted):
                raise FencedOff(wanted, stored) from refused
            return self._turn_to(stored, fresh=False)
        return self._turn_to(wanted, fresh=True)

    def find(self, kind: str, body: Mapping[str, Any]) -> Entry | None:
        """The next entry, where it stands already and says this: for who may have written it, and may not write it now.

        The number is taken then. None, and nothing is taken, where there is none or another. Raises Unreachable.
        """
        wanted = Entry(self.run, self._head.number + 1, kind, self._clock.now(), body, self._head.hash)
        item = self.store.get("ledger", {"run": wanted.run, "number": wanted.number})
        stored = None if item is None else Entry.from_item(item)
        return self._turn_to(stored, fresh=False).entry if stored is not None and stored.same_as(wanted) else None

    def _stored(self, piece: Piece, refused: ConditionFailed) -> Entry | None:
        old = next((failure.old for failure in refused.failures if failure.piece is piece), None)
        if old is None:
            # A cancelled transaction need not name every condition that does not hold: look, before a guard is blamed.
            old = self.store.get(piece.table, piece.key)
        return None if old is None else Entry.from_item(old)

    def _turn_to(self, entry: Entry, *, fresh: bool) -> Written:
        self._head = Head(entry.number, entry.hash)
        return Written(entry, fresh)


def put_once(entry: Entry, aside: Mapping[str, Any] | None = None) -> Piece:
    """The piece that puts an entry only if its number is free, for who builds the transaction himself.

    Its gate is "entry".
    """
    key = {"run": entry.run, "number": entry.number}
    return Piece("ledger", key, gate="entry", condition=Absent("run"), put=entry.to_item(), aside=aside or {})
