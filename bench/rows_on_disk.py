"""Tables with very many rows, made once, kept under ``.bench/rows``, and made anew when their form changes."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bench.dynalite_server import PINNED, fill, served
from nightcrew.ledger.canonical import canonical
from nightcrew.ledger.schema import definitions
from nightcrew.ledger.store import Tables

KEPT = Path(".bench/rows")
_STAMP = "stamp"
_PROBES = 100
"""The rows whose content tells whether the form has changed."""

Row = tuple[str, dict[str, Any]]
"""Which table, "ledger" or "state", and the item, as plain Python: texts and numbers."""


@dataclass(frozen=True)
class Ledger:
    """Both tables, under a name of their own, and their rows: the same ones each time, while ``about`` is the same."""

    name: str
    rows: Callable[[], Iterable[Row]]
    about: str = ""

    @property
    def tables(self) -> Tables:
        """What the tables are called."""
        return Tables(f"{self.name}-ledger", f"{self.name}-state")


@contextmanager
def on_disk(name: str, ledgers: Sequence[Ledger]) -> Iterator[Any]:
    """A client of these tables, which are filled first where they are not there yet. Raises NoDynalite."""
    path, form = KEPT / name, _form(ledgers)
    stamp = path / _STAMP
    if not stamp.is_file() or stamp.read_text() != form:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        with served(path / "level") as client:
            for each in ledgers:
                for definition in definitions(each.tables):
                    client.create_table(**definition)
        filled = fill(path / "level", _told(line for each in ledgers for line in _lines(each)))
        print(f"  {filled:,} rows are in {path}", file=sys.stderr, flush=True)
        stamp.write_text(form)  # last: what was left half-way is made anew
    with served(path / "level") as client:
        yield client


def _lines(ledger: Ledger) -> Iterator[str]:
    for table, item in ledger.rows():
        yield json.dumps([ledger.tables.named(table), item], separators=(",", ":"))


def _told(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number % 100_000 == 0 and number:
            print(f"  {number:,} rows …", file=sys.stderr, flush=True)
        yield line


def _form(ledgers: Sequence[Ledger]) -> str:
    """What tells one making from another: the tables' definitions, the first rows, and dynalite's version."""
    said = hashlib.sha256((PINNED / "package-lock.json").read_bytes())
    for each in ledgers:
        said.update(canonical([definitions(each.tables), *([each.about] if each.about else [])]).encode())
        for line in islice(_lines(each), _PROBES):
            said.update(line.encode())
    return said.hexdigest()
