"""Random nights: whatever happens in whatever order, the gates decide as the rules say, in words of the same gate."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from nightcrew.admission.admit import admit, settled
from nightcrew.admission.alarms import changed, ok
from nightcrew.admission.cancelling import cancel
from nightcrew.admission.closing import close
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.freezes import frozen
from nightcrew.admission.gates import GATES
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.halting import lift_halt, set_halt
from nightcrew.admission.hold import hold
from nightcrew.admission.policy import Policy
from nightcrew.admission.request import AlarmSeen, Group, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import ConditionFailed
from tests.admission.rules import AT_ONCE, HOURLY, Decision, Rules, Running

WHERE = "arn:aws:ec2:eu-west-1:123456789012"
MEMBERS = [f"{WHERE}:instance/i-{letter}" for letter in "abc"]
GROUP = f"{WHERE}:group/g"
RESOURCES = st.sampled_from([*MEMBERS, *MEMBERS, GROUP])
RUNBOOKS = st.sampled_from(["restart", "resize"])
SYMPTOMS = st.sampled_from(["status", "status", "disk"])
OUTCOMES = st.sampled_from(["failed", "failed", "failed", "ineffective", "worse", "succeeded", "cured", "cancelled"])
HALTS = st.sampled_from(["all", "runbook|restart", "account|999999999999"])
NIGHTLY = Freeze(0, "the backup", "04:40", "05:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
POLICY = Policy("the-model", freezes=(NIGHTLY,))
EXAMPLES, STEPS = 25, 40
ROUNDS = 8
"""Of so many nights, at most: what Hypothesis draws also depends on which of our modules are loaded, and in some
rounds nobody fails three times in a chain."""


class Night(RuleBasedStateMachine):
    """Three instances of one group, two runbooks, an alarm for each resource and symptom."""

    played: ClassVar[Counter[str]] = Counter()
    nights: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).nights += 1
        self.clock = StoppedClock()
        self.store = MemoryStore()
        self.model = Rules(played=self.played)
        self.numbers = itertools.count(1)
        self.signals: list[Request] = []
        self.oks: dict[str, datetime] = {}

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # --- what may happen

    @rule(resource=RESOURCES, runbook=RUNBOOKS, symptom=SYMPTOMS)
    def a_person_asks(self, resource: str, runbook: str, symptom: str) -> None:
        self.asks(self.request(resource, runbook, symptom, Level.OBSERVE))

    @rule(
        resource=RESOURCES,
        runbook=RUNBOOKS,
        symptom=SYMPTOMS,
        age=st.sampled_from([0, 0, 0, 60, 901]),
        level=st.sampled_from([Level.AUTO, Level.AUTO, Level.AUTO, Level.APPROVE, Level.SUGGEST]),
    )
    def an_alarm_fires(self, resource: str, runbook: str, symptom: str, age: int, level: Level) -> None:
        at = self.now - timedelta(seconds=age)
        arn = f"alarm of {resource} {symptom}"
        seen = AlarmSeen(arn, arn, at, f"{arn}\t{stamp(at)}", "high")
        asked = self.request(resource, runbook, symptom, level)
        request = replace(asked, by="alarm", actor=f"alarm: {arn}", alarm=seen)
        self.signals.append(request)
        self.asks(request)

    @rule(resource=st.sampled_from(MEMBERS), symptom=SYMPTOMS)
    def an_alarm_comes_and_goes(self, resource: str, symptom: str) -> None:
        """Twice within four minutes, the last time a minute ago; nobody is asked."""
        self.flips(resource, symptom, 4)

    @rule(resource=st.sampled_from(MEMBERS), runbook=RUNBOOKS, flips=st.sampled_from([2, 4]))
    def an_alarm_flaps_on_a_quiet_day(self, resource: str, runbook: str, flips: int) -> None:
        """And fires once more: of the gates only flap has something to think about."""
        self.clock.sleep(24 * 3600)
        self.flips(resource, "status", flips)
        self.an_alarm_fires(resource, runbook, "status", 0, Level.AUTO)

    def flips(self, resource: str, symptom: str, times: int) -> None:
        """The alarm changes its state, each minute until a minute ago; the last time to OK."""
        arn = f"alarm of {resource} {symptom}"
        for minutes in range(times, 0, -1):
            at = self.now - timedelta(minutes=minutes)
            known = self.model.alarms.setdefault(arn, set())
            if minutes % 2:
                ok(self.store, arn, None, at)
                newest = self.oks.get(arn)
                if known and (newest is None or newest <= at):
                    self.oks[arn] = at
                    known.add(at)
            else:
                seen = AlarmSeen(arn, arn, at, f"{arn}\t{stamp(at)}", "high")
                self.store.transact([changed(seen, (), self.now)])
                known.add(at)

    @precondition(lambda self: self.signals)
    @rule(which=st.integers(0, 99))
    def a_signal_comes_again(self, which: int) -> None:
        before = self.signals[-1 - which % len(self.signals)]
        self.asks(replace(before, run=f"run-{next(self.numbers)}", at=self.now))

    @precondition(lambda self: self.model.owners)
    @rule(which=st.integers(0, 9))
    def a_run_takes_hold(self, which: int) -> None:
        running = self.one(which)
        if running.group is None and running.request.resource != GROUP:
            self.holds(running)

    @rule(resource=st.sampled_from(MEMBERS), runbook=RUNBOOKS, symptom=SYMPTOMS)
    def a_person_works_on_a_member(self, resource: str, runbook: str, symptom: str) -> None:
        """It takes hold as soon as it has started: so most do."""
        if self.asks(self.request(resource, runbook, symptom, Level.OBSERVE)):
            self.holds(self.model.owners[resource])

    @rule(resource=st.sampled_from(MEMBERS), runbook=RUNBOOKS, late=st.sampled_from([-1, 0, 1199, 1200]))
    def a_person_asks_near_the_backup(self, resource: str, runbook: str, late: int) -> None:
        """The next night's, which is frozen."""
        begins = self.now.replace(hour=4, minute=40, second=0) + timedelta(days=1)
        self.clock.sleep((begins - self.now).total_seconds() + late)
        self.asks(self.request(resource, runbook, "status", Level.AUTO))

    @precondition(lambda self: self.model.owners)
    @rule(which=st.integers(0, 9), undoing=st.sampled_from([False, False, True]))
    def a_run_changes_something(self, which: int, undoing: bool) -> None:
        self.changes_something(self.one(which), undoing=undoing)

    @precondition(lambda self: self.model.owners)
    @rule(which=st.integers(0, 9))
    def somebody_cancels(self, which: int) -> None:
        running = self.one(which)
        running.cancelled = True
        assert "cancelled by ada" in cancel(self.store, running.request.run, by="ada", reason="", now=self.now).words

    @precondition(lambda self: self.model.owners)
    @rule(which=st.integers(0, 9), outcome=OUTCOMES)
    def a_run_ends(self, which: int, outcome: str) -> None:
        self.ends(self.one(which), outcome)

    @rule(resource=st.sampled_from(MEMBERS), runbook=RUNBOOKS, outcome=OUTCOMES, hold=st.booleans())
    def a_whole_run(self, resource: str, runbook: str, outcome: str, hold: bool) -> None:
        """From its start to its end at once: nights are mostly these."""
        if not self.asks(self.request(resource, runbook, "status", Level.AUTO)):
            return
        running = self.model.owners[resource]
        if hold:
            self.holds(running)
        elif outcome in {"succeeded", "worse"}:
            self.changes_something(running)
        if self.model.owners.get(resource) is running:
            self.ends(running, outcome)

    @rule(runbook=RUNBOOKS, outcomes=st.lists(OUTCOMES, min_size=2, max_size=4), hold=st.booleans())
    def a_run_on_each_of_several(self, runbook: str, outcomes: list[str], hold: bool) -> None:
        """One runbook, one after the other: a breaker is about all of them, and so is a group's hour."""
        for resource, outcome in zip(itertools.cycle(MEMBERS), outcomes, strict=False):
            self.a_whole_run(resource, runbook, outcome, hold)

    @rule(resource=st.sampled_from(MEMBERS), runbook=RUNBOOKS)
    def a_runbook_does_not_help_twice(self, resource: str, runbook: str) -> None:
        """And is asked for once more: chain has something to think about in every night."""
        for _ in range(2):
            self.a_whole_run(resource, runbook, "failed", hold=False)
            self.clock.sleep(16 * 60)
        self.asks(self.request(resource, runbook, "status", Level.AUTO))

    @rule(runbook=RUNBOOKS, seconds=st.sampled_from([-1, 0]))
    def somebody_asks_at_the_end_of_a_chain(self, runbook: str, seconds: int) -> None:
        """Six hours after the first run that did not help."""
        for (resource, symptom), (runs, since) in list(self.model.chains.items()):
            left = (since + timedelta(hours=6) - self.now).total_seconds() + seconds
            if runs > 1 and left > 0:
                self.clock.sleep(left)
                self.asks(self.request(resource, runbook, symptom, Level.AUTO))
                return

    @rule(minutes=st.sampled_from([1, 5, 15, 16, 30, 60, 61, 120, 361]))
    def time_passes(self, minutes: int) -> None:
        self.clock.sleep(60 * minutes)

    @rule(seconds=st.sampled_from([-1, 0]))
    def time_passes_to_the_end_of_a_cool_down(self, seconds: int) -> None:
        for changed_at in self.model.changed.values():
            left = (changed_at + timedelta(minutes=15) - self.now).total_seconds() + seconds
            if left > 0:
                self.clock.sleep(left)
                return

    @rule(name=HALTS)
    def somebody_halts(self, name: str) -> None:
        set_halt(self.store, name, by="ada", reason="stop", now=self.now)
        self.model.halts.add(name)

    @precondition(lambda self: self.model.halts)
    @rule()
    def the_halts_are_lifted(self) -> None:
        for name in self.model.halts:
            lift_halt(self.store, name)
        self.model.halts.clear()

    # --- what must hold

    @invariant()
    def the_locks_are_those_of_the_runs(self) -> None:
        for resource in (*MEMBERS, GROUP):
            item = self.store.get("state", {"key": lock_key(resource)}) or {}
            running = self.model.owners.get(resource)
            assert item.get("owner") == (running.request.run if running else None)
            holders = {member.split("|", 1)[1] for member in item.get("holders", ())}
            assert holders == set(self.model.holders.get(resource, {}))

    # --- how

    def request(self, resource: str, runbook: str, symptom: str, level: Level) -> Request:
        says = Settings(
            autonomy=Setting(level, "the model"),
            budget_at_once=Setting(Share(AT_ONCE), "the model"),
            budget_hour=Setting(Share(HOURLY), "the model"),
        )
        return Request(
            run=f"run-{next(self.numbers)}",
            runbook=runbook,
            family="restart",
            risk="low",
            parameters={},
            resource=resource,
            symptom=symptom,
            by="person",
            actor="ada",
            at=self.now,
            deadline=timedelta(minutes=45),
            lease=timedelta(hours=1),
            settings=says,
            policy="the-model",
        )

    def asks(self, request: Request) -> bool:
        """Ask the gates and the rules; whether it was admitted."""
        freeze = NIGHTLY.until(self.now)
        expected = self.model.admit(request, self.now, freeze, str(request.settings.autonomy.value))
        assert said(lambda: admit(request, self.store, self.clock, self.looked_up)) == expected
        if expected[0] != "claim":
            settled(request, self.store)
        return expected == (None, None)

    def looked_up(self, request: Request) -> Request:
        return replace(request, frozen=frozen(POLICY, request, self.now, None))

    def one(self, which: int) -> Running:
        """One of the runs that have their resource, dead or alive."""
        running = list(self.model.owners.values())
        return running[which % len(running)]

    def holds(self, running: Running) -> None:
        request, sizes = running.request, [Group(GROUP)]
        expected = self.model.hold(running, GROUP, self.now)
        gate, until = said(lambda: hold(request, sizes, request.settings, self.store, self.now))
        if gate == "budget" and expected == ("budget", None):
            # Both budgets refuse: either end may be told.
            until = None
        assert (gate, until) == expected
        if gate is not None:
            self.ends(running, "refused")

    def changes_something(self, running: Running, *, undoing: bool = False) -> None:
        request = running.request
        guard = RunGuard(request.run, request.runbook, request.resource, self.store, self.clock)
        expected = None if undoing else self.model.change(running, self.now)
        if undoing:
            self.model.changed[request.resource] = self.now
        ending = None
        try:
            self.store.transact(guard.pieces(undoing=undoing))
        except ConditionFailed as failed:
            ending = guard.why(failed)["ending"]
        assert ending == expected

    def ends(self, running: Running, outcome: str) -> None:
        request = replace(running.request, failures=running.failures)
        entry = opening(self.store, request.run)
        assert entry is not None
        groups = [running.group] if running.group else []
        close(request, groups, outcome, "so it ended", {}, Book(self.store, self.clock, request.run, 0, entry.hash))
        self.model.close(running, outcome)
        last = tail(self.store, request.run)
        assert last is not None
        assert last.body["outcome"] == outcome


def said(what: Callable[[], object]) -> Decision:
    """The gate that refuses, with words, and when that ends; None and None where it is done."""
    try:
        what()
    except Refused as refusal:
        return (refusal.gate, refusal.until) if refusal.words else ("it said nothing", None)
    return None, None


def test_random_nights_are_decided_as_the_rules_say(capsys: pytest.CaptureFixture[str]) -> None:
    """And each gate refuses somebody and admits somebody who gave it something to think about."""
    Night.played, Night.nights = Counter(), 0
    plan = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    played = Night.played
    for again in range(ROUNDS):
        run_state_machine_as_test(seed(again)(Night), settings=plan)
        if not unseen(played):
            break
    with capsys.disabled():
        told = ", ".join(
            f"{gate.name} {played[f'{gate.name} refused']}/{played[f'{gate.name} admitted']}" for gate in GATES
        )
        print(f"\n{Night.nights} nights of {STEPS} steps; refused/admitted: {told}")  # noqa: T201  for the log
    assert Night.nights >= EXAMPLES
    assert unseen(played) == []


def unseen(played: Counter[str]) -> list[str]:
    """What no night has brought about so far."""
    wanted = [f"{gate.name} {what}" for gate in GATES for what in ("refused", "admitted")]
    return [each for each in wanted if not played[each]]
