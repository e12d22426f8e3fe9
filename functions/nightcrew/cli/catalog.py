"""The catalog for people, as a list, and as the page of one runbook: from what ``--json`` says of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from rich.padding import Padding
from rich.text import Text

from nightcrew.authoring.inputs import Parameter
from nightcrew.authoring.page import known
from nightcrew.authoring.proved import Proved
from nightcrew.cli.asked import Asked
from nightcrew.cli.output import Output
from nightcrew.cli.tables import ONE_LINE, listed, pairs, prose
from nightcrew.durations import in_words

RISKS = {"low": "green", "disruptive": "yellow", "costly": "yellow", "data-loss": "red"}

Told = Mapping[str, Any]


def show_all(told: Sequence[Told], asked: Asked) -> None:
    """All runbooks, and what to type for more."""
    output = asked.output
    heads = ["runbook", "family", "risk", "undo"]
    cells = [[Text(each["name"]), _family(each), _risk(each, each["risk"]), Text(each["undo"])] for each in told]
    started = ["; ".join(dict.fromkeys(one["short"] for one in each["triggers"])) or "by hand" for each in told]
    changes = [", ".join(each["changes"]) or "nothing" for each in told]
    titles = [str(each["title"]) for each in told]
    if output.width >= ONE_LINE:
        heads += ["what it does", "answers", "changes"]
        beside = zip(titles, started, changes, strict=True)
        rows = [[*row, *map(Text, texts)] for row, texts in zip(cells, beside, strict=True)]
        output.print(*listed(heads, rows, output))
    else:
        more = [f"{title} Answers: {when}." for title, when in zip(titles, started, strict=True)]
        output.print(*listed(heads, cells, output, more=more, cut=False))
    output.print()
    output.hint(f"{asked.command} runbooks NAME   shows a runbook's page")


def show_page(told: Told, asked: Asked) -> None:
    """All of one: what it does, what it takes, what it may do."""
    output = asked.output
    known_of = [field.name for field in fields(Parameter)]
    taken = [Parameter(**{name: each[name] for name in known_of}) for each in told["parameters"]]
    output.print(Text(told["name"], style="bold"))
    output.print(prose(f"{told['title']}\n\n{told['page']}", output))
    output.print()
    output.print(pairs(_facts(told)))
    _section(output, "Parameters")
    output.print(pairs((each.option, Text.assemble(each.allowed, (f"  ({known(each)})", "dim"))) for each in taken))
    _section(output, "Answers")
    _lines(output, [each["words"] for each in told["triggers"]])
    if not told["triggers"]:
        output.print(Text("  none: it is started by hand, or bound to an alarm by policy"))
    _steps(told, output)
    _section(output, "May do")
    for action in told["actions"]:
        more = "" if action in told["permissions"] else "  (what another one depends on)"
        output.print(Text.assemble(f"  {action}", (more, "dim")))
    output.print()
    usual = " ".join(f"{each.option} {each.example or each.type}" for each in taken if each.required)
    output.hint("What it would do now:", f"  {asked.command} run {told['name']} {usual} --plan")


def _steps(told: Told, output: Output) -> None:
    if told["requires"]:
        _section(output, "Left alone, unless")
        _lines(output, told["requires"])
    if told["changes"]:
        _section(output, "Changes")
        cells = [
            [
                Text(f"  {each['title']}"),
                Text("part of an undo" if each["undoing"] else each["undo"]),
                Text(each["unknown"]),
            ]
            for each in told["changes"]
        ]
        output.print(*listed(["  change", "undone by", "outcome unknown"], cells, output))
    if told["parts"]:
        _section(output, "Runs as a part of itself")
        _lines(output, told["parts"])
    if told["proofs"]:
        _section(output, "Proves")
        _lines(output, told["proofs"])
    if told["later"]:
        _section(output, "Has started later")
        _lines(output, [f"{each['title']} ({each['runbook']})" for each in told["later"]])


def _lines(output: Output, lines: Iterable[str]) -> None:
    """Each once, and none longer than the terminal is wide."""
    for line in dict.fromkeys(lines):
        output.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def _section(output: Output, heading: str) -> None:
    output.print()
    output.print(Text(heading, style="bold"))


def _facts(told: Told) -> list[tuple[str, Text]]:
    at_call = told["said_at_call"]
    family = f"each call says it: {', '.join(told['families'])}" if "family" in at_call else told["family"]
    risk = f"each call says it, else {told['risk']}" if "risk" in at_call else told["risk"]
    deadline, lease = _long(told["deadline_seconds"]), _long(told["lease_seconds"])
    facts = [
        ("family", Text(family)),
        ("risk", _risk(told, risk)),
        ("by hand", Text(f"{_long(told['by_hand_seconds'])}, its author reckons")),
        ("deadline", Text(f"{deadline}; its lock lasts {lease}")),
        ("can be undone", Text(told["undo"])),
        ("proved on", Text(_proved(told["proved_on"]))),
    ]
    if told["undo_if_ineffective"]:
        facts.append(("no cure", Text("it takes its changes back")))
    if told["secret"]:
        facts.append(("secret", Text(f"{', '.join(told['secret'])}: never in the ledger")))
    return facts


def _proved(told: Told) -> str:
    day = date.fromisoformat(told["aws"]) if told["aws"] else None
    return str(Proved(told["scripted"], told["moto"], day))


def _long(seconds: float) -> str:
    return in_words(timedelta(seconds=seconds))


def _family(told: Told) -> Text:
    return Text("any" if len(told["families"]) > 1 else told["family"])


def _risk(told: Told, words: str) -> Text:
    return Text(words, style=RISKS.get(told["risk"], ""))
