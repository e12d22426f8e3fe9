"""Days that somebody counted who may not keep them for everybody: a viewer has no right to write to the state table.

They stand in a file of their own, so that not each look at a year counts it anew. It is asked only for days that
nobody kept and nobody dropped: what the day's job keeps comes first, and what was uploaded late counts.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from nightcrew.knowledge.statistics.day import Day

VERSION = 1
SETTLED = timedelta(days=3)
"""So old a day must be: the index that days are counted from follows the ledger."""


class Shelf:
    """The file at ``path``, of the ledger called so. One that cannot be read is empty, one that cannot be written
    stays as it is: it only saves time.
    """

    def __init__(self, path: Path, ledger: str) -> None:
        self._path, self._ledger = path, ledger
        self._texts: dict[str, str] | None = None

    def get(self, day: date) -> Day | None:
        """The day as it was counted; None where nobody did."""
        text = self._known().get(day.isoformat())
        with suppress(ValueError, TypeError, KeyError):
            return None if text is None else Day.from_text(text)
        return None

    def put(self, days: Iterable[Day]) -> None:
        """Take these in, beside what another process has put there meanwhile."""
        made = {each.day.isoformat(): each.to_text() for each in days}
        if not made:
            return
        self._texts = self._read() | made
        told = {"version": VERSION, "ledger": self._ledger, "days": self._texts}
        with suppress(OSError):
            number, name = mkstemp(dir=self._path.parent, prefix=self._path.name)  # nobody else may read it
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    json.dump(told, file, separators=(",", ":"))
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def _known(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = self._read()
        return self._texts

    def _read(self) -> dict[str, str]:
        """Of another ledger, or of another form, nothing."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            told: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            if (told["version"], told["ledger"]) == (VERSION, self._ledger):
                return {str(name): str(text) for name, text in told["days"].items()}
        return {}
