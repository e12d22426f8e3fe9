"""``runbooks`` over the API: those of the installation, which may have others than this machine."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from nightcrew.cli.asked import Asked
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.plain import shown
from nightcrew.cli.remote.signing import segment
from nightcrew.cli.tables import listed, prose

_BESIDE = ("name", "title", "page", "schema", "said_at_call", "families")
"""Of a page, what is told apart from the rest."""


def runbooks(asked: Asked, typed: Mapping[str, Any]) -> None:
    """The catalog, or one page of it."""
    api, output, name = Api(asked), asked.output, typed["name"]
    told = api.get("/runbooks" if name is None else f"/runbooks/{segment(name)}")
    if output.json:
        output.data(told)
    elif name is None:
        cells = [[Text(str(each[what])) for what in ("name", "family", "risk", "undo")] for each in told]
        titles = [str(each["title"]) for each in told]
        headings = ["runbook", "family", "risk", "undo"]
        output.print(*listed(headings, cells, output, more=titles, beside="what it does", cut=False), "")
        output.hint(f"{asked.command} runbooks NAME   shows a runbook's page")
    else:
        output.print(Text(told["name"], style="bold"), prose(f"{told['title']}\n\n{told['page']}", output), "")
        output.print(*shown({what: value for what, value in told.items() if what not in _BESIDE}))
