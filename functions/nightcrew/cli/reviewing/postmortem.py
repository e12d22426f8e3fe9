"""A post-mortem's draft as it is read on a terminal. For pasting there is its Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import PROSE, Output
from nightcrew.cli.reviewing.recall import recorded
from nightcrew.cli.tables import pairs
from nightcrew.durations import in_words
from nightcrew.knowledge.postmortem.moment import Moment
from nightcrew.knowledge.postmortem.postmortem import Draft
from nightcrew.knowledge.saying import Said

_STYLES = {"change": "bold", "undo": "bold magenta", "alarm": "bold yellow", "ok": "green", "decided": "cyan"}
_MOST = 300  # characters of a line: the Markdown has more


def show(draft: Draft, output: Output) -> None:
    """The whole draft."""
    head(draft, output)
    _section("Timeline", output)
    output.print(_timeline(draft))
    for title, said, mark in (
        ("What worked", draft.worked, output.mark("succeeded", "")),
        ("What did not", draft.did_not, output.mark("failed", "")),
        ("Contributing conditions", draft.conditions, Text("-")),
    ):
        _section(title, output)
        output.print(_list(said, mark))
    if draft.earlier.alike:
        output.print(pairs(_alike(draft, output)))
    for helped in draft.earlier.helped:
        if helped.records:
            output.print(Text(f"  before, with {helped.symptom}", style="dim"))
            output.print(recorded([each.to_dict() for each in helped.records], output))
    _section("Open questions", output)
    output.print(_list(draft.questions, Text("?")))
    _section("Actions", output)
    output.print(_list(draft.actions, Text("[ ]")))


def head(draft: Draft, output: Output) -> None:
    """Its first lines: title, summary and impact."""
    output.print(Text(f"Post-mortem: {draft.title.plain}", style="bold"))
    output.print(Text("A draft from the ledger's entries alone. Times are UTC.", style="dim"))
    for each in draft.summary:
        output.print()
        output.print(_paragraph(each.plain, output))
    _section("Impact", output)
    output.print(pairs(_impact(draft)))


def _impact(draft: Draft) -> Iterator[tuple[str, RenderableType]]:
    began, lasted = draft.incident.began, draft.incident.lasted
    for point in draft.window:
        at = f"{point.at:%H:%M:%S}, after {in_words(point.at - began)}" if point.at is not None else "not known"
        yield point.what, Text.assemble(at, (f"  ({point.note.plain})", "dim"))
    yield "so it lasted", Text(in_words(lasted) if lasted is not None else "not known", style="bold")


def _timeline(draft: Draft) -> Table:
    incident = draft.incident
    several = len(incident.runs) > 1
    tags = {run.run: str(number) for number, run in enumerate(incident.runs, start=1)}
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    if several:
        made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold", max_width=20)
    made.add_column(overflow="fold")
    for each in incident.timeline:
        cells = [Text(f"  {each.at:%H:%M:%S}"), Text(each.who), _told(each)]
        made.add_row(cells[0], *([Text(tags.get(each.run, ""))] if several else []), *cells[1:])
    return made


def _told(each: Moment) -> Text:
    style = "red" if each.good is False else _STYLES.get(each.kind, "")
    told = Text(_cut(each.what.plain), style=style)
    for more in each.more:
        told.append(f"\n{_cut(more.plain)}", style="dim not bold")
    return told


def _alike(draft: Draft, output: Output) -> Iterator[tuple[str, RenderableType]]:
    for each in draft.earlier.alike:
        case = each.case
        about = Text.assemble(output.mark(case.outcome), f"  {case.runbook}", (f"  {', '.join(each.why)}", "dim"))
        yield case.run, about


def _list(said: Sequence[Said], mark: Text) -> RenderableType:
    if not said:
        return Text("  nothing that the ledger tells", style="dim")
    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    mark.rstrip()
    for each in said:
        made.add_row(Text.assemble("  ", mark), Text(_cut(each.plain)))
    return made


def _paragraph(text: str, output: Output) -> RenderableType:
    width = max(min(output.width, PROSE) - 2, 20)
    lines: Iterable[Text] = Text(text).wrap(output.console, width)
    return Padding(Text("\n").join(lines), (0, 0, 0, 2), expand=False)


def _section(title: str, output: Output) -> None:
    output.print()
    output.print(Text(title, style="bold"))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
