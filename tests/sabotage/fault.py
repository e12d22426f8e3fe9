"""A fault as a file: a small unified diff, what it breaks in one sentence, and the tests that should notice.

::

    Breaks: A second run gets a resource that another run has.
    Caught-by: tests/admission/test_admit.py::test_a_locked_resource_refuses_a_second_run

    --- a/functions/nightcrew/admission/gates/lock.py
    +++ b/functions/nightcrew/admission/gates/lock.py
    @@ -44,1 +44,1 @@
    -        free = Absent("owner") & Absent("holders")
    +        free = Absent("nothing")

Line numbers do not count: the lines must stand in the file once, wherever that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FAULTS = Path(__file__).parent / "faults"

_GIT = ("diff --git ", "index ")  # what `git diff` says beside the diff


class Unusable(Exception):
    """A fault cannot be made: its file is not as it should be, or the code is not any more what it was made for."""


@dataclass(frozen=True)
class Hunk:
    """Lines of one file, and what is to stand there instead."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def replace(self, text: str) -> str:
        """``text`` with the new lines. Raises Unusable where the old ones do not stand in it exactly once."""
        lines = text.splitlines()
        size = len(self.old)
        places = [at for at in range(len(lines) - size + 1) if tuple(lines[at : at + size]) == self.old]
        if len(places) != 1:
            said = f"fit in {len(places)} places of it: give more lines around" if places else "are not there any more"
            raise Unusable(f"it no longer applies to {self.path}: these lines {said}\n" + "\n".join(self.old))
        lines[places[0] : places[0] + size] = self.new
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Fault:
    """One thing that is broken on purpose. ``tests`` are node ids, the most direct one first."""

    name: str
    breaks: str
    tests: tuple[str, ...]
    hunks: tuple[Hunk, ...]

    @classmethod
    def read(cls, path: Path) -> "Fault":
        """The fault in a ``.patch`` file; its name is the file's. Raises Unusable."""
        head, _, diff = path.read_text(encoding="utf-8").partition("\n--- ")
        fields = [line.partition(": ") for line in head.splitlines() if line.strip() and not line.startswith(_GIT)]
        breaks = [value for key, _, value in fields if key == "Breaks"]
        tests = tuple(value for key, _, value in fields if key == "Caught-by")
        strangers = [key for key, _, _ in fields if key not in {"Breaks", "Caught-by"}]
        if strangers or len(breaks) != 1 or not tests:
            raise Unusable(f"{path.name}: one Breaks: line, at least one Caught-by: line, a blank one, and the diff")
        try:
            hunks = _hunks(f"--- {diff}".splitlines())
        except Unusable as unusable:
            raise Unusable(f"{path.name}: {unusable}") from None
        if not hunks:
            raise Unusable(f"{path.name}: there is no diff that changes anything")
        return cls(path.stem, breaks[0], tests, hunks)

    def made_in(self, root: Path) -> dict[str, str]:
        """The files that it touches, as they would be. Raises Unusable where it no longer applies."""
        texts: dict[str, str] = {}
        for hunk in self.hunks:
            file = root / hunk.path
            if not file.is_file():
                raise Unusable(f"{self.name}: it no longer applies, there is no {hunk.path}")
            try:
                texts[hunk.path] = hunk.replace(texts.get(hunk.path) or file.read_text(encoding="utf-8"))
            except Unusable as unusable:
                raise Unusable(f"{self.name}: {unusable}") from None
        return texts


def faults(folder: Path = FAULTS) -> list[Fault]:
    """All of them, by name. Raises Unusable."""
    return [Fault.read(path) for path in sorted(folder.glob("*.patch"))]


def _hunks(lines: Sequence[str]) -> tuple[Hunk, ...]:
    found: list[Hunk] = []
    path = ""
    body: list[str] | None = None

    def end() -> None:
        if body is not None:
            old = tuple(line[1:] for line in body if not line.startswith("+"))
            new = tuple(line[1:] for line in body if not line.startswith("-"))
            if not old:
                raise Unusable(f"it only adds lines to {path}, and does not say where: give lines around")
            found.append(Hunk(path, old, new))

    for line in lines:
        if line.startswith(("--- ", "+++ ", "@@ ", *_GIT)):
            end()
            body = [] if line.startswith("@@ ") else None
            path = line.removeprefix("+++ b/") if line.startswith("+++ ") else path
        elif body is not None:
            body.append(line or " ")  # an editor may have taken the blank of an empty line
    end()
    return tuple(hunk for hunk in found if hunk.old != hunk.new)
