"""A post-mortem's draft as a Markdown document."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from nightcrew.durations import in_words
from nightcrew.knowledge.markdown import NOTHING, code, escaped, table
from nightcrew.knowledge.names import short
from nightcrew.knowledge.postmortem.postmortem import Draft
from nightcrew.knowledge.saying import Said

NOTE = (
    "_A draft, made by Nightcrew from the ledger's entries alone: what was seen, decided and done, by "
    "whom, and when. It blames nobody, and it knows nothing that no entry says. Times are UTC._"
)


def page(draft: Draft) -> str:
    """The whole document, with a line break at its end."""
    blocks: list[list[str]] = [
        [f"# Post-mortem: {draft.title.markdown}"],
        [NOTE],
        ["## Summary"],
        *([each.markdown] for each in draft.summary),
        _runs(draft),
        ["## Impact"],
        _window(draft),
        [_lasted(draft)],
        ["The ledger does not know:"],
        _list(draft.unknown),
        ["## Timeline"],
        _timeline(draft),
        ["## What worked"],
        _list(draft.worked),
        ["## What did not"],
        _list(draft.did_not),
        ["## Contributing conditions"],
        *_conditions(draft),
        ["## Open questions"],
        _list(draft.questions),
        ["## Actions"],
        _list(draft.actions, "- [ ] "),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _runs(draft: Draft) -> list[str]:
    rows = [
        [
            code(run.run),
            code(run.runbook),
            code(run.resource),
            escaped(run.outcome.replace("_", " ")),
            _at(run.began),
            _at(run.ended),
        ]
        for run in draft.incident.runs
    ]
    return table(["run", "runbook", "resource", "ended as", "began", "ended"], rows)


def _window(draft: Draft) -> list[str]:
    began = draft.incident.began
    rows = [
        [
            point.what,
            _at(point.at) if point.at is not None else "not known",
            f"+ {in_words(point.at - began)}" if point.at is not None else NOTHING,
            point.note.markdown,
        ]
        for point in draft.window
    ]
    return table(["what", "when", "after", "as told by"], rows)


def _lasted(draft: Draft) -> str:
    lasted = draft.incident.lasted
    if lasted is None:
        return "How long it lasted is not known: not for everything is there an entry that says it was over."
    return f"From its first sign until the last of it was seen to be over: **{in_words(lasted)}**."


def _timeline(draft: Draft) -> list[str]:
    incident = draft.incident
    several = len(incident.runs) > 1
    days = len({each.at.date() for each in incident.timeline}) > 1
    tags = {run.run: str(number) for number, run in enumerate(incident.runs, start=1)}
    rows = []
    for each in incident.timeline:
        cells = [
            f"{each.at:%Y-%m-%d %H:%M:%S}" if days else f"{each.at:%H:%M:%S}",
            escaped(each.who),
            "<br>".join([each.what.markdown, *(more.markdown for more in each.more)]),
        ]
        rows.append([cells[0], tags.get(each.run, NOTHING), *cells[1:]] if several else cells)
    return table(["when", "run", "who", "what"] if several else ["when", "who", "what"], rows)


def _conditions(draft: Draft) -> Iterator[list[str]]:
    yield _list(draft.conditions)
    if draft.earlier.alike:
        rows = [
            [
                code(each.case.run),
                _at(each.case.ended),
                code(each.case.runbook),
                code(short(each.case.resource)),
                escaped(each.case.outcome.replace("_", " ")),
                ", ".join(map(escaped, each.why)) or NOTHING,
            ]
            for each in draft.earlier.alike
        ]
        yield ["Earlier runs that are most like it:"]
        yield table(["run", "ended", "runbook", "resource", "ended as", "has in common"], rows)
    rows = [
        [
            code(helped.symptom),
            code(each.runbook),
            str(each.tried),
            str(each.cured),
            f"{100 * each.lower:.0f} %",
            in_words(each.median) if each.median is not None else NOTHING,
        ]
        for helped in draft.earlier.helped
        for each in helped.records
    ]
    if rows:
        yield ["How often each runbook had helped, before:"]
        yield table(["symptom", "runbook", "tried", "helped", "at least (95 %)", "median run"], rows)


def _list(said: Sequence[Said], mark: str = "- ") -> list[str]:
    return [f"{mark}{each.markdown}" for each in said] or ["Nothing that the ledger tells."]


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at is not None else "not yet"
