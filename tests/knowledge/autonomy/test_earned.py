"""What a runbook's runs allow."""

from datetime import date, timedelta

import pytest

from nightcrew.admission.proof import Proof
from nightcrew.admission.settings import Level
from nightcrew.knowledge.autonomy.earned import BARS, by_tag, earned, proof_of
from nightcrew.knowledge.autonomy.keep import keep
from nightcrew.knowledge.recall.record import wilson_lower
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.ledger.memory import MemoryStore

TODAY = date(2026, 11, 21)
WEB, BATCH = (f"arn:aws:ec2:eu-west-1:123456789012:instance/{name}" for name in ("i-web", "i-batch"))


def count(outcome: str, number: int = 1, *, runbook: str = "restart", resource: str = WEB) -> Count:
    return Count(runbook, "restart", resource, "s", outcome, "", number, (60.0,) * number)


def ago(days: int, *counts: Count) -> Day:
    return Day(TODAY - timedelta(days=days), counts)


def proof(tried: int, helped: int) -> Proof:
    return Proof(TODAY, TODAY, tried, helped)


@pytest.mark.parametrize(
    ("risk", "tried", "helped", "allows"),
    [
        ("disruptive", 0, 0, Level.SUGGEST),
        ("disruptive", 2, 2, Level.SUGGEST),
        ("disruptive", 3, 3, Level.APPROVE),
        ("disruptive", 5, 0, Level.SUGGEST),
        ("disruptive", 9, 9, Level.APPROVE),
        ("disruptive", 10, 10, Level.AUTO),
        ("disruptive", 10, 9, Level.APPROVE),
        ("disruptive", 20, 18, Level.APPROVE),
        ("disruptive", 40, 36, Level.AUTO),
        ("low", 5, 5, Level.AUTO),
        ("low", 5, 3, Level.APPROVE),
        ("data-loss", 100, 100, Level.APPROVE),
    ],
)
def test_evidence_is_enough_for_a_level(risk: str, tried: int, helped: int, allows: Level) -> None:
    """One run that went well says little, and data loss is never by itself."""
    assert earned("restart", risk, proof(tried, helped)).allows is allows


def test_each_risk_has_its_bar() -> None:
    """So that a new one is thought about."""
    assert set(BARS) == {"low", "disruptive", "costly", "data-loss"}
    disruptive = BARS["disruptive"]
    assert disruptive is not None
    assert wilson_lower(disruptive.runs, disruptive.runs) >= disruptive.lower > wilson_lower(8, 8)


@pytest.mark.parametrize(
    ("tried", "helped", "missing"),
    [
        (1, 1, "2 more runs for approve"),
        (2, 2, "1 more run for approve"),
        (4, 4, "6 more runs for auto"),
        (12, 9, "a lower bound of 0.7 for auto"),
    ],
)
def test_what_is_missing_is_said(tried: int, helped: int, missing: str) -> None:
    """So that a team knows what it waits for."""
    assert earned("restart", "disruptive", proof(tried, helped)).missing == missing


def test_only_the_last_ninety_days_count_and_an_old_proof_is_found() -> None:
    """What was tried before says when it last helped, and no more."""
    days = [ago(200, count("cured", 5)), ago(89, count("cured", 2)), ago(1, count("ineffective"), count("refused", 9))]
    found = proof_of(days, "restart", TODAY)
    assert (found.tried, found.helped, found.last) == (3, 2, TODAY - timedelta(days=89))
    assert proof_of(days[:1], "restart", TODAY) == Proof(TODAY, TODAY - timedelta(days=200), 0, 0)


def test_a_tag_has_evidence_of_its_own() -> None:
    """By the resource's tags; what has no such tag counts for the runbook alone."""
    days = [ago(3, count("cured", 10), count("failed", 2, resource=BATCH)), ago(2, count("cured", 1, resource="arn:x"))]
    tags = {WEB: {"service": "web"}, BATCH: {"service": "batch"}}
    batch, web = by_tag(days, "restart", "disruptive", TODAY, tags, "service")
    assert (web.tag, web.proof.tried, web.allows) == ("service=web", 10, Level.AUTO)
    assert (batch.tag, batch.proof.helped, batch.allows) == ("service=batch", 0, Level.SUGGEST)
    assert by_tag(days, "restart", "disruptive", TODAY, tags, "team") == []


def test_the_days_job_keeps_what_ran() -> None:
    """Of runbooks that are in the catalog; again changes nothing."""
    store = MemoryStore()
    days = [ago(1, count("cured", 4), count("cured", 1, runbook="gone"))]
    assert [keep(store, days, ["restart", "never"], TODAY) for _ in range(2)] == [1, 1]
    assert Proof.of(store.get("state", {"key": "proof#restart"})) == Proof(TODAY, TODAY - timedelta(days=1), 4, 4)
    assert store.get("state", {"key": "proof#gone"}) is None


def test_more_than_a_transaction_takes_are_kept_in_several() -> None:
    """A team's catalog may be large."""
    store = MemoryStore()
    names = [f"r{number}" for number in range(60)]
    days = [ago(1, *(count("cured", runbook=name) for name in names))]
    assert keep(store, days, names, TODAY) == 60
    assert store.get("state", {"key": "proof#r59"}) is not None
