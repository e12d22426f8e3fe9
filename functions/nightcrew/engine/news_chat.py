"""News for a chat channel, in the custom form of Amazon Q Developer in chat applications (Slack, Teams).

Source of the form: its administrator guide, "Custom notifications". Texts are as long as a phone shows them, far below
what SNS carries. Whatever comes from an event, a tag or a person is untrusted: see ``news_markdown``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nightcrew.engine.news_markdown import code, escaped
from nightcrew.engine.news_plan import plan_lines
from nightcrew.engine.news_text import commands, left, particulars, subject

TITLE = 250
DESCRIPTION = 2_800
STEP = 250
LINE = 600
MOST_CHANGES = 20
"""As many as a question holds: where there are so many, there may be more."""

ASKED = "approval wanted"

Told = Mapping[str, Any]
Form = dict[str, Any]

_CODE = {"run", "resource", "alarm", "event", "actor", "in"}
"""Particulars that are names."""


def custom(told: Told, what: Told, stack: str) -> Form:
    """A piece of news as the channel gets it. ``what`` it was made from holds more: the plan, what people wait for."""
    asks = told["kind"] == ASKED
    shown, whole = _description(told, what)
    context = {"stack": stack, "run": str(told["run"]), "plan": str(told["hash"])[:12], "shown": whole} if asks else {}
    steps = [code(each, STEP) for each in commands(told)]
    return _form(
        f"{told.get('run', stack)}/{told['kind']}/{told.get('at', '')}",
        subject(told),
        shown,
        ["Press a button below, or type one of these", *steps] if asks else steps,
        told,
        context,
    )


def answered(run: str, words: str, stack: str, at: str) -> Form:
    """What became of a button, for the run's thread."""
    told = {"kind": "answered", "run": run}
    return _form(f"{run}/answered/{at}", words, escaped(words, LINE), [], {**told, "stack": stack}, {})


def _form(id_: str, title: str, description: str, steps: Sequence[str], told: Told, context: Mapping[str, str]) -> Form:
    metadata: Form = {
        "summary": escaped(title, TITLE),
        "eventType": str(told["kind"]),
        "enableCustomActions": bool(context),
    }
    if told.get("run"):
        metadata["threadId"] = str(told["run"])  # all that is told of a run stands together
    if told.get("resource") and escaped(told["resource"]) == told["resource"]:  # an alarm's ARN ends in its name
        metadata["relatedResources"] = [str(told["resource"])]
    if context:
        metadata["additionalContext"] = dict(context)
    content: Form = {"textType": "client-markdown", "title": escaped(title, TITLE), "description": description}
    if steps:
        content["nextSteps"] = list(steps)
    keywords = [str(told[name]) for name in ("runbook", "outcome", "gate") if told.get(name)]
    if keywords:
        content["keywords"] = [escaped(each, 75) for each in keywords]
    return {"version": "1.0", "source": "custom", "id": id_, "content": content, "metadata": metadata}


def _description(told: Told, what: Told) -> tuple[str, str]:
    """The text, and whether the plan in it is ``whole`` or a ``part``: what is not shown has no button to approve."""
    if told["kind"] == "digest" and "text" in told:
        return _fitted([escaped(line, LINE) for line in str(told["text"]).splitlines()])[0], "whole"
    lines = [escaped(told["words"], LINE), *(escaped(each) for each in left(told))]
    about = [f"{label}: {_said(label, value)}" for label, value in _about(told)]
    if told["kind"] != ASKED:
        return _fitted([*lines, *about])[0], "whole"
    changes = list(what.get("lines") or ())
    seen = [f"changed since it was shown: {escaped(each)}" for each in what.get("seen") or ()]
    text, all_of_it = _fitted([*lines, *about, *seen, *plan_lines(changes)])
    return text, "whole" if all_of_it and changes and len(changes) < MOST_CHANGES else "part"


def _about(told: Told) -> Iterator[tuple[str, str]]:
    yield from particulars(told)
    if told["kind"] == ASKED:
        yield "plan", str(told["hash"])[:12]
        if int(told.get("wanted", 1)) > 1:
            yield "people", f"{told['wanted']} must approve"


def _said(label: str, value: str) -> str:
    return code(value) if label in _CODE or label == "plan" else escaped(value)


def _fitted(lines: Sequence[str]) -> tuple[str, bool]:
    """As many as there is room for, and whether that is all of them."""
    kept: list[str] = []
    room = DESCRIPTION - 80
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*kept, f"… and {len(lines) - number} lines more: look at it in a terminal"]), False
        kept.append(line)
    return "\n".join(kept), True
