"""What past runs tell, as people read it: the runs that are most alike, each runbook's record, what people wrote, and
what is suggested.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.times import short as when
from nightcrew.cli.times import took
from nightcrew.clock import moment
from nightcrew.knowledge.amounts import percent
from nightcrew.knowledge.names import person
from nightcrew.knowledge.recall.suggestion import GOOD

BAR = 10
"""Cells of a record's bar; half of them where there is little room."""

ROOMY = 100
"""Columns."""


def shown(told: Mapping[str, Any], now: datetime, output: Output) -> Iterator[RenderableType]:
    """The parts of a recall in JSON, or of what stands beside a question, each under its heading."""
    if told.get("unknown"):
        yield output.mark("warning", str(told["unknown"]))
        return
    if told.get("suggestion"):
        yield suggested(told["suggestion"], output)
        yield Text()
    if told.get("records"):
        about = told.get("similar", ())
        yield Text.assemble(("What helped", "bold"), (f"  with {_similar(about)}" if about else "", "yellow"))
        yield recorded(told["records"], output)
        yield Text()
    if told.get("cases"):
        yield Text("The runs most like it", style="bold")
        yield from cases(told["cases"], now, output)
    else:
        yield Text("No past run is like it.")
    if told.get("lessons"):
        yield Text()
        yield Text("What people learned", style="bold")
        yield lessons(told["lessons"], now)


def suggested(told: Mapping[str, Any], output: Output) -> Text:
    """What is suggested, in a line of its own."""
    return output.mark("warning", f"suggested: {told['words']}")


def recorded(records: Sequence[Mapping[str, Any]], output: Output) -> Padding:
    """A line for each runbook: how often it helped, how often it will at least (95 %), and how long it took."""
    cells = BAR if output.width >= ROOMY else BAR // 2
    made = Table.grid(padding=(0, 2, 0, 0))
    for heading in ("runbook", "helped", "", "at least", "median run"):
        made.add_column(heading, no_wrap=True)
    made.add_row(*(Text(str(column.header), style="dim") for column in made.columns))
    for each in records:
        median = each.get("median")
        made.add_row(
            Text(each["runbook"]),
            Text(f"{each['cured']} of {each['tried']}"),
            Text(
                _bar(each["cured"] / each["tried"], cells, output), style="green" if each["lower"] >= GOOD else "yellow"
            ),
            Text(percent(each["lower"])),
            Text(took(timedelta(seconds=median)) if median is not None else ""),
        )
    return Padding(made, (0, 0, 0, 2), expand=False)


def cases(told: Sequence[Mapping[str, Any]], now: datetime, output: Output) -> Iterator[RenderableType]:
    """Each run in a few lines: how it ended, what it was about, what it did, and why it is thought to be alike."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for each in told:
        ended = moment(each["ended"])
        seconds = each.get("seconds")
        length = f" in {took(timedelta(seconds=seconds))}" if seconds is not None else ""
        head = Text.assemble((each["runbook"], "bold"), " on ", (short(each["resource"]), "bold"))
        head.append(f"{length}, {when(ended, now)}")
        made.add_row(Padding(output.mark(each["outcome"]), (0, 0, 0, 2)), head)
        for line in _below(each):
            made.add_row("", line)
    yield made


def lessons(told: Sequence[Mapping[str, Any]], now: datetime) -> Table:
    """Each lesson, with who wrote it, when, and about what."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(overflow="fold")
    for each in told:
        at = moment(each["at"])
        made.add_row(Padding(Text(each["words"]), (0, 0, 0, 2)))
        of = each.get("run") or each.get("symptom")  # a question's item has room for neither
        about = [when(at, now), person(each["author"]), *([f"about {of}"] if of else [])]
        made.add_row(Padding(Text(" · ".join(about), style="dim"), (0, 0, 0, 2)))
    return made


def _below(each: Mapping[str, Any]) -> Iterator[Text]:
    if each.get("words"):
        yield Text(each["words"])
    error = each.get("error")
    if error and str(error.get("code")) not in each.get("words", ""):
        yield Text(f"{error.get('code')}: {error.get('message')}", style="red")
    changes = each.get("changes")
    did = [f"{changes} change{'' if changes == 1 else 's'}"] if changes else []
    symptom = [each["symptom"]] if each.get("symptom") and "same symptom" not in each.get("why", ()) else []
    why = [", ".join(each["why"])] if each.get("why") else []
    yield Text(" · ".join([each["run"], *did, *why, *symptom]), style="dim")


def _bar(rate: float, cells: int, output: Output) -> str:
    full, empty = ("█", "░") if output.signs else ("#", ".")
    filled = round(rate * cells)
    return full * filled + empty * (cells - filled)


def _similar(symptoms: Sequence[str]) -> str:
    more = f" and {len(symptoms) - 1} more" if len(symptoms) > 1 else ""
    return f"similar symptoms: {symptoms[0]}{more}"
