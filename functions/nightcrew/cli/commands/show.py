"""``nightcrew show RUN``: the story of one run, told from its ledger alone."""

from collections.abc import Iterator

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.admission.gates.chain import DID_NOT_HELP
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import ledger_of
from nightcrew.cli.reviewing.lessons import shown
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import took, whole
from nightcrew.cli.values import compact
from nightcrew.clock import moment
from nightcrew.errors import BadInput
from nightcrew.knowledge.lessons import lessons
from nightcrew.knowledge.story import glass
from nightcrew.knowledge.story.step import OPEN, Step
from nightcrew.knowledge.story.steps import steps
from nightcrew.ledger.chain import Chain
from nightcrew.ledger.entries import RECORDS

_STYLES = {"change": "bold", "undo": "bold magenta", "prove": "bold green"}
_STATES = {"failed": "failed", OPEN: "running"}


@click.command()
@click.argument("run")
@json_option
@click.pass_obj
def command(asked: Asked, run: str) -> int:
    """Tell the story of RUN from its ledger: why it ran, what it saw, did and proved, how it ended, and what people
    learned of it. Times are UTC.

    Exits with 1 where its chain of entries is broken.
    """
    demo = ledger_of(asked, "whose ledger could be read")
    chain = Chain.read(run, demo.store)
    if chain.entries and chain.entries[0].kind in RECORDS:
        shown_by = "`nightcrew learn --list LESSON` shows the versions of a lesson"
        raise BadInput("RUN", run, f"it must be a run's id; this is a {chain.entries[0].kind}; {shown_by}")
    learned = lessons(demo.store, run=run)
    if asked.output.json:
        asked.output.data({**chain.to_dict(), "lessons": [each.to_dict() for each in learned]})
    else:
        story_of(chain, asked)
        if learned:
            asked.output.print("", Text("What people learned", style="bold"))
            asked.output.print(*shown(learned, demo.clock.now(), asked.output, about=False))
        if chain.outcome in {*DID_NOT_HELP, "refused"}:
            asked.output.print()
            asked.output.hint("What helped the last times:", f"  {asked.command} recall --run {run}")
        if chain.closing is None and chain.lease is not None and chain.lease < demo.clock.now():
            asked.output.print()
            asked.output.print("Its lease is over, and nobody closed it:")
            asked.output.hint(f"  {asked.command} resume {run}")
    return exits.NOT_CURED if chain.breaks else exits.WELL


def story_of(chain: Chain, asked: Asked) -> None:
    """Print what its ledger tells of a run."""
    output = asked.output
    length = f" in {took(chain.took)}" if chain.took is not None else ""
    output.print(Text.assemble((chain.run, "bold"), "  ", output.mark(chain.outcome), length))
    if chain.closing is not None:
        output.print(Text(f"  {chain.closing.body.get('words', '')}"))
    output.print()
    output.print(pairs(_about(chain)))
    told = steps(chain.entries)
    if told:
        output.print()
        output.print(_steps(told, output))
    output.print()
    for each in chain.breaks:
        output.print(output.mark("failed", f"the ledger is broken: {each}"))
    if not chain.breaks:
        many = f"{chain.count} entries, each chained to the one before it" if chain.count > 1 else "1 entry"
        output.print(Text(f"{many}: consistent", style="dim"))


def _about(chain: Chain) -> Iterator[tuple[str, RenderableType]]:
    body = chain.opening
    for label, name in (
        ("runbook", "runbook"),
        ("resource", "resource"),
        ("symptom", "symptom"),
        ("asked by", "actor"),
    ):
        if body.get(name):
            yield label, Text(str(body[name]))
    if body.get("reason"):
        yield "reason", Text(str(body["reason"]))
    if body.get("break_glass"):
        yield "break-glass", Text(glass.told(body["break_glass"]), style="yellow")
    alarm = body.get("alarm")
    if alarm:
        what, when = ("event", "at") if alarm.get("event") else ("alarm", "since")
        yield what, Text(f"{alarm['name']} {when} {whole(moment(alarm['at']))}: {alarm['reason']}")
    if body.get("parameters"):
        yield "parameters", Text(compact(body["parameters"]))
    if body.get("why"):
        yield "why", Text(str(body["why"]))
    if "autonomy" in body:
        level, because = body["autonomy"]
        yield "autonomy", Text(f"{level}, by {because} of policy {body.get('policy', '?')}")
    if chain.entries:
        yield "began" if chain.entries[0].kind == "opening" else "refused", Text(whole(chain.entries[0].at))
    yield from _ending(chain)


def _ending(chain: Chain) -> Iterator[tuple[str, RenderableType]]:
    if chain.closing is None:
        if chain.lease is not None:
            yield "lease", Text(f"until {whole(chain.lease)}")
        return
    body = chain.closing.body
    if chain.closing.kind == "closing":
        yield "ended", Text(whole(chain.closing.at))
    if body.get("gate"):
        yield "gate", Text(str(body["gate"]))
    if body.get("figures"):
        yield "figures", Text(compact(body["figures"]))
    if body.get("until"):
        yield "until", Text(whole(moment(body["until"])))
    if body.get("error"):
        error = body["error"]
        yield (
            "error",
            Text(f"{error.get('code')}: {error.get('message')} (request {error.get('request')})", style="red"),
        )
    if body.get("undone"):
        yield "undone", Text(", ".join(body["undone"]))
    for left in body.get("not_undone", ()):
        yield "not undone", Text(f"{left['title']}: {left['words']}", style="red")


def _steps(told: list[Step], output: Output) -> Table:
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for step in told:
        at = f"  {step.at:%H:%M:%S}" if step.at else ""
        title = Text(step.title, style=_STYLES.get(step.verb, ""))
        if step.verb == "require":
            title = output.mark("succeeded" if step.state == "done" else "failed", step.title)
        elif step.state in _STATES:
            title = output.mark(_STATES[step.state], step.title)
        made.add_row(at, Text(step.verb, style=_STYLES.get(step.verb, "")), title)
        below = [Text(detail, style="dim") for detail in step.details] + [Text(result) for result in step.result]
        if step.state == OPEN:
            below.append(Text("its end is not in the ledger"))
        for line in below:
            made.add_row("", "", Padding(line, (0, 0, 0, 2)))
    return made
