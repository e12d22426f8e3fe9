"""What a run left to be done later, for the tests of runbooks that put something back."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from nightcrew.admission.follow_ups import find
from nightcrew.ledger.conditions import Equals
from tests.house import House


def left_for_later(house: House, run: str) -> list[tuple[str, dict[str, Any], timedelta]]:
    """Of that run, the next first: the runbook, its parameters, and how long from now."""
    found = [due for name in _names(house) if name.startswith(run) if (due := find(house.crew.store, name))]
    now = house.crew.installation.clock.now()
    return [(due.runbook, dict(due.what["parameters"]), due.due - now) for due in found]


def _names(house: House) -> Iterator[str]:
    """What every test has left, page by page: the list that people see ends after a hundred."""
    after: Mapping[str, Any] | None = None
    while True:
        page = house.crew.store.query("state", Equals("open", "later"), index="open", limit=1000, after=after)
        yield from (str(item["owner"]) for item in page.items)
        after = page.after
        if after is None:
            return
