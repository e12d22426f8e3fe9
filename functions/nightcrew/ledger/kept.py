"""Where entries are read from to be verified: the ledger's tables, or a file that was exported from them.

An export is an evidence directory (its ``entries.jsonl``), a file of JSON lines, each an entry's item as the table has
it (``{"run": …, "number": …, "kind": …, "at": …, "body": "…", "previous": …, "hash": …}``), or what DynamoDB exports
to S3 (user guide, "DynamoDB table export output format": lines ``{"Item": {"run": {"S": …}, …}}``, packed), as a file
or as a directory with ``data/*.json.gz``.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from nightcrew.errors import BadInput, BrokenChain
from nightcrew.ledger import history, period, roots
from nightcrew.ledger.store import Store
from nightcrew.ledger.values import plain_item

ENTRIES = "entries.jsonl"
FORMS = f"a directory of `nightcrew evidence`, a DynamoDB export, or a file of JSON lines like its {ENTRIES}"
SOON = "9999"


class Kept(Protocol):
    """Entries as they are stored."""

    @property
    def unreadable(self) -> tuple[BrokenChain, ...]:
        """What cannot be read at all."""

    @property
    def until(self) -> str:
        """What was written later than this is not in it."""

    @property
    def partial(self) -> bool:
        """Whether it holds the roots of some days alone, and not all since the first."""

    def runs(self, since: datetime) -> Iterable[str]:
        """Runs that ended since then, were refused or are open, and lessons and the like; each once."""

    def items(self, run: str) -> list[dict[str, Any]]:
        """The chain of a run; empty where there is none."""

    def roots(self, since: datetime) -> list[dict[str, Any]]:
        """The roots that were made since then."""


class InTables:
    """The ledger."""

    unreadable: tuple[BrokenChain, ...] = ()
    until = SOON
    partial = False

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now

    def runs(self, since: datetime) -> Iterator[str]:
        """What runs, and what ended or was recorded since then."""
        until = self._now + timedelta(seconds=1)
        found = (
            *(row.run for row in history.running(self._store)),
            *(item["run"] for item in period.ended(self._store, since, until)),
            *(item["run"] for item in period.recorded(self._store, since, until)),
        )
        yield from dict.fromkeys(found)

    def items(self, run: str) -> list[dict[str, Any]]:
        """Read consistently."""
        return history.items(self._store, run)

    def roots(self, since: datetime) -> list[dict[str, Any]]:
        """From their chain."""
        return roots.items_since(self._store, since)


class InExport:
    """A file, without AWS. Everything in it is verified, whenever it ended. Raises BadInput where there is none."""

    def __init__(self, path: Path) -> None:
        self._chains: dict[str, list[dict[str, Any]]] = {}
        unreadable = []
        mixed: set[str] = set()
        self.partial = (path / ENTRIES).is_file()
        self.until = ""
        for file in _files(path):
            for number, text in enumerate(_lines(file), 1):
                item, ordered = _item(text)
                if item is None:
                    unreadable.append(BrokenChain(f"{file.name}, line {number}", -1, "cannot be read as an entry"))
                    continue
                self._chains.setdefault(str(item["run"]), []).append(item)
                self.until = max(self.until, str(item.get("at", "")))
                mixed.add(str(item["run"]) if not ordered else "")
        for run in mixed - {""}:  # DynamoDB exports items in no order
            self._chains[run].sort(key=number_of)
        self.unreadable = tuple(unreadable)

    def runs(self, since: datetime) -> Iterable[str]:
        """All of them."""
        return [run for run in self._chains if run != roots.RUN]

    def items(self, run: str) -> list[dict[str, Any]]:
        """In the order of the file."""
        return self._chains.get(run, [])

    def roots(self, since: datetime) -> list[dict[str, Any]]:
        """All of them."""
        return self.items(roots.RUN)


def text_of(item: dict[str, Any]) -> str:
    """An item as a line of an export."""
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def number_of(item: Mapping[str, Any]) -> int:
    """The number of an entry; -1 where it has none: an export may say anything."""
    number = item.get("number")
    return number if type(number) is int else -1


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    for found in ([path / ENTRIES], [*path.glob("data/*.json.gz")], [*path.glob("*.json.gz")]):
        if found and all(file.is_file() for file in found):
            return sorted(found)
    raise BadInput("--export", str(path), FORMS)


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            yield from (line for line in lines if line.strip())
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput("--export", str(file), f"a file that can be read to its end ({error})") from error


def _item(text: str) -> tuple[dict[str, Any] | None, bool]:
    """An entry's item, and whether its place among the lines says something."""
    try:
        found = json.loads(text)
        exported = isinstance(found.get("Item"), dict)
        item = dict(plain_item(found["Item"]) if exported else found)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None, True
    return (item if isinstance(item.get("run"), str) else None), not exported
