"""A runbook's page, in Markdown, from its declaration, its docstring and its source: for a person at 3 a.m."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nightcrew.authoring.events import Event
from nightcrew.authoring.inputs import Parameter, parameters, usual
from nightcrew.authoring.outline import IRREVERSIBLE, LOOKED_AT, NONE, REPEATED, STOPPED, Handling, Outline, outline
from nightcrew.authoring.proved import proved
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import Alarm, Trigger
from nightcrew.aws.kinds import is_read
from nightcrew.durations import in_words

WRITTEN = "<!-- Written by `make catalog` from the runbook itself. Change that. -->"
"""The first line of each file that is written."""

RISKS = {
    "low": "nobody should notice",
    "disruptive": "people may notice while it lasts",
    "costly": "it costs money until it is taken back",
    "data-loss": "data may be lost, so two people must approve",
}

UNKNOWN = {
    LOOKED_AT: "a read tells whether it was made; only if not, it is made again",
    REPEATED: "it is made again: twice is the same as once",
    STOPPED: "the run stops, and a person must look",
}
"""What follows where a crash, or a lost reply, left it unknown whether a change was made."""


OF_AN_EVENT = "the proofs below decide, and a run that an event started ends as succeeded at best, not as cured"


def answers(trigger: Trigger) -> str:
    """Which alarms or events start it, in a line."""
    if not isinstance(trigger, Alarm):
        filled = [f"{path} as {parameter}" for parameter, path in trigger.parameters.items()]
        return f"the event {trigger}, with {', '.join(filled)}" if filled else f"the event {trigger}"
    fixed = [f"{dimension}={value}" for dimension, value in trigger.where.items()]
    filled = [f"{dimension} as {parameter}" for parameter, dimension in trigger.parameters.items()]
    return f"{trigger.namespace} {trigger.metric}, {trigger.direction}, by {', '.join([*filled, *fixed])}"


def answers_shortly(runbook: Runbook) -> list[str]:
    """The same for a list: ``AWS/EC2 CPUUtilization high``; each once, an event with what it must say."""
    return list(dict.fromkeys(map(shortly, runbook.triggers)))


def changing(runbook: Runbook) -> list[str]:
    """Those of its permissions that change something, without what they depend on."""
    return [action for action in runbook.permissions if not is_read(*action.split(":", 1))]


def family_of(runbook: Runbook) -> str:
    """Its family, or that each call says it."""
    return f"each call says it: {', '.join(runbook.families)}" if "family" in runbook.said_at_call else runbook.family


def risk_of(runbook: Runbook) -> str:
    """Its risk, or that each call says it, and what it is until then."""
    return f"each call says it, else {runbook.risk}" if "risk" in runbook.said_at_call else runbook.risk


def known(each: Parameter) -> str:
    """Whether a parameter must be given, else what it is."""
    return "required" if each.required else f"default {each.default}" if each.default is not None else "optional"


def undone(each: Handling) -> str:
    """How a change is taken back, in words."""
    if each.undoing:
        return "part of an undo"
    return "nothing: it cannot be taken back, so a person approves it" if each.undo == IRREVERSIBLE else each.undo


def page(runbook: Runbook, source: str | None = None) -> str:
    """Its page; ``source`` is a link to its file. Raises BadInput where what it was proved on cannot be read."""
    steps = outline(runbook)
    lines = [WRITTEN, f"# {runbook.name}", "", runbook.title, "", *_facts(runbook, steps, source)]
    lines += ["", "## Effect and disruption", "", runbook.page]
    lines += ["", "## Answers", "", *_bullets(answers(each) for each in runbook.triggers)]
    if not runbook.triggers:
        lines.append("No alarm by itself: it is started by hand, or bound to an alarm by policy.")
    if any(isinstance(each, Event) for each in runbook.triggers):
        lines += ["", f"No OK follows an event: {OF_AN_EVENT}."]
    rows = [(f"`{each.option}`", each.allowed, known(each)) for each in parameters(runbook.form)]
    lines += ["", "## Inputs", "", *_table(("option", "allowed", ""), rows)]
    if steps.requires:
        lines += ["", "## Left alone, unless", "", *_bullets(dict.fromkeys(steps.requires))]
    lines += ["", "## Changes", "", *_changes(steps)]
    lines += ["", "## Proof", "", *_bullets(dict.fromkeys(steps.proofs))]
    if any(isinstance(each, Alarm) for each in runbook.triggers):
        lines.append("- the alarm that started it is OK, and stays so")
    if steps.later:
        lines += [
            "",
            "## Afterwards",
            "",
            *_bullets(f"{title} ({name}), as a run of its own" for title, name in steps.later),
        ]
    lines += ["", "## Permissions", "", *_bullets(_actions(runbook))]
    lines += ["", "## What it would do now", "", "```sh"]
    lines += [f"nightcrew run {runbook.name} {usual(runbook.form)} --plan", "```", ""]
    return "\n".join(lines)


def shortly(trigger: Trigger) -> str:
    """One of these."""
    return f"{trigger.about} {trigger.direction}" if isinstance(trigger, Alarm) else trigger.shortly


def _facts(runbook: Runbook, steps: Outline, source: str | None) -> list[str]:
    rows = [
        ("family", family_of(runbook)),
        ("risk", risk_of(runbook) + ("" if "risk" in runbook.said_at_call else f": {RISKS[runbook.risk]}")),
        ("by hand", f"{in_words(runbook.by_hand)}, its author reckons"),
        ("deadline", f"{in_words(runbook.deadline)}; its lock lasts {in_words(runbook.lease())}"),
        ("can be undone", steps.undone),
    ]
    if runbook.undo_if_ineffective:
        rows.append(("no cure", "it takes its changes back"))
    if steps.approvals:
        rows.append(("asks a person", "; ".join(steps.approvals)))
    if runbook.secret:
        rows.append(("secret", f"{', '.join(sorted(runbook.secret))}: never in the ledger"))
    rows.append(("proved on", str(proved(runbook))))
    if source:
        rows.append(("source", f"[{Path(source).name}]({source})"))
    return _table(("", ""), rows)


def _changes(steps: Outline) -> Iterator[str]:
    for part in steps.parts:
        yield f"It runs [{part}]({part}.md) as a part of itself; what that changes stands on its page."
        yield ""
    if not steps.changes:
        return
    yield from _table(
        ("change", "undone by", "outcome unknown"), [(each.title, undone(each), each.unknown) for each in steps.changes]
    )
    yield ""
    yield "Where a crash, or a lost reply, leaves it unknown whether a change was made:"
    yield ""
    yield from _bullets(f"*{word}*: {UNKNOWN[word]}" for word in dict.fromkeys(each.unknown for each in steps.changes))
    if any(each.undo == NONE and not (each.undoing or each.forced) for each in steps.changes):
        yield ""
        yield "*none*: nothing takes it back by itself; what was before stands in the ledger."


def _actions(runbook: Runbook) -> Iterator[str]:
    for action in runbook.actions:
        yield f"`{action}`" + ("" if action in runbook.permissions else " (what another one depends on)")


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    ruled = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return ["| " + " | ".join(row) + " |" for row in ruled]
