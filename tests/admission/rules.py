"""The rules of admission once more, in plain Python over a few dictionaries: what test_model holds the gates to.

Written from the design's table of gates, and from nothing of nightcrew's but its request; read it beside that table.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nightcrew.admission.request import Request

Decision = tuple[str | None, datetime | None]
"""The gate that refuses, None where the run may start; and when that ends by itself."""

COOL_DOWN, CHAIN, WITHIN = timedelta(minutes=15), 2, timedelta(hours=6)
BREAKER, REST = 3, timedelta(hours=1)
FLAPS, SPAN, STALE = 4, timedelta(minutes=30), timedelta(minutes=15)
AT_ONCE, HOURLY = 2, 3
DID_NOT_HELP, HELPED = {"failed", "ineffective", "worse"}, {"cured", "succeeded"}


@dataclass
class Running:
    """A run that has not been closed."""

    request: Request
    failures: int
    group: str | None = None
    cancelled: bool = False

    @property
    def lease(self) -> datetime:
        return self.request.at + self.request.lease


@dataclass
class Rules:
    """Everything that the gates remember. ``played`` counts what each gate said."""

    owners: dict[str, Running] = field(default_factory=dict)
    holders: dict[str, dict[str, datetime]] = field(default_factory=dict)
    hours: Counter[str] = field(default_factory=Counter)
    changed: dict[str, datetime] = field(default_factory=dict)
    chains: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    fails: dict[str, int] = field(default_factory=dict)
    last_fail: dict[str, datetime] = field(default_factory=dict)
    last_try: dict[str, datetime] = field(default_factory=dict)
    alarms: dict[str, set[datetime]] = field(default_factory=dict)
    claims: set[str] = field(default_factory=set)
    halts: set[str] = field(default_factory=set)
    played: Counter[str] = field(default_factory=Counter)

    def admit(self, request: Request, now: datetime, frozen: datetime | None, level: str) -> Decision:
        """Whether it may start. A signal is decided once, whatever the decision."""
        alarm = request.alarm
        if alarm is not None and alarm.claim in self.claims:
            return self._said("claim", None)
        failures = self.fails.get(request.runbook, 0)
        changes: set[datetime] = set()
        if alarm is not None:
            changes = self.alarms.setdefault(alarm.arn, set())
            changes.add(alarm.at)
        gate, until = self._looked(request, now, frozen, level, changes)
        if gate is None:
            gate, until = self._competed(request, now, failures)
        if alarm is not None:
            self.claims.add(alarm.claim)
        if gate is not None:
            return self._said(gate, until)
        for name in self._in_play(request, failures, changes):
            self.played[f"{name} admitted"] += 1
        if failures >= BREAKER:
            self.last_try[request.runbook] = now
        self.holders.pop(request.resource, None)
        self.owners[request.resource] = Running(request, failures)
        return None, None

    def _looked(
        self, request: Request, now: datetime, frozen: datetime | None, level: str, changes: set[datetime]
    ) -> Decision:
        recent = sorted(change for change in changes if change > now - SPAN)
        if len(recent) > FLAPS:
            return "flap", recent[-FLAPS - 1] + SPAN
        if request.alarm is not None and request.alarm.at < now - STALE:
            return "stale", None
        if frozen is not None:
            return "freeze", frozen
        if request.by == "alarm" and level in {"observe", "suggest"}:
            return "autonomy", None
        return None, None

    def _competed(self, request: Request, now: datetime, failures: int) -> Decision:
        resource, runbook = request.resource, request.runbook
        owner = self.owners.get(resource)
        if owner is not None and owner.lease < now:
            self.close(owner, "failed", abandoned=True)
            owner = None
        if self._halted(request):
            return "halt", None
        if owner is not None:
            return "lock", owner.lease
        living = [lease for lease in self.holders.get(resource, {}).values() if lease >= now]
        if living:
            return "lock", max(living)
        if resource in self.changed and now < self.changed[resource] + COOL_DOWN:
            return "cool-down", self.changed[resource] + COOL_DOWN
        runs, since = self.chains.get((resource, request.symptom), (0, now))
        if runs >= CHAIN and now < since + WITHIN:
            return "chain", since + WITHIN
        if failures >= BREAKER and self.fails.get(runbook, 0) >= BREAKER:
            times = [self.last_fail[runbook], *([self.last_try[runbook]] if runbook in self.last_try else [])]
            if now < max(times) + REST:
                return "breaker", max(times) + REST
        return None, None

    def hold(self, running: Running, group: str, now: datetime) -> Decision:
        """Whether it may go on, on a member of this group."""
        owner = self.owners.get(group)
        if owner is not None and owner.lease < now:
            self.close(owner, "failed", abandoned=True)
            owner = None
        if owner is not None:
            return self._said("lock", owner.lease)
        hour = f"{group} {now:%d %H}"
        holders = self.holders.get(group, {})
        living = {run: lease for run, lease in holders.items() if lease >= now}
        if len(living) >= AT_ONCE:
            if self.hours[hour] >= HOURLY:
                return self._said("budget", None)
            return self._said("budget", min(living.values()))
        if self.hours[hour] >= HOURLY:
            return self._said("budget", now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        if holders or self.hours[hour]:
            self.played["budget admitted"] += 1
        self.holders[group] = {**(living if len(holders) >= AT_ONCE else holders), running.request.run: running.lease}
        self.hours[hour] += 1
        running.group = group
        return None, None

    def change(self, running: Running, now: datetime) -> str | None:
        """Whether it may change something now: the ending, None where it may."""
        if running.cancelled:
            return "cancelled"
        if self._halted(running.request):
            return "cancelled"
        self.changed[running.request.resource] = now
        return None

    def close(self, running: Running, outcome: str, *, abandoned: bool = False) -> None:
        """It ends; what it held is free, and what it was like is counted."""
        request = running.request
        del self.owners[request.resource]
        if running.group is not None and not abandoned:
            self.holders[running.group].pop(request.run, None)
        key = (request.resource, request.symptom)
        if outcome in HELPED:
            self.chains.pop(key, None)
            if running.failures:
                for kept in (self.fails, self.last_fail, self.last_try):
                    kept.pop(request.runbook, None)
        elif outcome in DID_NOT_HELP:
            runs, since = self.chains.get(key, (0, request.at))
            fresh = runs == 0 or request.at >= since + WITHIN
            self.chains[key] = (1, request.at) if fresh else (runs + 1, since)
            self.fails[request.runbook] = self.fails.get(request.runbook, 0) + 1
            self.last_fail[request.runbook] = request.at

    def _halted(self, request: Request) -> bool:
        account = request.resource.split(":")[4]
        return bool(self.halts & {"all", f"runbook|{request.runbook}", f"account|{account}"})

    def _in_play(self, request: Request, failures: int, changes: set[datetime]) -> list[str]:
        """The gates that had something to think about when it was admitted."""
        there = {
            "halt": self.halts,
            "claim": request.alarm is not None and self.claims,
            "lock": self.owners or self.holders,
            "cool-down": request.resource in self.changed,
            "chain": (request.resource, request.symptom) in self.chains,
            "breaker": failures >= BREAKER,
            "flap": len(changes) > 1,
            "stale": request.alarm is not None and request.alarm.at < request.at,
            "freeze": True,
            "autonomy": request.by == "alarm",
        }
        return [name for name, plays in there.items() if plays]

    def _said(self, gate: str, until: datetime | None) -> Decision:
        self.played[f"{gate} refused"] += 1
        return gate, until
