"""The style sheet, the script and the icon of the pages, under addresses that change with what is in them."""

import hashlib
from functools import cache
from importlib.resources import files

from nightcrew.console.answers import File
from nightcrew.errors import Unknown

AT = "/console/static/"
KINDS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"


def static(name: str) -> File:
    """The file that a page asks for. Raises Unknown."""
    for each, kind in KINDS.items():
        if name == _named(each):
            return File(kind, _text(each), cache=FOR_EVER)
    raise Unknown("there is no such file")


def address(name: str) -> str:
    """Where the file is now."""
    return AT + _named(name)


@cache
def _text(name: str) -> str:
    return files("nightcrew.console").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _named(name: str) -> str:
    stem, _, end = name.partition(".")
    return f"{stem}-{hashlib.sha256(_text(name).encode()).hexdigest()[:12]}.{end}"
