"""How the gates stand now for a resource: read from the items that they compete for, and from policy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.freeze import Freeze
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.gates.halt import halt_words, names_for
from nightcrew.admission.halting import halts
from nightcrew.admission.policy import Policy, Subject
from nightcrew.admission.request import lock_key
from nightcrew.admission.settings import Settings
from nightcrew.authoring.runbook import Runbook
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.ledger.store import Store


@dataclass(frozen=True)
class Stands:
    """One gate now: whether it would ``refuse`` a start, in words, by which figures, and until when."""

    gate: str
    refuses: bool
    words: str
    until: datetime | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        told = {name: getattr(self, name) for name in ("gate", "refuses", "words", "until")}
        return {**told, "figures": dict(self.figures)}


def settings_of(policy: Policy, runbook: Runbook, resource: str) -> Settings:
    """What policy says about a person's start of this runbook here."""
    _, _, _, region, account, _ = resource.split(":", 5)
    return policy.settings_for(
        runbook.name, runbook.family, runbook.risk, alarm_tags={}, region=region, account=account
    )


def standing(store: Store, policy: Policy, resource: str, runbooks: Sequence[Runbook], now: datetime) -> list[Stands]:
    """Halt, lock, cool-down, chain, breaker and freeze as they are now, for these runbooks on this resource."""
    item = store.get("state", {"key": lock_key(resource)}) or {}
    stands = [*_halts(store, resource, runbooks), *_lock(item, now)]
    for runbook in runbooks:
        settings = settings_of(policy, runbook, resource)
        stands += [*_cool_down(item, runbook.name, settings, now), *_chain(item, runbook.name, settings, now)]
        stands += _breaker(store.get("state", breaker_key(runbook.name)) or {}, runbook.name, settings, now)
        stands += [
            Stands("freeze", True, f"{runbook.name}: {freeze.name}", until)
            for freeze, until in freezes_now(policy, runbook, resource, now)
            if until is not None
        ]
    return list({each.words: each for each in stands}.values())


def freezes_now(
    policy: Policy, runbook: Runbook, resource: str, now: datetime, alarm_tags: Mapping[str, str] | None = None
) -> list[tuple[Freeze, datetime | None]]:
    """The freezes that cover a start now, and until when; None for a Change Calendar, which is asked at the start."""
    subject = Subject.at_admission(runbook.name, runbook.family, runbook.risk, resource, alarm_tags or {})
    about = [each for each in policy.freezes if each.when.covers(subject)]
    told = [(each, each.until(now) if each.calendar is None else None) for each in about]
    return [(each, until) for each, until in told if until is not None or each.calendar is not None]


def _halts(store: Store, resource: str, runbooks: Sequence[Runbook]) -> Iterator[Stands]:
    on = halts(store)
    about = {name for runbook in runbooks for name in names_for(runbook.name, resource)} | set(names_for("", resource))
    for name in sorted(about & on.keys()):
        yield Stands("halt", True, halt_words(name, on[name]), figures={"halt": name, **on[name]})


def _lock(item: Mapping[str, Any], now: datetime) -> Iterator[Stands]:
    if "owner" in item:
        lease = moment(str(item["lease"]))
        lives = lease >= now
        words = f"{item.get('runbook', '?')} has it (run {item['owner']})"
        words += "; asked to stop: " + str(item["cancel"]) if "cancel" in item else ""
        words += "" if lives else "; its lease is over, so the next start closes it"
        yield Stands("lock", lives, words, lease, {"run": item["owner"], "lease": item["lease"]})
    living = [each.split("|", 1) for each in sorted(item.get("holders", ())) if each > stamp(now)]
    for until, run in living:
        yield Stands("lock", True, f"run {run} works on a member of it", moment(until), {"run": run})


def _cool_down(item: Mapping[str, Any], runbook: str, settings: Settings, now: datetime) -> Iterator[Stands]:
    if "changed_at" not in item:
        return
    changed, limit = moment(str(item["changed_at"])), settings.cool_down
    ends = changed + limit.value
    words = f"{runbook}: it was changed {_ago(now - changed)}; the cool-down is {in_words(limit.value)}"
    figures = {"changed_at": changed, "cool_down_seconds": int(limit.value.total_seconds())}
    yield Stands("cool-down", ends > now, f"{words} ({limit.because})", ends, figures)


def _chain(item: Mapping[str, Any], runbook: str, settings: Settings, now: datetime) -> Iterator[Stands]:
    limit, span = settings.chain, settings.chain_within
    for name in sorted(item):
        if not name.startswith("chain|"):
            continue
        symptom, runs = name.removeprefix("chain|"), int(item[name])
        began = moment(str(item[f"chain_since|{symptom}"]))
        over = began + span.value <= now
        refuses = runs >= limit.value and not over
        words = f"{runbook}: {_runs(runs)} did not cure {symptom} since {stamp(began)}; {limit.value} is the most"
        figures = {"symptom": symptom, "runs": runs, "most": limit.value, "since": began}
        yield Stands("chain", refuses, f"{words} ({limit.because})", began + span.value, figures)


def _breaker(item: Mapping[str, Any], runbook: str, settings: Settings, now: datetime) -> Iterator[Stands]:
    fails = int(item.get("fails", 0))
    if not fails:
        return
    limit, rest = settings.breaker, settings.breaker_rest
    tries = [moment(str(item[name])) for name in ("last_fail", "last_try") if name in item]
    until = max(tries) + rest.value if tries else None
    opened = fails >= limit.value
    refuses = opened and until is not None and until > now
    state = "open" if refuses else "half-open: one trial may start" if opened else "closed"
    words = f"{runbook} did not help {fails} times in a row; {limit.value} is the most: {state} ({limit.because})"
    yield Stands("breaker", refuses, words, until if opened else None, {"fails": fails, "most": limit.value})


def _ago(length: timedelta) -> str:
    return f"{in_words(length)} ago" if length >= timedelta(seconds=1) else "just now"


def _runs(count: int) -> str:
    return f"{count} run" if count == 1 else f"{count} runs"
