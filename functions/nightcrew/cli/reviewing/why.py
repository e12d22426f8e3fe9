"""Why something was done, or was not, for people: what was decided, newest first, and what stands in the way now."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from nightcrew.admission.gates.halt import halt_words
from nightcrew.api.standing import Stands
from nightcrew.api.why import Decision, Why
from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import whole
from nightcrew.cli.values import compact
from nightcrew.knowledge.story import glass


def show(told: Why, what: str, now: datetime, output: Output) -> None:
    """Print all of it; ``what`` is what was asked for."""
    _decisions(told.decisions, told.resource or told.alarm or what, now, output)
    for arn, stands in told.now.items():
        output.print("", Text.assemble(("Now", "bold"), "  ", (short(arn), "bold")))
        _stands(stands, now, output)
        if arn in told.better:
            output.print(Text.assemble("  ", output.mark("warning", f"suggested: {told.better[arn]}")))
    if told.halts and not told.now:
        on = sorted(told.halts.items())
        output.print("", *(output.mark("cancelled", halt_words(name, value)) for name, value in on))
    for due in told.waits:
        output.print(Text(f"  {due.runbook} is tried once more at {whole(due.due)}, if the alarm is in ALARM then"))


def _decisions(decisions: Sequence[Decision], what: str, now: datetime, output: Output) -> None:
    if not decisions:
        output.print(Text(f"Nothing was done for {short(what)}, and nothing refused: the ledger does not know it."))
    for number, each in enumerate(decisions):
        if number:
            output.print()
        when = whole(each.at) if each.at else ""
        head = Text.assemble(output.mark(each.outcome), "  ", when, "  ", (each.runbook, "bold"))
        output.print(head, pairs(_about(each, now)))


def _about(each: Decision, now: datetime) -> Iterator[tuple[str, RenderableType]]:
    yield "run", Text(each.run)
    yield "resource", Text(short(each.resource))
    if each.gate:
        yield "gate", Text(each.gate, style="bold yellow")
    if each.words:
        yield "words", Text(each.words)
    if each.figures:
        yield "figures", Text(compact(each.figures))
    if each.until:
        yield "until", Text(f"{whole(each.until)}{' (over)' if each.until <= now else ''}")
    yield "asked by", Text(each.actor)
    if each.break_glass:
        yield "break-glass", Text(glass.told(each.break_glass), style="yellow")
    if each.why:
        yield "because", Text(each.why)
    if each.policy:
        level = f"; {each.autonomy[0]}, by {each.autonomy[1]}" if each.autonomy else ""
        yield "policy", Text(f"{each.policy}{level}")


def _stands(told: Sequence[Stands], now: datetime, output: Output) -> None:
    if not any(each.refuses for each in told):
        output.print(output.mark("succeeded", "no halt, lock, cool-down, chain, breaker or freeze is in the way"))
    lines: list[tuple[str, RenderableType]] = []
    for each in sorted(told, key=lambda each: not each.refuses):
        until = ""
        if each.until is not None:
            until = f"; until {whole(each.until)}" if each.until > now else f"; over since {whole(each.until)}"
        mark = output.mark("refused" if each.refuses else "not_applicable", f"{each.words}{until}")
        lines.append((each.gate, mark))
    if lines:
        output.print(pairs(lines))
