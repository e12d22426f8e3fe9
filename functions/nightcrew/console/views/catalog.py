"""The catalog: all runbooks by family; and each one's page, with its record here."""

from collections.abc import Iterable, Iterator
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.endings import in_full
from nightcrew.api.runbooks import LOOKED_AT, page, record_of
from nightcrew.authoring.inputs import parameters
from nightcrew.authoring.outline import outline
from nightcrew.authoring.page import OF_AN_EVENT, RISKS, UNKNOWN, answers, answers_shortly, family_of, known, undone
from nightcrew.authoring.proved import proved
from nightcrew.authoring.runbook import FAMILIES, Runbook
from nightcrew.authoring.runbook import RISKS as RISK_NAMES
from nightcrew.authoring.triggers import Alarm
from nightcrew.console.answers import Answer, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.knowledge.lessons import among
from nightcrew.ledger.history import Row, history

LAST = 10
"""Runs on a runbook's page."""

AT_CALL = "each call says its family"


def listed(desk: Desk, asked: Asked) -> Answer:
    """Those that have all the words, by family."""
    typed = {name: asked.wanted(name) or "" for name in ("words", "family", "risk")}
    wrong = {name: f"one of {', '.join(names)}" for name, names in _ALLOWED.items() if typed[name] not in ("", *names)}
    found = [each for each in desk.catalog.values() if not wrong and _fits(each, typed)]
    values = {
        "typed": typed,
        "wrong": wrong,
        "families": FAMILIES,
        "risks": RISK_NAMES,
        "sections": list(_sections(found)),
        "found": len(found),
        "all": len(desk.catalog),
        "broken": desk.catalog.broken,
    }
    return Page("catalog", "Runbooks", values, 422 if wrong else 200)


def one(desk: Desk, asked: Asked) -> Answer:
    """A runbook's page. One query of its last runs, one request for what they say, and two for lessons."""
    found = desk.catalog[asked.place["name"]]
    rows = history(desk.store, now=desk.clock.now(), runbook=found.name, limit=LOOKED_AT).rows
    steps = outline(found)
    values = {
        "runbook": page(found),
        "family": family_of(found),
        "risk_words": RISKS[found.risk],
        "by_hand": found.by_hand,
        "deadline": found.deadline,
        "lease": found.lease(),
        "proved": str(proved(found)),
        "answers": [answers(each) for each in found.triggers],
        "of_an_event": OF_AN_EVENT if any(not isinstance(each, Alarm) for each in found.triggers) else None,
        "by_alarm": any(isinstance(each, Alarm) for each in found.triggers),
        "inputs": [(each, known(each)) for each in parameters(found.form)],
        "changes": [(each, undone(each), UNKNOWN[each.unknown]) for each in steps.changes],
        "approvals": steps.approvals,
        "record": record_of(rows),
        "looked_at": len(rows),
        "rows": in_full(desk.store, rows[:LAST]),
        "lessons": among(desk.store, runs={row.run for row in rows}, symptoms=_symptoms(found, rows)),
    }
    return Page("runbook", found.name, values)


_ALLOWED = {"family": FAMILIES, "risk": RISK_NAMES}


def _fits(runbook: Runbook, typed: dict[str, str]) -> bool:
    if typed["family"] and typed["family"] not in runbook.families:
        return False
    if typed["risk"] and typed["risk"] != runbook.risk:
        return False
    texts = (runbook.name, runbook.title, runbook.page, *runbook.permissions, *answers_shortly(runbook))
    there = " ".join(texts).casefold()
    return all(word in there for word in typed["words"].casefold().split())


def _sections(found: Iterable[Runbook]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    sections = {(family,): family for family in FAMILIES} | {FAMILIES: AT_CALL}
    runbooks = list(found)
    for families, words in sections.items():
        here = [_line(each) for each in runbooks if each.families == families]
        if here:
            yield words, here


def _line(runbook: Runbook) -> dict[str, Any]:
    return {
        "name": runbook.name,
        "title": runbook.title,
        "risk": runbook.risk,
        "answers": answers_shortly(runbook),
        "undo": outline(runbook).undone,
        "proved": proved(runbook),
    }


def _symptoms(runbook: Runbook, rows: Iterable[Row]) -> set[str]:
    """What it answers, and what it was started for."""
    declared = {
        f"{each.namespace}:{each.metric}:{each.direction}" for each in runbook.triggers if isinstance(each, Alarm)
    }
    return declared | {row.symptom for row in rows if row.symptom}


PAGES = (
    At("GET", "/console/runbooks", listed),
    At("GET", "/console/runbooks/{name}", one),
)
