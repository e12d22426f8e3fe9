"""Measure 6: matching a signal to its runbook, at ten triggers and at ten thousand: the whole of ``match``."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from statistics import median

from bench.pairs import ratio, turns, undisturbed
from bench.report import Row
from nightcrew.admission.policy import Policy
from nightcrew.authoring.triggers import Alarm, TriggerIndex
from nightcrew.dispatch.matching import match
from nightcrew.signals import Metric, Signal

FEW, MANY = 10, 10_000
SIGNALS = 10_000
AT_ONCE = 1_000
"""Signals of one turn: some milliseconds, so that what disturbs the machine disturbs both of a pair, or few pairs."""
ROUNDS = 250
MOST, LEAST = 1.3, 200_000
_STEP = 3_571
"""Prime to the counts: signal after signal is about another trigger, and none about its neighbour."""


@dataclass(frozen=True)
class _Known:
    """A runbook, as far as matching looks at it."""

    name: str
    triggers: tuple[Alarm, ...]
    said_at_call: tuple[str, ...] = ()


def measure() -> Row:
    """As many signals against few triggers as against many, turn by turn in one process."""
    few, many = _Contest(FEW), _Contest(MANY)
    few_taken, many_taken = turns(ROUNDS, few.seconds, many.seconds)
    finds = turns(ROUNDS, few.finding, many.finding)
    slower = ratio(many_taken, few_taken)
    rates = [AT_ONCE / undisturbed(taken) for taken in (few_taken, many_taken)]
    return Row(
        measure=6,
        name=f"matching: time at {MANY:,} triggers ÷ at {FEW}",
        value=round(slower, 2),
        unit="×",
        goal=f"≤ {MOST}; ≥ {LEAST:,}/s",
        met=slower <= MOST and rates[1] >= LEAST,
        how=f"all of match() (policy, tags, index, parameters, symptom), {SIGNALS:,} signals in turn about each "
        f"trigger, every one found; median of {ROUNDS} pairs, {AT_ONCE:,} signals at a time. Undisturbed "
        f"{rates[0]:,.0f}/s at {FEW}, {rates[1]:,.0f}/s at {MANY:,} (median {AT_ONCE / median(many_taken):,.0f}/s). "
        f"The index alone, where memory's caches tell: {ratio(finds[1], finds[0]):.2f} × at "
        f"{AT_ONCE / undisturbed(finds[1]):,.0f}/s",
    )


class _Contest:
    """So many triggers, and signals that come about each of them in turn."""

    def __init__(self, triggers: int) -> None:
        runbooks = [_runbook(number) for number in range(triggers)]
        self._known = {each.name: each for each in runbooks}
        self._index = TriggerIndex((each.name, trigger) for each in runbooks for trigger in each.triggers)
        signals = [_signal(number * _STEP % triggers, number) for number in range(SIGNALS)]
        self._policy = Policy("bench")
        _check(signals, self._index, self._policy, self._known, triggers)
        self._turns = cycle([signals[first : first + AT_ONCE] for first in range(0, SIGNALS, AT_ONCE)])

    def seconds(self) -> float:
        """For the next of the signals."""
        index, policy, known, signals = self._index, self._policy, self._known, next(self._turns)
        began = time.perf_counter()
        for signal in signals:
            match(signal, index, policy, known)
        return time.perf_counter() - began

    def finding(self) -> float:
        """The same, the index alone."""
        find = self._index.find
        asked = [(signal.metrics[0], signal.direction) for signal in next(self._turns)]
        began = time.perf_counter()
        for metric, direction in asked:
            find(metric, direction)
        return time.perf_counter() - began


def _runbook(number: int) -> _Known:
    trigger = Alarm(f"Team/{number % 97}", f"Metric{number}", direction="high", instance_id="InstanceId")
    return _Known(f"runbook-{number}", (trigger,))


def _signal(trigger: int, number: int) -> Signal:
    """Made of texts of its own, as those of an event are."""
    name = f"alarm-{number}"
    return Signal(
        event=f"event-{number}",
        form="metric",
        alarm=f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{name}",
        name=name,
        account="123456789012",
        region="eu-west-1",
        state="ALARM",
        previous="OK",
        at=datetime(2026, 11, 21, 3, tzinfo=UTC),
        reason="Threshold Crossed",
        metrics=(Metric(f"Team/{trigger % 97}", f"Metric{trigger}", {"InstanceId": f"i-{number:017x}"}),),
        direction="high",
        contributor=None,
        children=(),
        tags={},
        muted_until=None,
        suppressed_by=None,
    )


def _check(
    signals: Sequence[Signal], index: TriggerIndex, policy: Policy, known: dict[str, _Known], triggers: int
) -> None:
    """It is no measure of matching unless each signal finds its own runbook, and each runbook is found."""
    found = {match(signal, index, policy, known).runbook for signal in signals}
    if len(found) != triggers or None in found:
        raise RuntimeError(f"{len(found)} of {triggers} runbooks were found")
