"""``auto`` rests on proofs where policy says so: old ones, failing ones and missing ones demote to ``approve``."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from nightcrew.admission.known import known
from nightcrew.admission.policy_file import load
from nightcrew.admission.proof import Proof, proven
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.clock import StoppedClock
from nightcrew.errors import BadPolicy
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make

NOW = StoppedClock().now()
TODAY = NOW.date()


def wants(ask: Make, *, age: int = 0, share: int = 0, level: Level = Level.AUTO, **more: Any) -> Request:
    """A request under a policy that wants proofs of at most so many days, and such a share."""
    asked = ask()
    settings = replace(
        asked.settings,
        autonomy=Setting(level, "rules[0]"),
        proof_age=Setting(timedelta(days=age), "rules[1]"),
        proof_share=Setting(share, "defaults"),
    )
    return replace(asked, settings=settings, **more)


def seen(days_ago: int | None, tried: int = 10, helped: int = 10) -> Proof:
    last = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Proof(TODAY, last, tried, helped)


def level(request: Request) -> Level:
    return request.settings.autonomy.value


@pytest.mark.parametrize(
    ("proof", "then"),
    [
        (seen(0), Level.AUTO),
        (seen(90), Level.AUTO),
        (seen(91), Level.APPROVE),
        (seen(None), Level.APPROVE),
        (None, Level.APPROVE),
    ],
)
def test_an_old_proof_demotes(ask: Make, proof: Proof | None, then: Level) -> None:
    """Up to the age it holds; never seen to help, or never counted, is none."""
    assert level(proven(wants(ask, age=90, proof=proof), NOW)) is then


@pytest.mark.parametrize(
    ("tried", "helped", "then"),
    [
        (10, 8, Level.AUTO),
        (10, 7, Level.APPROVE),
        (3, 2, Level.APPROVE),
        (2, 0, Level.AUTO),
        (0, 0, Level.AUTO),
    ],
)
def test_a_failing_one_demotes(ask: Make, tried: int, helped: int, then: Level) -> None:
    """Below its share; two runs say nothing yet."""
    assert level(proven(wants(ask, share=80, proof=seen(0, tried, helped)), NOW)) is then


def test_without_a_wish_nothing_is_demoted(ask: Make) -> None:
    """As policy is until somebody writes it there."""
    assert level(proven(wants(ask, proof=seen(400, 10, 0)), NOW)) is Level.AUTO


@pytest.mark.parametrize("low", [Level.OBSERVE, Level.SUGGEST, Level.APPROVE])
def test_what_is_below_auto_stays(ask: Make, low: Level) -> None:
    """A demotion never raises."""
    assert level(proven(wants(ask, age=90, level=low), NOW)) is low


def test_the_reason_says_since_when_and_by_which_line(ask: Make) -> None:
    """It stands in the opening entry."""
    found = proven(wants(ask, age=90, proof=seen(112)), NOW)
    because = found.settings.autonomy.because
    assert because.startswith(f"proof_age of rules[1]: it last helped on {TODAY - timedelta(days=112)}, 112 days ago")
    failing = proven(wants(ask, share=80, proof=seen(0, 10, 5)), NOW)
    assert "it helped 5 of 10 times in 90 days, less than 80 %" in failing.settings.autonomy.because


def test_who_is_asked_has_the_time_to_answer(ask: Make) -> None:
    """The lease lasts for as long as a person may take."""
    asked = wants(ask, age=90)
    assert proven(asked, NOW).lease == asked.lease + asked.settings.approval.value


def test_it_is_kept_and_read_with_the_breaker(ask: Make, store: Store) -> None:
    """No request more: the start asks for the breaker anyway. A later count replaces an earlier one."""
    asked = ask()
    proof = Proof(TODAY, TODAY - timedelta(days=3), 7, 6)
    store.transact([proof.piece(asked.runbook)])
    assert known(asked, store).request.proof == proof
    never = Proof(TODAY, None, 7, 0)
    store.transact([never.piece(asked.runbook)])
    assert known(asked, store).request.proof == never


def test_of_a_runbook_that_nobody_counted_nothing_is_known(ask: Make, store: Store) -> None:
    """A new installation."""
    assert known(replace(ask(), runbook="never-ran"), store).request.proof is None


@pytest.mark.parametrize(
    ("given", "days", "share"), [("proof_age: 90d, proof_share: 80%", 90, 80), ("proof_age: none", 0, 0)]
)
def test_policy_says_it(given: str, days: int, share: int) -> None:
    """In defaults, or for a runbook."""
    policy = load(f"rules:\n  - when: {{runbook: a}}\n    {given.replace(', ', chr(10) + '    ')}\n")
    settings = policy.settings_for("a", "restart", "low", alarm_tags={}, region="eu-west-1", account="1")
    assert (settings.proof_age.value, settings.proof_share.value) == (timedelta(days=days), share)


@pytest.mark.parametrize(
    "given", ["proof_age: 500d", "proof_age: often", "proof_share: 80", "proof_share: 0%", "proof_share: 101%"]
)
def test_what_is_not_allowed_says_what_is(given: str) -> None:
    """``none``, or a length, or a share."""
    with pytest.raises(BadPolicy, match="none, or a"):
        load(f"defaults:\n  {given}\n")


def test_a_day_is_read_back_as_it_was() -> None:
    """Of a plain item, as the table gives it."""
    item = {"key": "proof#a", "counted": "2026-11-21", "tried": 3, "helped": 1}
    assert Proof.of(item) == Proof(date(2026, 11, 21), None, 3, 1)
