"""Where a page of history ended: a place in an index, as opaque text that a caller hands back."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from nightcrew.errors import BadInput
from nightcrew.ledger.canonical import canonical

_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can say and UTF-8 cannot."""

MOST_BYTES = 2048  # of a key (source: DynamoDB's quotas)
MOST_ENTRIES = 1_000_000  # a run has far fewer


@dataclass(frozen=True)
class Place:
    """A place in ``index``: after the item of (``ended``, ``run``, ``number``) in ``partition``, or at its start."""

    index: str
    partition: str
    ended: str = ""
    run: str = ""
    number: int = 0

    @classmethod
    def of(cls, index: str, attribute: str, item: dict[str, Any]) -> "Place":
        """Right after an item of the index whose partition key is ``attribute``."""
        return cls(index, item[attribute], item["ended"], item["run"], item["number"])

    def key(self, attribute: str) -> dict[str, Any] | None:
        """The key to start after; None at the partition's start."""
        if not self.ended:
            return None
        return {attribute: self.partition, "ended": self.ended, "run": self.run, "number": self.number}

    def to_text(self) -> str:
        """The cursor."""
        fields = [self.index, self.partition, self.ended, self.run, self.number]
        return base64.urlsafe_b64encode(canonical(fields).encode()).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> "Place":
        """A cursor read back. Raises BadInput for anything else."""
        try:
            index, partition, ended, run, number = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            place = cls(index, partition, ended, run, number)
        except (ValueError, TypeError, RecursionError):
            place = None
        if place is None or not place.possible():
            raise BadInput("after", text, "give back the cursor of the page before, unchanged")
        return place

    def possible(self) -> bool:
        """Whether this may be a place in an index: a forged one must not reach DynamoDB."""
        texts = (self.index, self.partition, self.ended, self.run)
        if not all(isinstance(text, str) for text in texts) or type(self.number) is not int:
            return False
        if any(len(text.encode(errors="surrogatepass")) > MOST_BYTES or _HALF.search(text) for text in texts):
            return False
        return bool(self.run) == bool(self.ended) and 0 <= self.number < MOST_ENTRIES
