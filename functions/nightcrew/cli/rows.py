"""Runs in lines: on a terminal two lines each, in a file one; and as JSON."""

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from nightcrew.api.runs import row_data
from nightcrew.cli import tables
from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import ONE_LINE
from nightcrew.cli.times import short as when
from nightcrew.cli.times import took, whole
from nightcrew.ledger.history import Row

data = row_data
"""A run as JSON: the same everywhere."""


def listed(rows: Sequence[Row], now: datetime, output: Output) -> list[Text]:
    """The runs as lines below a heading: what people look for first, and then what tells more."""
    wide = output.width >= ONE_LINE
    headings = ["outcome", "when (UTC)", "runbook", "resource", *(["run", "took"] if wide else [])]
    cells = [
        [
            output.mark(row.outcome),
            Text(_when(row, now, wide)),
            Text(row.runbook),
            Text(short(row.resource)),
            *([Text(row.run), Text(_took(row))] if wide else []),
        ]
        for row in rows
    ]
    more = [
        " · ".join(filter(None, [_mark(row), *([] if wide else [row.run, _took(row)]), _words(row)])) for row in rows
    ]
    return tables.listed(headings, cells, output, more=more, beside="words")


def _when(row: Row, now: datetime, wide: bool) -> str:
    """In a file, which is read at any time, with its date."""
    moment = row.ended or row.started
    return f"{moment:%Y-%m-%d %H:%M:%S}" if wide and moment else when(moment, now)


def _mark(row: Row) -> str:
    """That nobody admitted it, first of all."""
    return "break-glass" if row.break_glass else ""


def _words(row: Row) -> str:
    """Why, in the words of its closing; by whom and until when, while it runs."""
    if row.lease is not None:
        return f"by {row.actor}; its lease ends {whole(row.lease)}"
    return f"{row.gate}: {row.words}" if row.gate else row.words


def _took(row: Row) -> str:
    return took(row.duration) if row.gate is None else ""
