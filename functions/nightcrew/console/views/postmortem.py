"""A run's post-mortem: a draft from the ledger's entries alone, to read, and to take away as Markdown."""

from collections.abc import Sequence
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.console.answers import Answer, File, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.told.sizes import fitting, size
from nightcrew.errors import BrokenChain, Unknown
from nightcrew.knowledge.postmortem.moment import Moment
from nightcrew.knowledge.postmortem.page import page as markdown
from nightcrew.knowledge.postmortem.postmortem import Draft, draft
from nightcrew.knowledge.saying import Said

TIMELINE, LIST = 45_000, 6_000
"""Bytes of a page that the timeline takes, and each of the lists; the Markdown has all."""

LISTS = (
    ("worked", "What worked"),
    ("did_not", "What did not"),
    ("conditions", "Contributing conditions"),
    ("questions", "Open questions"),
    ("actions", "Actions"),
)


def page(desk: Desk, asked: Asked) -> Answer:
    """To read."""
    run = asked.place["run"]
    try:
        made = _draft(desk, run)
    except Unknown as unknown:
        return Page("run_unknown", "No such run", {"run": run, "words": str(unknown)}, 404)
    except BrokenChain as broken:
        return Page("postmortem_none", "No draft", {"run": run, "broken": broken}, 404)
    values = {"run": run, "draft": made, "summary": fitting(made.summary, LIST, _of_line)}
    values["timeline"] = fitting(made.incident.timeline, TIMELINE, _of_moment)
    values["lists"] = [(name, title, *_list(getattr(made, name))) for name, title in LISTS]
    return Page("postmortem", f"Post-mortem of {run}", values)


def file(desk: Desk, asked: Asked) -> Answer:
    """To keep, and to edit."""
    run = asked.place["run"]
    return File("text/markdown; charset=utf-8", markdown(_draft(desk, run)), f"postmortem-{run}.md")


def _draft(desk: Desk, run: str) -> Draft:
    return draft(desk.store, [run], desk.clock.now())


def _list(lines: Sequence[Said]) -> tuple[Any, int]:
    shown = fitting(lines, LIST, _of_line)
    return shown, len(lines) - len(shown)


def _of_line(line: Said) -> int:
    return size([line.plain]) + 100


def _of_moment(each: Moment) -> int:
    return size([each.who, each.what.plain, *(more.plain for more in each.more)]) + 250


PAGES = (
    At("GET", "/console/runs/{run}/postmortem", page),
    At("GET", "/console/runs/{run}/postmortem.md", file),
)
