"""Rows as CSV that a spreadsheet opens as text: a value that begins like a formula is none (OWASP, "CSV Injection")."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nightcrew.clock import stamp
from nightcrew.knowledge.markdown import clean

MOST = 32_000
"""Characters of a cell: spreadsheets take 32,767."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001  a spreadsheet takes the wide ones, too

_NEXT_CELL = re.compile(rf"(;[\s\"']*)(?=[{re.escape(''.join(_FORMULA))}])")
"""Where commas are for decimals, a spreadsheet divides at semicolons, in the middle of a value, too."""


def rows_as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A heading and a line for each row (RFC 4180, lines ended by LF): no value holds a line's end."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[cell(row.get(column)) for column in columns] for row in rows])
    return text.getvalue()


def cell(value: Any) -> str:
    """A value in one line. One that would be taken for a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = clean(stamp(value) if hasattr(value, "astimezone") else value, MOST)
    text = _NEXT_CELL.sub(r"\1'", text)
    return f"'{text}" if text.startswith(_FORMULA) else text
