"""Evidence of a period for an auditor: a directory that can be checked without Nightcrew's tables, and without AWS.

The same ledger at the same time gives the same bytes. It is written beside its place and put there whole.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nightcrew.clock import stamp
from nightcrew.errors import BadInput, BrokenChain
from nightcrew.knowledge.cells import rows_as_csv
from nightcrew.knowledge.evidence import rows
from nightcrew.knowledge.evidence.manifest import NAME, hash_of, manifest_of
from nightcrew.knowledge.evidence.page import page
from nightcrew.knowledge.lessons import changed_since
from nightcrew.ledger import history, period, roots
from nightcrew.ledger.anchors import Anchors
from nightcrew.ledger.audit import Audit, audit
from nightcrew.ledger.entries import RECORDS, Entry
from nightcrew.ledger.kept import ENTRIES, InExport, text_of
from nightcrew.ledger.store import Store

Tables = Mapping[str, Sequence[rows.Row]]


@dataclass(frozen=True)
class Period:
    """From ``since`` on and before ``until``."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, since: datetime, until: datetime, now: datetime) -> "Period":
        """Raises BadInput where it is none, or not over."""
        if since >= until:
            raise BadInput("--until", stamp(until), f"a time after --since, {stamp(since)}")
        if until > now:
            raise BadInput("--until", stamp(until), f"a time that has come: now it is {stamp(now)}")
        return cls(since, until)

    def holds(self, at: datetime) -> bool:
        """Whether something is of this period."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class Beside:
    """What the ledger does not know: who makes it, the policy's text and version, and AWS Artifact's list."""

    by: str
    policy: str | None
    version: str | None
    reports: Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """What was written: how many of each, what the verification found, and the manifest's own SHA-256."""

    counts: Mapping[str, int]
    found: Audit
    hash: str


def make(store: Store, out: Path, of: Period, now: datetime, beside: Beside, anchors: Anchors | None = None) -> Made:
    """Write the evidence of a period to ``out``, which is new or empty. Raises BadInput, Unreachable."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput("--out", str(out), "a directory that is new, or empty")
    part = out.parent / f".{out.name}.part"
    shutil.rmtree(part, ignore_errors=True)  # of one that was interrupted
    try:
        part.mkdir(parents=True)
        made = _write(store, part, of, now, beside, anchors)
        if out.exists():
            out.rmdir()
        os.replace(part, out)  # noqa: PTH105  on a directory
    except OSError as error:
        raise BadInput("--out", str(out), f"a directory that can be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def _write(store: Store, part: Path, of: Period, now: datetime, beside: Beside, anchors: Anchors | None) -> Made:
    mine = set(_runs(store, of))
    rooted = [item for item in roots.items_since(store, of.since) if _day(item) in _days(of)]
    named = {each.run for item in rooted for each in _named(item)}
    lessons = [lesson for lesson in changed_since(store, of.since) if of.holds(lesson.at)]
    chains: list[tuple[Entry, ...]] = []
    with (part / ENTRIES).open("w", encoding="utf-8", newline="\n") as file:
        for run in sorted(mine | named | {lesson.id for lesson in lessons}):
            stored = history.items(store, run)
            file.writelines(f"{text_of(item)}\n" for item in stored)
            if run in mine:
                chains.append(tuple(_readable(stored)))
        file.writelines(f"{text_of(item)}\n" for item in rooted)
    found = audit(InExport(part), datetime.min.replace(tzinfo=UTC), anchors)
    tables = _tables([chain for chain in chains if chain], beside.version) | {
        "lessons": [*map(rows.lesson_row, lessons)]
    }
    about = {"since": stamp(of.since), "until": stamp(of.until), "made": stamp(now), "by": beside.by}
    files = {f"{name}.csv": rows_as_csv(columns, tables[name]) for name, columns in rows.COLUMNS.items()}
    files["evidence.json"] = _json(about, tables)
    files["evidence.md"] = page(tables, found.to_dict(), since=of.since, until=of.until, now=now, by=beside.by)
    files["verification.json"] = _text(found.to_dict())
    files["aws-artifact.json"] = _text(beside.reports)
    if beside.policy is not None:
        files["policy.yaml"] = beside.policy
    for name, text in files.items():
        (part / name).write_bytes(text.encode())
    (part / NAME).write_bytes(manifest_of(part, about).encode())
    return Made({name: len(each) for name, each in tables.items()}, found, hash_of(part))


def _runs(store: Store, of: Period) -> Iterator[str]:
    """What ended or was refused then, and what was open at its end and is open still."""
    yield from (item["run"] for item in period.ended(store, of.since, of.until))
    yield from (row.run for row in history.running(store) if row.started is None or row.started < of.until)


def _tables(chains: Iterable[rows.Chain], version: str | None) -> dict[str, Sequence[rows.Row]]:
    ordered = sorted(chains, key=rows.ended_at)
    ran = [chain for chain in ordered if not rows.is_refusal(chain)]
    return {
        "runs": [rows.run_row(chain) for chain in ran],
        "changes": [row for chain in ordered for row in rows.change_rows(chain)],
        "refusals": [rows.refusal_row(chain) for chain in ordered if rows.is_refusal(chain)],
        "approvals": [row for chain in ordered for row in rows.approval_rows(chain)],
        "policies": rows.policy_rows(ordered, version),
    }


def _days(of: Period) -> set[str]:
    first, last = of.since.date(), (of.until - timedelta(microseconds=1)).date()
    return {str(first + timedelta(days=each)) for each in range((last - first).days + 1)}


def _day(item: Mapping[str, Any]) -> str:
    try:
        return str(Entry.from_item(item).body.get("day"))
    except BrokenChain:
        return str(item.get("at"))[:10]


def _named(item: Mapping[str, Any]) -> list[roots.Named]:
    try:
        return list(roots.names(Entry.from_item(item)))
    except BrokenChain:
        return []  # the verification names it


def _readable(stored: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    for item in stored:
        try:
            entry = Entry.from_item(item)
        except BrokenChain:
            continue  # the verification names it
        if entry.kind not in RECORDS:
            yield entry


def _json(about: Mapping[str, Any], tables: Tables) -> str:
    """A row in a line, so that a line is what was touched."""
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in about.items()]
    for name in rows.COLUMNS:
        each = ",\n".join(f"  {json.dumps(row, ensure_ascii=False, sort_keys=True)}" for row in tables[name])
        lines.append(f" {json.dumps(name)}: [\n{each}\n ]" if each else f" {json.dumps(name)}: []")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
