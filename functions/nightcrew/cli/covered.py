"""Coverage for people: what is answered, what nearly is, what is wrong with alarms, and which are lacking."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import listed
from nightcrew.dispatch.coverage.coverage import Alarmed, Coverage
from nightcrew.dispatch.coverage.lacking import Lacking
from nightcrew.dispatch.coverage.marks import Mark
from nightcrew.dispatch.coverage.standing import Kind
from nightcrew.durations import in_words

KINDS: dict[Kind, tuple[str, str]] = {
    "answered": ("succeeded", "a runbook answers"),
    "nearly": ("ineffective", "nearly: something is missing"),
    "none": ("failed", "no runbook knows"),
    "left": ("not_applicable", "left to others"),
}
"""The mark and the words of each kind, in the order in which people are told."""


def show(told: Coverage, output: Output) -> None:
    """All of it."""
    output.print(*_head(told, output))
    for kind, (_, words) in KINDS.items():
        found = told.of(kind)
        if found:
            output.print("", *_alarms(f"alarms: {words}", found, output))
    for mark in Mark:
        bearing = told.marked(mark)
        if bearing:
            output.print("", *_marked(mark, bearing, output))
    if told.lacking:
        output.print("", *_lacking(told.lacking, output))
    if told.unknown:
        output.print("", Text("Not known", style="bold"), *(Text(f"  {each}", style="dim") for each in told.unknown))


def _head(told: Coverage, output: Output) -> Iterator[Text]:
    count = len(told.alarms)
    answered = len(told.of("answered"))
    looked = f"their last {in_words(told.until - told.since)}" if told.until > told.since else "as they are now"
    yield Text(f"{count} alarms, {looked}: {answered} have a runbook", style="bold")
    for kind, (outcome, words) in KINDS.items():
        found = told.of(kind)
        if found:
            yield Text.assemble("  ", output.mark(outcome, f"{len(found):>4}  {words}"))
    if told.lacking:
        yield Text.assemble("  ", output.mark("warning", f"{len(told.lacking):>4}  lacking: a runbook waits for them"))


def _alarms(title: str, alarms: Sequence[Alarmed], output: Output) -> list[Text]:
    rows = [
        [
            Text(str(each.fired).rjust(5)),
            Text(each.standing.alarm),
            Text(each.standing.runbook or ", ".join(each.standing.others) or "–"),
            Text(str(each.standing.autonomy.value) if each.standing.autonomy else ""),
        ]
        for each in alarms
    ]
    return listed(
        ["fired", title, "runbook", "policy"], rows, output, more=[_why(each) for each in alarms], beside="why"
    )


def _why(each: Alarmed) -> str:
    stands = each.standing
    if stands.kind == "answered" and stands.autonomy is not None:
        each_own = f"what each of its series is about ({', '.join(stands.open)})" if stands.open else ""
        return f"on {each_own or short(stands.resource or '')}: {stands.why}; {stands.autonomy.because}"
    if stands.missing and stands.missing != stands.why:
        return f"missing: {stands.missing} ({stands.why})"
    return stands.why


def _marked(mark: Mark, alarms: Sequence[Alarmed], output: Output) -> list[Text]:
    rows = [[Text(each.standing.alarm)] for each in alarms]
    return listed([str(mark)], rows, output, more=[_words(each, mark) for each in alarms], cut=False)


def _words(each: Alarmed, mark: Mark) -> str:
    return "; ".join(found.words for found in each.marks if found.mark is mark)


def _lacking(missing: Sequence[Lacking], output: Output) -> list[Text]:
    rows = [[Text(short(each.resource)), Text(each.trigger.about), Text(each.runbook)] for each in missing]
    return listed(["lacking on", "metric", "for the runbook"], rows, output)
