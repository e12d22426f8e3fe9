"""Counts what was decided and how it ended, from the ledger's entries as they are written.

An entry is put only if it is absent, so whoever carries a run on again, delivers a signal again or closes what another
has closed writes nothing, and counts nothing. Whoever dies between writing an entry and counting it counts nothing
either: the ledger is what happened, and these figures are at most that.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import moment
from nightcrew.engine.installation import Watch
from nightcrew.engine.metrics import ADMITTED, ENDED, REFUSED, TO_CURE, TO_FIRST_CHANGE, Meter, Metric
from nightcrew.errors import Unknown
from nightcrew.ledger.transaction import Piece

UNKNOWN = "unknown"
"""The family of an abandoned run whose runbook is gone, or of one whose call alone says its family."""

Figure = tuple[Metric, float, Mapping[str, str]]


def counting(meter: Meter, watch: Watch, catalog: Catalog) -> Callable[[Sequence[Piece]], None]:
    """For a ``Store``: told the pieces of each transaction that was written. No trouble with a metric reaches who
    wrote, since the entry stands: it is told to ``watch``.
    """

    def written(pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            if piece.table != "ledger" or piece.put is None:
                continue
            run = str(piece.put["run"])
            try:
                for metric, value, dimensions in figures(piece.put, piece.aside, catalog):
                    meter(metric, value, dimensions, run)
            except Exception as error:  # noqa: BLE001  what is written must not look as if it were not
                watch("not counted", {"run": run, "words": f"{type(error).__name__}: {error}"[:300]})

    return written


def figures(entry: Mapping[str, Any], aside: Mapping[str, Any], catalog: Catalog) -> Iterator[Figure]:
    """What an entry counts for, by its item of the ledger's table, and what its writer said beside it."""
    kind = entry["kind"]
    if kind == "opening":
        yield ADMITTED, 1, {}
    elif kind == "refusal":
        yield REFUSED, 1, {"gate": str(json.loads(entry["body"])["gate"])}
    elif kind == "closing":
        yield from _ending(json.loads(entry["body"]), str(entry["at"]), aside, catalog)


def _ending(body: Mapping[str, Any], at: str, aside: Mapping[str, Any], catalog: Catalog) -> Iterator[Figure]:
    family = {"family": str(aside.get("family") or _family(str(body["runbook"]), catalog))}
    outcome = str(body["outcome"])
    yield ENDED, 1, {**family, "outcome": outcome}
    if outcome == "refused":
        yield REFUSED, 1, {"gate": str(body.get("gate") or "hold")}
    if aside.get("first_change"):
        yield TO_FIRST_CHANGE, _seconds(body["started"], aside["first_change"]), family
    if outcome == "cured":
        yield TO_CURE, _seconds(body["started"], at), family


def _family(runbook: str, catalog: Catalog) -> str:
    """Of a run that somebody else closed, who has its name only."""
    try:
        families = catalog[runbook].families
    except Unknown:
        return UNKNOWN
    return families[0] if len(families) == 1 else UNKNOWN


def _seconds(since: str, until: str) -> float:
    """Clocks of two functions may differ by some milliseconds: nothing is over before it began."""
    return max(moment(until) - moment(since), timedelta(0)).total_seconds()
