"""The claims that this process saw decided: a warm one answers a repeat without asking anybody.

Only what is settled is kept, and that never changes: so nothing of one run reaches another.
"""

from collections import OrderedDict

MOST = 10_000


class Decided:
    """Who decided which claim; the oldest are forgotten, and then the table is asked again."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._runs: OrderedDict[str, str] = OrderedDict()

    def by(self, claim: str) -> str | None:
        """The run, or the refusal, that the claim was decided with; None where this process does not know."""
        return self._runs.get(claim)

    def keep(self, claim: str, run: str) -> None:
        """Remember it: what follows the decision is done."""
        self._runs[claim] = run
        while len(self._runs) > self._most:
            self._runs.popitem(last=False)
