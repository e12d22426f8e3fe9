"""What chains say, as rows for an auditor: runs, changes, refusals, approvals, and which policy decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.knowledge.lessons import Lesson
from nightcrew.ledger.canonical import canonical
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.rows import BREAK_GLASS

Row = dict[str, Any]
Chain = Sequence[Entry]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "runs": (
        "run",
        "runbook",
        "resource",
        "symptom",
        "by",
        "actor",
        "policy",
        "autonomy",
        "started",
        "ended",
        "seconds",
        "outcome",
        "words",
        "error",
        "changes",
        "approved_by",
        "break_glass",
    ),
    "changes": ("run", "entry", "at", "title", "undoing", "call", "parameters", "undo", "result", "request"),
    "refusals": ("run", "at", "gate", "words", "until", "runbook", "resource", "symptom", "actor", "policy"),
    "approvals": ("run", "runbook", "resource", "title", "plan", "asked", "decision", "by", "reason", "decided"),
    "policies": ("policy", "first", "last", "runs", "refusals", "text"),
    "lessons": ("lesson", "version", "at", "author", "run", "symptom", "words"),
}
"""Each table, and what stands in its columns."""


def run_row(chain: Chain) -> Row:
    """A run, from its opening and its closing; what is open has no end yet."""
    first, body = chain[0], dict(chain[0].body)
    closing = next((entry for entry in chain if entry.kind == "closing"), None)
    said = dict(closing.body) if closing is not None else {}
    error = said.get("error")
    approved = [person for row in approval_rows(chain) if row["decision"] == "approved" for person in row["by"]]
    autonomy = body.get("autonomy")
    return {
        "run": first.run,
        **{name: body.get(name) for name in ("runbook", "resource", "symptom", "by", "actor", "policy")},
        "autonomy": autonomy[0] if isinstance(autonomy, list) and autonomy else None,
        "started": stamp(first.at),
        "ended": stamp(closing.at) if closing is not None else None,
        "seconds": round((closing.at - first.at).total_seconds(), 3) if closing is not None else None,
        "outcome": said.get("outcome", "running"),
        "words": said.get("words"),
        "error": error.get("code") if isinstance(error, Mapping) else None,
        "changes": sum(entry.kind == "change" for entry in chain),
        "approved_by": approved,
        "break_glass": str(body.get("symptom", "")).startswith(BREAK_GLASS),
    }


def change_rows(chain: Chain) -> list[Row]:
    """Each change that was announced, with its parameters, and what became of it as the ledger knows it."""
    rows: list[Row] = []
    for entry in chain:
        for fact in entry.body.get("facts", ()):
            if isinstance(fact, Mapping) and "changed" in fact:
                _became(rows, fact)
        if entry.kind == "change":
            about = {name: entry.body.get(name) for name in ("title", "call", "undo")}
            about["undoing"] = bool(entry.body.get("undoing"))
            parameters = canonical(entry.body.get("parameters", {}))
            told = {"result": "not known", "request": None}
            rows.append(
                {"run": entry.run, "entry": entry.number, "at": stamp(entry.at), **about, "parameters": parameters}
                | told
            )
    return rows


def is_refusal(chain: Chain) -> bool:
    """Whether a gate refused it: before it was opened, or a person's run after that."""
    ending = next((entry for entry in chain if entry.kind in ENDINGS), None)
    return ending is not None and (ending.kind == "refusal" or ending.body.get("outcome") == "refused")


def refusal_row(chain: Chain) -> Row:
    """Why something was not done."""
    entry = next(entry for entry in chain if entry.kind in ENDINGS)
    said = {**chain[0].body, **entry.body}
    names = ("gate", "words", "until", "runbook", "resource", "symptom", "actor", "policy")
    return {"run": entry.run, "at": stamp(entry.at), **{name: said.get(name) for name in names}}


def approval_rows(chain: Chain) -> list[Row]:
    """Each question that was put to people, with its plan's hash, and what became of it."""
    rows: list[Row] = []
    for entry in chain:
        for fact in entry.body.get("facts", ()):
            if isinstance(fact, Mapping) and "asked" in fact and rows:
                _answered(rows, fact)
        if entry.kind == "wait" and "approval" in entry.body:
            rows.append(_asked(chain[0], entry))
    return rows


def policy_rows(chains: Iterable[Chain], present: str | None) -> list[Row]:
    """Each version that decided something, by when it was first seen; ``present`` is the one whose text is at hand."""
    rows: dict[str, Row] = {}
    for chain in chains:
        for entry in chain:
            said = [entry.body, *(fact for fact in entry.body.get("facts", ()) if isinstance(fact, Mapping))]
            for version in {str(each["policy"]) for each in said if each.get("policy")}:
                new = {"policy": version, "first": stamp(entry.at), "last": "", "runs": set(), "refusals": set()}
                row = rows.setdefault(version, new)
                row["first"], row["last"] = min(row["first"], stamp(entry.at)), max(row["last"], stamp(entry.at))
                row["refusals" if is_refusal(chain) else "runs"].add(entry.run)
    for version, row in rows.items():
        counts = {name: len(row[name]) for name in ("runs", "refusals")}
        rows[version] = row | counts | {"text": "policy.yaml" if version == present else None}
    return sorted(rows.values(), key=lambda row: (row["first"], row["policy"]))


def lesson_row(lesson: Lesson) -> Row:
    """One version of a lesson."""
    names = ("version", "author", "run", "symptom", "words")
    return {"lesson": lesson.id, "at": stamp(lesson.at), **{name: getattr(lesson, name) for name in names}}


def ended_at(chain: Chain) -> str:
    """By what rows are ordered: when it ended, else when it began."""
    last = next((entry for entry in chain if entry.kind in ENDINGS), chain[0])
    return f"{stamp(last.at)} {last.run}"


def _became(rows: list[Row], fact: Mapping[str, Any]) -> None:
    row = next((each for each in reversed(rows) if each["title"] == fact["changed"]), None)
    if row is None:
        return
    error = fact.get("error")
    if isinstance(error, Mapping):
        row["result"] = f"failed: {error.get('code') or error.get('kind') or '?'}"
    elif "stopped" in fact:
        row["result"] = "not sent again"
    elif "person" not in fact:
        row["result"] = "made" if fact.get("how") in (None, "once") else f"made, {fact['how']}"
    row["request"] = fact.get("request")


def _asked(opening: Entry, entry: Entry) -> Row:
    about = {name: opening.body.get(name) for name in ("runbook", "resource")}
    asked = {"title": entry.body.get("title"), "plan": entry.body["approval"], "asked": stamp(entry.at)}
    return {"run": entry.run, **about, **asked, "decision": "open", "by": [], "reason": None, "decided": None}


def _answered(rows: list[Row], fact: Mapping[str, Any]) -> None:
    row = next((each for each in reversed(rows) if each["title"] == fact["asked"]), rows[-1])
    by = fact.get("by", ())
    row["decision"] = fact.get("decision") or fact.get("answer") or "?"
    row["by"] = [by] if isinstance(by, str) else [str(each) for each in by]
    row["reason"] = fact.get("reason")
    row["decided"] = stamp(moment(str(fact["at"]))) if fact.get("at") else None
