"""``nightcrew match``: which runbook would answer an event, an alarm's or another, and why; or why none would. Starts
nothing, writes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click
from rich.console import RenderableType
from rich.text import Text

from nightcrew.admission.policy import Policy, Setting, Settings
from nightcrew.admission.settings import KINDS, Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import catalog_of, policy_of
from nightcrew.cli.tables import listed, pairs
from nightcrew.cli.times import whole
from nightcrew.cli.values import compact
from nightcrew.dispatch.matching import Match, match
from nightcrew.errors import BadEvent, BadParameter
from nightcrew.signals import Happening, Signal, signal_from

FOLLOWS = {
    "run": "it would run by itself",
    "ask": "a person would be asked first",
    "suggest": "it would be suggested to people, and not run",
    "write down": "it would be written down, and not run",
}
"""What follows from an autonomy, for an alarm."""

_SHOWN = 60
_MOST = 12


@dataclass(frozen=True)
class Chosen:
    """A runbook that would answer: with which parameters, on what, and what policy says. ``wrong`` where its form
    refuses them.
    """

    runbook: Runbook
    parameters: Mapping[str, Any]
    resource: str | None
    settings: Settings
    wrong: BadParameter | None


@click.command()
@click.argument("event_file", type=click.File(encoding="utf-8"))
@json_option
@click.pass_obj
def command(asked: Asked, event_file: TextIO) -> int:
    """Say which runbook would answer the event in EVENT_FILE, and why. `-` reads it from stdin.

    The event is one as EventBridge delivers it, an alarm's or another. Nothing is asked of AWS, started or written.
    Exits with 0 where a runbook is chosen, and with 4 where none is, or several are.
    """
    signal = signal_from(_event(event_file))
    catalog = catalog_of(asked)
    policy = policy_of(asked, catalog)
    matched = match(signal, catalog.index, policy, catalog)
    chosen = _chosen(signal, matched, catalog, policy)
    if asked.output.json:
        asked.output.data(
            {**_data(signal, matched, chosen), "policy": {"file": policy.file, "version": policy.version}}
        )
    else:
        _show(signal, matched, chosen, policy, asked.output)
    return exits.WELL if chosen is not None and chosen.wrong is None else exits.NOT_APPLICABLE


def _event(file: TextIO) -> Mapping[str, Any]:
    text = ""
    try:
        text = file.read()
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        allowed = f"it must be the JSON of one event, as EventBridge delivers it ({error})"
        raise BadEvent(file.name, text[:_SHOWN], allowed) from error
    if not isinstance(event, dict):
        raise BadEvent(file.name, event, "it must be one JSON object, an event as EventBridge delivers it")
    return event


def _chosen(signal: Signal, matched: Match, catalog: Catalog, policy: Policy) -> Chosen | None:
    if matched.runbook is None:
        return None
    runbook = _called(catalog[matched.runbook], matched)
    settings = matched.settings(policy, runbook, signal)
    try:
        checked = runbook.form.validate(matched.parameters)
    except BadParameter as bad:
        return Chosen(runbook, matched.parameters, None, settings, bad)
    resource = runbook.arn(checked, account=matched.account, region=signal.region)
    dumped = runbook.form.dump(checked)
    return Chosen(runbook, {name: dumped[name] for name in runbook.form.hints}, resource, settings, None)


def _called(runbook: Runbook, matched: Match) -> Runbook:
    try:
        return runbook.called(matched.parameters)
    except BadParameter:
        # The form says the same in a moment.
        return runbook


def _show(signal: Signal, matched: Match, chosen: Chosen | None, policy: Policy, output: Output) -> None:
    state = f"{signal.state} since" if signal.happening is None else "happened at"
    output.print(Text.assemble((signal.name, "bold"), f"  {state} {whole(signal.at)}"))
    output.print(pairs(_seen(signal)))
    output.print()
    if chosen is None:
        words = (
            "several runbooks could answer, so none would be started"
            if matched.kind == "several"
            else "nothing would be started"
        )
        output.print(output.mark("not_applicable", words))
        output.print(
            pairs([("why", Text(matched.why)), ("reason", Text(matched.reason)), ("symptom", Text(matched.symptom))])
        )
        if matched.kind == "several":
            output.print()
            cells = [[Text(f"  {each.runbook}"), Text(compact(each.parameters))] for each in matched.candidates]
            output.print(*listed(["  candidate", "parameters"], cells, output))
        return
    if chosen.wrong is not None:
        output.print(output.mark("not_applicable", f"{chosen.runbook.name} would answer, but it cannot"))
        output.print(pairs([("why", Text(matched.why)), ("but", Text(str(chosen.wrong)))]))
        return
    level = chosen.settings.autonomy
    output.print(
        output.mark("succeeded" if level.value is Level.AUTO else "planned", f"{chosen.runbook.name} would be chosen")
    )
    output.print(
        pairs(
            [
                ("why", Text(matched.why)),
                ("parameters", Text(compact(chosen.parameters))),
                ("resource", Text(str(chosen.resource))),
                ("symptom", Text(matched.symptom)),
                ("autonomy", _autonomy(level)),
                ("policy", Text(f"{policy.file}, version {policy.version}")),
            ]
        )
    )
    output.print()
    facts = {name: fact for name, fact in chosen.settings.facts().items() if name != "autonomy"}
    cells = [[Text(f"  {name}"), Text(fact["value"]), Text(fact["because"])] for name, fact in facts.items()]
    output.print(*listed(["  setting", "value", "because"], cells, output))


def _seen(signal: Signal) -> list[tuple[str, RenderableType]]:
    """What the event tells, as far as it does."""
    rows: list[tuple[str, RenderableType]] = []
    for each in signal.metrics:
        dimensions = compact(each.dimensions) or "no dimension"
        side = f", {signal.direction}" if signal.direction else ""
        rows.append(("metric", Text(f"{each.namespace} {each.name}{side}  {dimensions}")))
    rows += [("child", Text(child)) for child in signal.children]
    if signal.happening is not None:
        rows += [("says", Text(f"{path} = {' or '.join(texts)}")) for path, texts in _told(signal.happening)]
    if signal.contributor is not None:
        rows.append(("contributor", Text(signal.contributor.id)))
    if signal.tags:
        rows.append(("tags", Text(compact(signal.tags))))
    rows.append(("where", Text(f"{signal.region}, {signal.account}")))
    if signal.reason:
        rows.append(("reason", Text(signal.reason)))
    return rows


def _told(happening: Happening) -> list[tuple[str, tuple[str, ...]]]:
    """What an event says in a few words: not its prose, and not all of a long one."""
    short = [(path, texts) for path, texts in happening.values.items() if sum(map(len, texts)) <= _SHOWN + _SHOWN]
    return short[:_MOST]


def _autonomy(level: Setting[Level]) -> Text:
    return Text.assemble(
        (str(level.value), "bold"), f": {FOLLOWS[level.value.start()]}  ", (f"({level.because})", "dim")
    )


def _data(signal: Signal, matched: Match, chosen: Chosen | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": matched.kind,
        "reason": matched.reason,
        "why": matched.why,
        "symptom": matched.symptom,
        "alarm": {
            "name": signal.name,
            "arn": signal.alarm,
            "state": signal.state,
            "at": signal.at,
            "form": signal.form,
            **(
                {"values": {path: list(texts) for path, texts in signal.happening.values.items()}}
                if signal.happening
                else {}
            ),
        },
        "account": matched.account,
        "region": signal.region,
        "until": matched.until,
        "candidates": [{"runbook": each.runbook, "parameters": dict(each.parameters)} for each in matched.candidates],
        "runbook": matched.runbook,
    }
    if chosen is None:
        return told
    settings = {name: chosen.settings.facts()[name] for name in KINDS}
    follows = chosen.settings.autonomy.value.start()
    more = {
        "parameters": dict(chosen.parameters),
        "resource": chosen.resource,
        "settings": settings,
        "follows": follows,
    }
    wrong = {"wrong": str(chosen.wrong)} if chosen.wrong else {}
    return {**told, **more, **wrong}
