"""Anchors: each day's root outside the table, where whoever may write to the table may not: in S3 under Object Lock, or
in a directory that was copied from there.

One object for each day, ``roots/2026/11/21.json``: ``{"day": …, "entries": […]}`` with the root's entries as the ledger
stores them. It is written only where there is none, and kept from deletion until its time is over (Amazon S3 user
guide, "Locking objects with Object Lock"; "conditional writes"). Object Lock keeps versions, and does not stop anybody
from writing a newer one: so what counts is the oldest version, and a second one is told.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.clock import Clock
from nightcrew.errors import BadInput, Conflict, Unreachable
from nightcrew.ledger import roots
from nightcrew.ledger.conditions import Absent, AtLeast, Below, Equals
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

MODES = ("GOVERNANCE", "COMPLIANCE")
UNLOCKED = datetime.min.replace(tzinfo=UTC)
MARK = {"key": "anchored"}  # in ``state``: the next root's entry to anchor
_KEY = re.compile(r"roots/(\d{4})/(\d\d)/(\d\d)\.json$")
_DENIED = ("AccessDenied", "403", "Forbidden")


@dataclass(frozen=True)
class Anchor:
    """What was written of a day: the items of its root's entries; ``trouble`` says what is wrong with the anchor
    itself. ``locked`` is until when nobody can take it away: None where that cannot be known, of a copy.
    """

    day: date
    where: str
    items: tuple[dict[str, Any], ...]
    locked: datetime | None = None
    trouble: str = ""


class Anchors(Protocol):
    """Where anchors are read."""

    def since(self, day: date) -> Iterator[Anchor]:
        """Those of that day and later, by day."""


class Bucket:
    """Anchors in S3, through ``client``. ``mode`` and ``kept`` say how each object is locked, and for how long."""

    def __init__(
        self, client: Any, name: str, prefix: str = "", *, mode: str = "COMPLIANCE", kept: timedelta | None = None
    ) -> None:
        if mode not in MODES:
            raise BadInput("mode", mode, f"Object Lock knows {' and '.join(MODES)}")
        self._client = client
        self._name = name
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._mode = mode
        self._kept = kept or timedelta(days=365)

    def write(self, day: date, entries: Sequence[Entry], now: datetime) -> bool:
        """Write a day's root; False where it was there already. Needs s3:PutObject and s3:PutObjectRetention.

        Where there is one, it is compared, which needs s3:GetObject; without that right ``verify`` compares. Raises
        Conflict where there is another, Unreachable.
        """
        body = content(day, entries)
        where = {"Bucket": self._name, "Key": self._prefix + key(day)}
        lock = {"ObjectLockMode": self._mode, "ObjectLockRetainUntilDate": now + self._kept}
        try:
            self._client.put_object(
                **where,
                Body=body,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",  # Object Lock wants one
                IfNoneMatch="*",
                **lock,
            )
        except ClientError as refused:
            if _code(refused) != "PreconditionFailed":
                raise self._unreachable(refused) from refused
        except BotoCoreError as trouble:
            raise self._unreachable(trouble) from trouble
        else:
            return True
        there = self._there(where)
        if there is not None and there != body:
            at = f"s3://{self._name}/{where['Key']}"
            raise Conflict(f"{at} has another root of {day}: nothing was written; `nightcrew verify` says which holds")
        return False

    def since(self, day: date) -> Iterator[Anchor]:
        """Those of that day and later, by day. Needs s3:ListBucketVersions, s3:GetObjectVersion, and
        s3:GetObjectRetention to know whether they are locked. Raises Unreachable.
        """
        try:
            pages = self._client.get_paginator("list_object_versions")
            found = pages.paginate(Bucket=self._name, Prefix=f"{self._prefix}roots/")  # a thousand on a page
            every = [each for page in found for each in page.get("Versions", ())]
            for name, versions in groupby(every, key=lambda each: str(each["Key"])):
                of = day_of(name.removeprefix(self._prefix))
                if of is not None and of >= day:
                    yield self._read(of, name, list(versions))
        except (ClientError, BotoCoreError) as trouble:
            raise self._unreachable(trouble) from trouble

    def _read(self, day: date, name: str, versions: list[dict[str, Any]]) -> Anchor:
        oldest = versions[-1]  # the newest comes first
        got = self._client.get_object(Bucket=self._name, Key=name, VersionId=oldest["VersionId"])
        anchor = parsed(day, f"s3://{self._name}/{name}", got["Body"].read())
        trouble = anchor.trouble
        if len(versions) > 1:
            trouble = trouble or f"was written {len(versions)} times; the first is taken"
        return Anchor(day, anchor.where, anchor.items, got.get("ObjectLockRetainUntilDate", UNLOCKED), trouble)

    def _there(self, where: dict[str, str]) -> bytes | None:
        try:
            return bytes(self._client.get_object(**where)["Body"].read())
        except ClientError as refused:
            if _code(refused) in _DENIED:
                return None
            raise self._unreachable(refused) from refused
        except BotoCoreError as trouble:
            raise self._unreachable(trouble) from trouble

    def _unreachable(self, trouble: Exception) -> Unreachable:
        return Unreachable(f"the anchors in s3://{self._name} cannot be used: {trouble}")


class Folder:
    """Anchors in a directory, as they were copied from S3: ``aws s3 sync s3://BUCKET/roots DIR/roots``."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise BadInput("--anchors", str(path), "a directory with roots/YEAR/MONTH/DAY.json in it, or s3://BUCKET")
        self._path = path.parent if path.name == "roots" else path

    def since(self, day: date) -> Iterator[Anchor]:
        """Those of that day and later, by day."""
        for file in sorted((self._path / "roots").glob("*/*/*.json")):
            of = day_of(file.relative_to(self._path).as_posix())
            if of is not None and of >= day:
                yield _from_file(of, file)


def keep(store: Store, clock: Clock, bucket: Bucket) -> list[date]:
    """Anchor the roots that are not anchored yet, and return their days. May be repeated: a mark in ``state`` says how
    far it came, and where that is lost what is there already is left as it is. Raises Unreachable; and Conflict, once
    all others are anchored, where a day has another root there.
    """
    begin = int((store.get("state", MARK) or {}).get("next", 0))
    done: list[date] = []
    others: list[Conflict] = []
    for day, entries in groupby(_from(store, begin), key=lambda entry: str(entry.body.get("day"))):
        whole = list(entries)
        if whole[-1].body.get("more"):
            break  # its root is not made to the end yet
        try:
            if bucket.write(date.fromisoformat(day), whole, clock.now()):
                done.append(date.fromisoformat(day))
        except Conflict as another:
            others.append(another)
        _mark(store, whole[-1].number + 1)
    if others:
        raise others[0]
    return done


def content(day: date, entries: Sequence[Entry]) -> bytes:
    """The object of a day: always the same bytes for the same entries."""
    items = [dict(entry.item) if entry.item is not None else entry.to_item() for entry in entries]
    return (json.dumps({"day": str(day), "entries": items}, indent=1, sort_keys=True) + "\n").encode()


def parsed(day: date, where: str, text: bytes) -> Anchor:
    """An object read back. What cannot be read is an anchor with trouble and no entries."""
    try:
        found = json.loads(text)
        items = tuple(dict(each) for each in found["entries"])
        says = {str(found["day"]), *(str(json.loads(item["body"])["day"]) for item in items)}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return Anchor(day, where, (), trouble=f"cannot be read ({type(error).__name__})")
    other = ", ".join(sorted(says - {str(day)}))
    return Anchor(day, where, items, trouble=f"is of another day, {other}" if other else "")


def key(day: date) -> str:
    """An object's key."""
    return f"roots/{day:%Y/%m/%d}.json"


def day_of(name: str) -> date | None:
    """The day of an object's key; None for what is no anchor."""
    found = _KEY.match(name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _from_file(day: date, file: Path) -> Anchor:
    try:
        return parsed(day, str(file), file.read_bytes())
    except OSError as trouble:
        return Anchor(day, str(file), (), trouble=f"cannot be read ({trouble.strerror})")


def _from(store: Store, number: int) -> Iterator[Entry]:
    where = Equals("run", roots.RUN) & AtLeast("number", number)
    return (Entry.from_item(item) for item in store.every("ledger", where, consistent=True))


def _mark(store: Store, number: int) -> None:
    fewer = Absent("next") | Below("next", number)
    try:
        store.transact([Piece(table="state", key=MARK, gate="anchors", condition=fewer, sets={"next": number})])
    except ConditionFailed:
        return  # another came as far


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
