"""Restore drills for people: how each stands, RTO and RPO against their targets, and when the next one is."""

from collections.abc import Iterator
from datetime import timedelta

from rich.text import Text

from nightcrew.aws.arns import drilled
from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import listed
from nightcrew.cli.times import short as when
from nightcrew.durations import in_words
from nightcrew.knowledge.drills.report import Line, Report
from nightcrew.knowledge.drills.restore_testing import RestoreTest

_OUTCOMES = {
    "met": "succeeded",
    "validated": "succeeded",
    "restored": "succeeded",
    "late": "ineffective",
    "missed": "failed",
    "failed": "failed",
    "running": "running",
    "not drilled": "not_applicable",
}


def show(report: Report, output: Output) -> None:
    """All of it."""
    if not report.lines and not report.tested:
        output.print("Nothing is drilled: policy has no drills, and nobody ran one by hand.")
    if report.lines:
        rows = [
            [
                output.mark(_OUTCOMES[each.stands(report.now)], each.stands(report.now)),
                Text(_against(each, "rto")),
                Text(_against(each, "rpo")),
                Text(when(each.last.started, report.now) if each.last else "–"),
                Text(when(each.next, report.now) if each.next else "–"),
                Text(short(drilled(each.resource))),
            ]
            for each in report.lines
        ]
        more = ["; ".join(_more(each)) for each in report.lines]
        output.print(*listed(["drill", "RTO", "RPO", "last (UTC)", "next", "of"], rows, output, more=more, cut=False))
    if report.tested:
        output.print("", Text("AWS Backup restore testing", style="bold"))
        heads = ["test", "RTO", "RPO", "last (UTC)", "of"]
        tests = [_row(each, report, output) for each in report.tested]
        output.print(*listed(heads, tests, output, more=["; ".join(_about(each)) for each in report.tested], cut=False))
    if report.unread:
        output.note(f"note: what AWS Backup tested could not be read: {report.unread}")


def _against(each: Line, name: str) -> str:
    seconds = getattr(each.last, name) if each.last else None
    said = "–" if seconds is None else in_words(timedelta(seconds=seconds))
    aim = each.targets.get(name)
    return f"{said} of {in_words(aim)}" if aim is not None else said


def _more(each: Line) -> Iterator[str]:
    if each.drill is not None:
        yield f"{each.drill.runbook}, every {in_words(each.drill.every)}"
    elif each.last is not None:
        yield f"{each.last.runbook}, by hand"
    if each.last is not None:
        yield f"{each.last.run}: {each.last.words}"


def _row(each: RestoreTest, report: Report, output: Output) -> list[Text]:
    lengths = ["–" if one is None else in_words(timedelta(seconds=one)) for one in (each.rto, each.rpo)]
    mark = output.mark(_OUTCOMES[each.verdict], each.verdict)
    return [mark, *map(Text, lengths), Text(when(each.started, report.now)), Text(short(each.resource))]


def _about(each: RestoreTest) -> Iterator[str]:
    yield f"plan {each.plan}, {each.kind}"
    if each.words:
        yield each.words
    if each.deletion == "FAILED":
        yield "what it restored could not be deleted, and costs"
