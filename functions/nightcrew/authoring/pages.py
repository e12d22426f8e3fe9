"""The catalog as files: ``CATALOG.md`` and a page for each runbook, beside the runbooks (``make catalog``).

``python -m nightcrew.authoring.pages PACKAGE`` writes them anew, for a team's own package too; a test fails where ours
drifted.
"""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from nightcrew.authoring.catalog import OURS, Catalog
from nightcrew.authoring.outline import outline
from nightcrew.authoring.page import WRITTEN, answers_shortly, changing, page
from nightcrew.authoring.runbook import FAMILIES, Runbook

INDEX = "CATALOG.md"
FOLDER = "pages"

_MOST = 4
"""Of what a runbook changes, so much stands in the list; all of it is on its page."""

_HEADS = ("runbook", "what it does", "answers", "risk", "changes", "can be undone")


def files(catalog: Catalog, root: Path) -> dict[Path, str]:
    """Every file with its text, by its path in the package's directory ``root``."""
    made = {Path(FOLDER) / f"{each.name}.md": page(each, _source(each, root)) for each in catalog.values()}
    return {Path(INDEX): "\n".join(_index(catalog)), **made}


def drifted(catalog: Catalog, root: Path) -> list[Path]:
    """The files that are not as they would be written now, and those that nothing stands behind any more."""
    wanted = files(catalog, root)
    stale = [path for path in _written(root) if path not in wanted]
    return [*(path for path, text in wanted.items() if _read(root / path) != text), *stale]


def write(catalog: Catalog, root: Path) -> list[Path]:
    """Write them; returns what was not as it is now. Raises BadInput, OSError."""
    wanted, changed = files(catalog, root), drifted(catalog, root)
    for path in changed:
        if path in wanted:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return changed


def _index(catalog: Catalog) -> Iterator[str]:
    yield from (WRITTEN, "# The catalog", "")
    count = sum(1 for _ in catalog)
    yield f"{count} runbooks. Which of them may run by itself, where and how often, is policy's to say."
    yield "*Can be undone* is about a run that fails: *in part* where not every change is taken back then."
    sections = {(family,): family for family in FAMILIES} | {FAMILIES: "each call says its family"}
    for families, family in sections.items():
        here = [each for each in catalog.values() if each.families == families]
        if here:
            yield from ("", f"## {family}", "", _row(_HEADS), _row(["---"] * len(_HEADS)), *map(_line, here))
    yield ""


def _line(runbook: Runbook) -> str:
    actions = [f"`{action}`" for action in changing(runbook)] or ["nothing"]
    changes = ", ".join(actions[:_MOST]) + (f" and {len(actions) - _MOST} more" if len(actions) > _MOST else "")
    started = "<br>".join(answers_shortly(runbook)) or "by hand, or bound by policy"
    name = f"[{runbook.name}]({FOLDER}/{runbook.name}.md)"
    return _row([name, runbook.title, started, runbook.risk, changes, outline(runbook).undone])


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _source(runbook: Runbook, root: Path) -> str | None:
    file = Path(runbook.where.rpartition(":")[0])
    return os.path.relpath(file, root / FOLDER).replace(os.sep, "/") if file.is_relative_to(root) else None


def _written(root: Path) -> Iterator[Path]:
    for file in sorted((root / FOLDER).glob("*.md")):
        if (_read(file) or "").startswith(WRITTEN):
            yield file.relative_to(root)


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def root_of(package: str) -> Path:
    """The directory of a package. Raises ImportError."""
    return Path(next(iter(import_module(package).__path__)))


if __name__ == "__main__":
    for name in sys.argv[1:] or [OURS]:
        loaded = Catalog.load([name])
        if loaded.broken:
            raise SystemExit(f"not written, since a runbook that cannot be loaded would lose its page: {loaded.broken}")
        write(loaded, root_of(name))
