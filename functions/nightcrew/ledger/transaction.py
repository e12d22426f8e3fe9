"""Each gate's piece of a transaction, merged into one write for each item.

DynamoDB allows one operation on an item in a transaction, but several gates may want something of the same item: the
lock sets its owner where the cool-down looks at the last change. Each says what it wants in a ``Piece``; ``merge``
makes one ``Write`` of the pieces that share an item, and remembers them, so that a refusal can be laid at the right
gate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightcrew.errors import NightcrewError
from nightcrew.ledger.conditions import ALWAYS, All, Always, Condition
from nightcrew.ledger.values import same, wire_item


@dataclass(frozen=True)
class Piece:
    """One gate's part of a transaction: what it asks of one item, and what it does to it.

    ``table`` is "ledger" or "state". It puts the whole item, or updates it (``sets``, ``adds``, ``removes``,
    ``takes``), or deletes it, or only asks. ``adds`` adds to a number or to a set of texts; ``takes`` takes members
    out of a set. A set that becomes empty vanishes from its item. ``aside`` is not written: it is what whoever is told
    of the write should know beside it.
    """

    table: str
    key: Mapping[str, Any]
    gate: str
    condition: Condition = ALWAYS
    put: Mapping[str, Any] | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    adds: Mapping[str, Any] = field(default_factory=dict)
    removes: tuple[str, ...] = ()
    takes: Mapping[str, set[str]] = field(default_factory=dict)
    delete: bool = False
    aside: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if sum((self.put is not None, self.delete, self.updates)) > 1:
            raise ValueError(f"{self.gate}: a piece puts, updates or deletes, one of them: {dict(self.key)}")

    @property
    def updates(self) -> bool:
        """Whether it changes attributes of the item."""
        return bool(self.sets or self.adds or self.removes or self.takes)


@dataclass(frozen=True)
class Failure:
    """A piece whose own condition does not hold, and the item as it was: None where there was none."""

    piece: Piece
    old: Mapping[str, Any] | None


class ConditionFailed(NightcrewError):
    """A condition does not hold; nothing was written. ``failures`` are the pieces that refuse, and no others."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(f"{each.piece.gate} refuses on {dict(each.piece.key)}" for each in failures))
        self.failures = tuple(failures)

    def of(self, gate: str) -> Failure | None:
        """The first failure of a gate; None where it did not refuse."""
        return next((failure for failure in self.failures if failure.piece.gate == gate), None)


@dataclass(frozen=True)
class Write:
    """One operation on one item: ``whole`` is what is sent, ``pieces`` are whose wishes went into it."""

    whole: Piece
    pieces: tuple[Piece, ...]

    @property
    def action(self) -> str:
        """Put, Update, Delete or ConditionCheck, as TransactWriteItems names them."""
        if self.whole.put is not None:
            return "Put"
        if self.whole.delete:
            return "Delete"
        return "Update" if self.whole.updates else "ConditionCheck"

    def failures(self, old: Mapping[str, Any] | None) -> list[Failure]:
        """Whose condition the old item does not satisfy.

        Where each seems satisfied although DynamoDB refused, all that asked anything are named: a refusal must never
        look like none.
        """
        refusing = [piece for piece in self.pieces if not piece.condition.holds(old)]
        asking = [piece for piece in self.pieces if not isinstance(piece.condition, Always)]
        return [Failure(piece, old) for piece in refusing or asking]


def merge(pieces: Iterable[Piece]) -> list[Write]:
    """One write for each item, in the order in which the items are first named.

    Conditions are joined by AND; equal ``sets`` agree; numbers in ``adds`` are summed. Pieces that contradict each
    other are a programming error: ValueError names the gates.
    """
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        item = f"{piece.table} {sorted(wire_item(piece.key).items())}"
        groups.setdefault(item, []).append(piece)
    return [_one(tuple(group)) for group in groups.values()]


def _one(pieces: tuple[Piece, ...]) -> Write:
    gates = "+".join(dict.fromkeys(piece.gate for piece in pieces))
    whole = Piece(
        table=pieces[0].table,
        key=pieces[0].key,
        gate=gates,
        condition=All(*(piece.condition for piece in pieces)),
        put=_only_put(pieces, gates),
        sets=_sets(pieces, gates),
        adds=_adds(pieces, gates),
        removes=tuple(dict.fromkeys(name for piece in pieces for name in piece.removes)),
        takes=_takes(pieces),
        delete=any(piece.delete for piece in pieces),
    )
    named = [*whole.sets, *whole.adds, *whole.removes, *whole.takes]
    for name in named:
        if named.count(name) > 1 or name in whole.key:
            raise ValueError(f"{gates}: contradict each other, or the key, on {name!r} of {dict(whole.key)}")
    write = Write(whole, pieces)
    if write.action == "ConditionCheck" and all(isinstance(piece.condition, Always) for piece in pieces):
        raise ValueError(f"{gates}: neither asks nor changes anything of {dict(whole.key)}")
    return write


def _only_put(pieces: tuple[Piece, ...], gates: str) -> dict[str, Any] | None:
    puts = [piece.put for piece in pieces if piece.put is not None]
    if not puts:
        return None
    if len(puts) > 1:
        raise ValueError(f"{gates}: more than one puts the item {dict(pieces[0].key)}")
    item = {**puts[0], **pieces[0].key}
    for name in pieces[0].key:
        if name in puts[0] and not same(item[name], puts[0][name]):
            raise ValueError(f"{gates}: the item says another {name!r} than its key {dict(pieces[0].key)}")
    return item


def _sets(pieces: tuple[Piece, ...], gates: str) -> dict[str, Any]:
    sets: dict[str, Any] = {}
    for piece in pieces:
        for name, value in piece.sets.items():
            if name in sets and not same(sets[name], value):
                raise ValueError(f"{gates}: set {name!r} of {dict(piece.key)} to different values")
            sets[name] = value
    return sets


def _adds(pieces: tuple[Piece, ...], gates: str) -> dict[str, Any]:
    adds: dict[str, Any] = {}
    for piece in pieces:
        for name, value in piece.adds.items():
            if name not in adds:
                adds[name] = value
            elif isinstance(value, (set, frozenset)) != isinstance(adds[name], (set, frozenset)):
                raise ValueError(f"{gates}: {name!r} of {dict(piece.key)} is a set for one and a number for another")
            else:
                adds[name] = adds[name] | value if isinstance(value, (set, frozenset)) else adds[name] + value
    return adds


def _takes(pieces: tuple[Piece, ...]) -> dict[str, set[str]]:
    takes: dict[str, set[str]] = {}
    for piece in pieces:
        for name, members in piece.takes.items():
            takes[name] = takes.get(name, set()) | members
    return takes
