"""The manifest of a directory: a SHA-256 for each file, and the beginning of one for each line, so that whoever checks
names the line that was touched.

``sha256sum`` says the same of whole files. The manifest's own hash is what must be kept elsewhere: who can write to
the directory can write a manifest, too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from nightcrew.errors import BadInput
from nightcrew.knowledge.amounts import counted

NAME = "manifest.json"
FORM = 1
OF_A_LINE = 16  # hex digits: they find a line; the file's own hash is what convinces


@dataclass(frozen=True)
class Touched:
    """What is not as it was: a file, and the line in it where that can be said."""

    file: str
    line: int | None
    what: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f', line {self.line}'}: {self.what}"


def manifest_of(directory: Path, about: Mapping[str, Any]) -> str:
    """The manifest of all files there; ``about`` stands in it beside them."""
    files = {name: _described(path.read_bytes()) for name, path in _files(directory) if name != NAME}
    return json.dumps({"form": FORM, **about, "files": files}, indent=1, ensure_ascii=False) + "\n"


def hash_of(directory: Path) -> str:
    """The manifest's own SHA-256. Raises BadInput where there is none."""
    return hashlib.sha256(_read(directory)).hexdigest()


def check(directory: Path) -> tuple[list[Touched], int]:
    """What was touched since, in the order of the files, and how many files there were. Raises BadInput where there is
    no manifest.
    """
    try:
        said = json.loads(_read(directory))
        kept: dict[str, Any] = said["files"]
        if said["form"] != FORM:
            raise BadInput("form", said["form"], f"the form of a manifest is {FORM}: a newer nightcrew reads it")
        there = dict(_files(directory))
        found = [each for name in sorted(kept.keys() | there.keys()) for each in _compared(name, kept, there)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return [Touched(NAME, None, f"cannot be read ({type(error).__name__}: {error})")], 0
    return found, len(kept)


def _compared(name: str, kept: Mapping[str, Any], there: Mapping[str, Path]) -> Iterator[Touched]:
    if name == NAME:
        return
    if name not in kept:
        yield Touched(name, None, "was added")
    elif name not in there:
        yield Touched(name, None, "is missing")
    elif there[name].is_symlink():
        yield Touched(name, None, "is a link to somewhere else")
    else:
        content = there[name].read_bytes()
        if hashlib.sha256(content).hexdigest() != kept[name]["sha256"]:
            lines = [*_lines(name, str(kept[name]["lines"]).split(), _hashes(content))]
            yield from lines or [Touched(name, None, "was edited: its lines are as they were, its bytes are not")]


def _lines(name: str, before: list[str], now: list[str]) -> Iterator[Touched]:
    """Where two lists of lines differ, between what they begin and end with alike."""
    start = _alike(before, now)
    end = min(_alike(before[::-1], now[::-1]), len(before) - start, len(now) - start)
    old, new = before[start : len(before) - end], now[start : len(now) - end]
    if len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True), start + 1)
        yield from (Touched(name, number, "was edited") for number, (one, other) in pairs if one != other)
    elif not new:
        yield Touched(name, start + 1, f"{counted(len(old), 'line')} removed before it")
    elif not old:
        yield Touched(name, start + 1, f"{counted(len(new), 'line')} added here")
    else:
        yield Touched(name, start + 1, f"from here on {counted(len(new), 'line')} where there were {len(old)}")


def _alike(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _described(content: bytes) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "lines": " ".join(_hashes(content)),
    }


def _hashes(content: bytes) -> list[str]:
    return [hashlib.sha256(line).hexdigest()[:OF_A_LINE] for line in content.removesuffix(b"\n").split(b"\n")]


def _files(directory: Path) -> list[tuple[str, Path]]:
    found = [path for path in directory.rglob("*") if path.is_file() or path.is_symlink()]
    return sorted((path.relative_to(directory).as_posix(), path) for path in found)


def _read(directory: Path) -> bytes:
    try:
        return (directory / NAME).read_bytes()
    except OSError as error:
        raise BadInput("--check", str(directory), f"a directory of evidence, with its {NAME}") from error
