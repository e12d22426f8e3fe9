"""Pages from templates: everything that is shown is escaped, and what a template misnames is an error."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nightcrew.api.people import Right
from nightcrew.console import words
from nightcrew.console.answers import Page
from nightcrew.console.security import TOKEN
from nightcrew.console.session import Session
from nightcrew.console.static_files import address

NAVIGATION = (
    ("now", "Now", "/console"),
    ("history", "History", "/console/history"),
    ("catalog", "Runbooks", "/console/runbooks"),
    ("review", "Review", "/console/review"),
)
"""The pages that stand at the top of each; ``now`` etc. are what a template sets as ``here``."""


@cache
def templates() -> Environment:
    """Read once: templates are the same for every request and installation."""
    made = Environment(
        loader=PackageLoader("nightcrew.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(words.FILTERS)
    made.globals.update(path=words.path, address=words.address, static=address, navigation=NAVIGATION, TOKEN=TOKEN)
    return made


def render(page: Page, session: Session | None, now: datetime, more: Mapping[str, Any]) -> str:
    """The page's HTML. Beside its own values a template has ``now``, ``title``, ``person``, ``token``, what the person
    ``may`` (``may.operate``, ``may.approve``), and ``more``.
    """
    person = session.person if session is not None else None
    may = {
        "operate": person is not None and person.may(Right.OPERATE),
        "approve": person is not None and person.may(Right.APPROVE),
    }
    common = {"now": now, "title": page.title, "person": person, "may": may}
    common["token"] = session.token if session is not None else ""
    return templates().get_template(f"{page.template}.html").render({**common, **more, **page.values})
