"""An answer for people where no other command has a picture of it: each value beside its name, rows as rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from nightcrew.cli.tables import pairs
from nightcrew.cli.values import compact


def shown(told: Mapping[str, Any], indent: int = 2) -> Iterator[RenderableType]:
    """What is one value first, then what has parts, each under its name. What is empty is left out."""
    simple = [(_named(name), Text(_said(value))) for name, value in told.items() if _is_simple(value)]
    if simple:
        yield pairs(simple, indent=indent)
    for name, value in told.items():
        if _is_simple(value) or value in (None, [], {}, ""):
            continue
        yield Text()
        yield Padding(Text(_named(name), style="bold"), (0, 0, 0, indent), expand=False)
        if isinstance(value, Mapping):
            yield from shown(value, indent + 2)
        else:
            yield from _rows(value, indent + 2)


def _rows(rows: Sequence[Any], indent: int) -> Iterator[RenderableType]:
    for row in rows:
        if isinstance(row, Mapping):
            text = " · ".join(f"{_named(name)} {_said(value)}" for name, value in row.items() if not _is_nothing(value))
        else:
            text = _said(row)
        yield Padding(Text(text), (0, 0, 0, indent), expand=False)


def _is_nothing(value: Any) -> bool:
    return value is None or value in ([], {}, "")


def _is_simple(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _named(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else compact(value)
