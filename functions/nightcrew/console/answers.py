"""What a view answers: a page, another address to go to, or a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """A template's name (without ``.html``), the page's title, and what the template shows."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class GoTo:
    """Go there, by GET. ``said`` is a key of ``words.DONE``: what was just done, told on the page that comes."""

    path: str
    said: str | None = None
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file to keep, under this name; or one that a page is made of, where ``name`` is None."""

    kind: str
    text: str
    name: str | None = None
    cache: str = "no-store"


Answer = Page | GoTo | File
