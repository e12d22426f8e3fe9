"""``runbooks`` over the API: those of the installation, which may have others than this machine."""

from collections.abc import Mapping
from typing import Any

from nightcrew.cli.asked import Asked
from nightcrew.cli.catalog import show_all, show_page
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.signing import segment


def runbooks(asked: Asked, typed: Mapping[str, Any]) -> None:
    """The catalog, or one page of it."""
    name = typed["name"]
    told = Api(asked).get("/runbooks" if name is None else f"/runbooks/{segment(name)}")
    if asked.output.json:
        asked.output.data(told)
    elif name is None:
        show_all(told, asked)
    else:
        show_page(told, asked)
