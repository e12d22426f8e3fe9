"""``nightcrew why``: why something was done to a resource, or for an alarm or an event, or was not; and how the gates
stand now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from nightcrew.admission.follow_ups import listed as due_later
from nightcrew.admission.gates.halt import halt_words
from nightcrew.admission.halting import halts
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli import marked
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.output import Output
from nightcrew.cli.place import Place, catalog_of, ledger_of, policy_of
from nightcrew.cli.resources import arns_of, short, the_one
from nightcrew.cli.standing import Stands, standing
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import whole
from nightcrew.cli.values import compact
from nightcrew.clock import moment
from nightcrew.errors import BadInput
from nightcrew.knowledge.recall.unanswered import better_than
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import Row, history, opening, running, tail

PAGES = 10
"""How many pages of the ledger are searched for an alarm: the indexes know runs, resources and symptoms."""


@dataclass(frozen=True)
class Decision:
    """One run or refusal, with what decided it."""

    run: str
    at: datetime | None
    outcome: str
    runbook: str
    resource: str
    actor: str
    words: str
    why: str
    gate: str | None
    figures: dict[str, Any]
    until: datetime | None
    policy: str | None
    autonomy: list[str] | None
    break_glass: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


@click.command()
@click.argument("what", metavar="RESOURCE|ALARM")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), metavar="NUMBER", help="So many.")
@json_option
@click.pass_obj
def command(asked: Asked, what: str, limit: int) -> None:
    """Say why something was done, or was not, to RESOURCE or for ALARM: runs and refusals, newest first, and then
    what would be refused now.

    A resource by its ARN, or its name where that says enough; an alarm by its name or ARN, an event by its name
    (`nightcrew match` says it). Times are UTC.
    """
    demo = ledger_of(asked, "whose decisions could be looked up")
    output, now = asked.output, demo.clock.now()
    catalog = catalog_of(asked)
    resource, alarm = _meant(what, catalog, demo, now)
    found = _of_resource(demo, resource, limit, now) if resource else _of_alarm(demo, str(alarm), limit, now)
    decisions = [_decision(demo, row) for row in found]
    about = [resource] if resource else list(dict.fromkeys(each.resource for each in decisions))
    stands = {arn: _standing(asked, demo, catalog, arn, found, now) for arn in about}
    better = {arn: words for arn in about if (words := _better(demo, arn, found, now))}
    on = halts(demo.store)
    waits = [
        due for due in due_later(demo.store, "retry") if due.what.get("resource") == resource or due.actor in _by(alarm)
    ]
    if output.json:
        output.data(
            {
                "resource": resource,
                "alarm": alarm,
                "decisions": [each.to_dict() for each in decisions],
                "now": [{"resource": arn, **each.to_dict()} for arn, told in stands.items() for each in told],
                "suggestions": [{"resource": arn, "words": words} for arn, words in better.items()],
                "halts": [{"halt": name, **value} for name, value in sorted(on.items())],
                "second_tries": [{"due": due.due, "runbook": due.runbook, "alarm": due.actor} for due in waits],
            }
        )
        return
    _show(decisions, resource or alarm or what, now, output)
    for arn, told in stands.items():
        output.print("", Text.assemble(("Now", "bold"), "  ", (short(arn), "bold")))
        _show_now(told, now, output)
        if arn in better:
            output.print(Text.assemble("  ", output.mark("warning", f"suggested: {better[arn]}")))
    if on and not about:
        output.print("", *(output.mark("cancelled", halt_words(name, value)) for name, value in sorted(on.items())))
    for due in waits:
        output.print(Text(f"  {due.runbook} is tried once more at {whole(due.due)}, if the alarm is in ALARM then"))


def _meant(what: str, catalog: Catalog, demo: Place, now: datetime) -> tuple[str | None, str | None]:
    """The resource's ARN, or the alarm's name. A name that could be both is what the ledger knows. Raises BadInput."""
    parts = what.split(":", 6)
    if parts[0] == "arn" and len(parts) == 7 and parts[2] == "cloudwatch":
        return None, parts[6]
    if parts[0] == "arn":
        if len(parts) < 6:
            raise BadInput("RESOURCE|ALARM", what, "it must be an ARN, a resource's name or an alarm's name")
        return what, None
    try:
        arns = arns_of(what, catalog, demo.who)
    except BadInput:
        return None, what

    def known(arn: str) -> bool:
        ran = history(demo.store, now=now, resource=arn, limit=1).rows
        return bool(ran or demo.store.get("state", {"key": f"res#{arn}"}))

    met = [arn for arn in arns if known(arn)]
    if met:
        return the_one(what, met, known), None
    # No resource of that name was ever worked on: an alarm, if one of that name came; else what it fits best.
    if _of_alarm(demo, what, 1, now) or len(arns) > 1:
        return None, what
    return arns[0], None


def _of_resource(demo: Place, resource: str, limit: int, now: datetime) -> list[Row]:
    open_now = [row for row in running(demo.store) if row.resource == resource]
    return [*open_now, *history(demo.store, now=now, resource=resource, limit=limit).rows][:limit]


def _of_alarm(demo: Place, name: str, limit: int, now: datetime) -> list[Row]:
    """By who asked, which the indexes hold cut short: so each that may be it is looked up."""
    found: list[Row] = [row for row in running(demo.store) if _may_be(row, name) and _is(demo, row, name)]
    after: str | None = None
    for _ in range(PAGES):
        page = history(demo.store, now=now, limit=100, after=after)
        found += [row for row in page.rows if _may_be(row, name) and _is(demo, row, name)]
        after = page.after
        if after is None or len(found) >= limit:
            break
    return found[:limit]


def _by(alarm: str | None) -> tuple[str, str]:
    return f"alarm: {alarm}", f"event: {alarm}"


def _may_be(row: Row, alarm: str) -> bool:
    if row.actor.startswith("…"):
        return any(each.endswith(row.actor[1:]) for each in _by(alarm))
    return row.actor in _by(alarm)


def _is(demo: Place, row: Row, alarm: str) -> bool:
    first = opening(demo.store, row.run)
    return first is not None and first.body.get("actor") in _by(alarm)


def _decision(demo: Place, row: Row) -> Decision:
    """The row, with what its entries say whole."""
    first, last = opening(demo.store, row.run), tail(demo.store, row.run)
    body = dict(first.body) if first is not None else {}
    end = dict(last.body) if last is not None and last.kind in ENDINGS else {}
    until = end.get("until")
    return Decision(
        run=row.run,
        at=row.started or row.ended,
        outcome=row.outcome,
        runbook=row.runbook,
        resource=row.resource,
        actor=str(body.get("actor", row.actor)),
        words=str(end.get("words", "")),
        why=str(body.get("reason") or body.get("why", "")),
        gate=end.get("gate"),
        figures=dict(end.get("figures") or {}),
        until=moment(str(until)) if until else None,
        policy=body.get("policy"),
        autonomy=list(body["autonomy"]) if "autonomy" in body else None,
        break_glass=dict(body["break_glass"]) if "break_glass" in body else None,
    )


def _standing(
    asked: Asked, demo: Place, catalog: Catalog, resource: str, found: Sequence[Row], now: datetime
) -> list[Stands]:
    names = dict.fromkeys(row.runbook for row in found if row.resource == resource)
    runbooks = [catalog[name] for name in names if name in catalog]
    return standing(demo.store, policy_of(asked, catalog), resource, runbooks, now)


def _better(demo: Place, resource: str, found: Sequence[Row], now: datetime) -> str:
    """Another runbook that has a clearly better record for what the resource had last: one read."""
    last = next((row for row in found if row.resource == resource and row.symptom and row.gate != "match"), None)
    if last is None:
        return ""
    suggested = better_than(demo.store, last.runbook, str(last.symptom), now)
    return suggested.words if suggested is not None else ""


def _show(decisions: Sequence[Decision], what: str, now: datetime, output: Output) -> None:
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
        yield "break-glass", Text(marked.told(each.break_glass), style="yellow")
    if each.why:
        yield "because", Text(each.why)
    if each.policy:
        level = f"; {each.autonomy[0]}, by {each.autonomy[1]}" if each.autonomy else ""
        yield "policy", Text(f"{each.policy}{level}")


def _show_now(told: Sequence[Stands], now: datetime, output: Output) -> None:
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
