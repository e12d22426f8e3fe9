"""Why a run was admitted, or refused: what its first and last entries say, and how the gates stand now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.gates import GATES
from nightcrew.api.desk import Desk
from nightcrew.api.policy import explain
from nightcrew.api.standing import Stands, standing
from nightcrew.console.before import TO_DO
from nightcrew.console.when import when
from nightcrew.durations import in_words
from nightcrew.errors import BadInput
from nightcrew.knowledge.names import named
from nightcrew.knowledge.story import glass
from nightcrew.knowledge.values import compact
from nightcrew.ledger.chain import Chain

LETS = {
    **TO_DO,
    "claim": "This signal was answered already: the alarm's next change of state is decided anew.",
    "flap": "The alarm comes and goes: look at its threshold, or at what it watches.",
    "stale": "The signal came too late: a person may start the runbook by hand.",
    "match": "No runbook fits by itself: choose one and start it by hand, or bind the alarm in policy.",
}
"""What has to happen before a gate lets it pass: a person's start, or what an alarm asked for."""

MOST = 20
"""Tags, figures and parameters that are shown."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Admitted:
    """``settings`` are what policy says of it, each with the rule that it comes from: the opening entry keeps the
    autonomy and four lengths; the rest is told while policy is the same as then (``same``).
    """

    autonomy: tuple[str, str] | None
    policy: str
    same: bool
    gates: tuple[str, ...]
    kept: Pairs
    settings: tuple[tuple[str, str, str], ...]
    parameters: Pairs
    tags: Pairs
    alarm: Mapping[str, Any] | None
    why: str
    glass: str


@dataclass(frozen=True)
class Refusal:
    """``now`` is what would be refused of a start by hand at this moment; ``lets`` what has to happen."""

    gate: str
    words: str
    figures: Pairs
    until: datetime | None
    lets: str
    other: str | None
    now: tuple[Stands, ...]


def admitted(chain: Chain, desk: Desk) -> Admitted | None:
    """Of a run that was admitted, and whose opening can be read. It asks nothing of the ledger."""
    if not chain.entries or chain.entries[0].kind != "opening":
        return None
    body = chain.opening
    autonomy, alarm, mark = body.get("autonomy"), body.get("alarm"), body.get("break_glass")
    settings = _settings(chain, desk)
    return Admitted(
        (str(autonomy[0]), str(autonomy[1])) if isinstance(autonomy, list) and len(autonomy) == 2 else None,
        str(body.get("policy", "?")),
        bool(settings),
        () if mark else tuple(gate.name for gate in GATES),
        _kept(body),
        settings,
        _pairs(body.get("parameters")),
        _pairs(body.get("tags")),
        alarm if isinstance(alarm, Mapping) else None,
        named(str(body.get("why") or "")),
        glass.told(mark) if isinstance(mark, Mapping) else "",
    )


def refusal(chain: Chain, desk: Desk) -> Refusal | None:
    """Of what a gate refused, at admission or once the groups were known. It asks how the gates stand now."""
    end = chain.closing
    if end is None or not end.body.get("gate"):
        return None
    body = end.body
    figures = body.get("figures")
    other = figures.get("run") if isinstance(figures, Mapping) else None
    return Refusal(
        str(body["gate"]),
        named(str(body.get("words", ""))),
        [(name.replace("_", " "), named(value)) for name, value in _pairs(figures)],
        when(body.get("until")),
        LETS.get(str(body["gate"]), ""),
        str(other) if other else None,
        _now(chain, desk),
    )


def _now(chain: Chain, desk: Desk) -> tuple[Stands, ...]:
    name, resource = (str(chain.opening.get(each, "")) for each in ("runbook", "resource"))
    if name not in desk.catalog or resource.count(":") < 5:
        return ()
    return tuple(
        each
        for each in standing(desk.store, desk.policy, resource, [desk.catalog[name]], desk.clock.now())
        if each.refuses
    )


def _settings(chain: Chain, desk: Desk) -> tuple[tuple[str, str, str], ...]:
    body = chain.opening
    name, resource = str(body.get("runbook", "")), str(body.get("resource", ""))
    if name not in desk.catalog or body.get("policy") != desk.policy.version or body.get("break_glass"):
        return ()
    alarm, tags = body.get("alarm"), body.get("tags")
    asked_by = str(alarm.get("name")) if isinstance(alarm, Mapping) else None
    try:
        runbook = desk.catalog[name].called(dict(body.get("parameters") or {}))
        told = explain(desk.policy, runbook, resource, chain.entries[0].at, asked_by, tags or {}, {})
    except (BadInput, AttributeError, KeyError, TypeError, ValueError):
        return ()  # of what somebody edited, or of another version's parameters, nothing can be said
    facts = told.settings.facts()
    return tuple(
        (setting.replace("_", " "), each["value"], each["because"])
        for setting, each in facts.items()
        if setting != "autonomy"
    )


def _kept(body: Mapping[str, Any]) -> Pairs:
    """What the opening keeps of its settings, for the executor."""
    ok = body.get("ok")
    within, held = ok if isinstance(ok, list) and len(ok) == 2 else (None, None)
    told = [
        ("deadline", body.get("deadline")),
        ("an approval within", body.get("approval")),
        ("the alarm's OK within", within),
        ("the OK held for", held),
    ]
    return [(name, _length(seconds)) for name, seconds in told if isinstance(seconds, int)]


def _length(seconds: int) -> str:
    return in_words(timedelta(seconds=seconds)) if seconds else "not asked for"


def _pairs(values: Any) -> Pairs:
    if not isinstance(values, Mapping):
        return []
    told = [(str(name), compact(value, 200)) for name, value in list(values.items())[:MOST]]
    return told + ([("…", f"and {len(values) - MOST} more")] if len(values) > MOST else [])
