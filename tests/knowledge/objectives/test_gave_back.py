"""What remediation gave back to an error budget."""

from datetime import UTC, date, datetime, timedelta

from nightcrew.knowledge.objectives.gave_back import gave_back
from nightcrew.knowledge.statistics.day import Count, Day, Lasted
from nightcrew.knowledge.statistics.people import People

DB = "arn:aws:rds:eu-west-1:123456789012:cluster:checkout-db"
OTHER = "arn:aws:rds:eu-west-1:123456789012:cluster:search-db"
RUNBOOK, SYMPTOM = "fail-over-aurora-cluster", "AWS/RDS:CommitLatency:high"
HOUR = {RUNBOOK: timedelta(hours=1)}


def day(*counts: Count, lasted: tuple[Lasted, ...] = ()) -> Day:
    return Day(date(2026, 11, 21), counts, lasted)


def count(outcome: str = "cured", *seconds: float, resource: str = DB, runbook: str = RUNBOOK) -> Count:
    return Count(runbook, "failover", resource, SYMPTOM, outcome, "", len(seconds) or 1, seconds)


def test_a_cure_gives_back_what_people_would_have_taken_longer() -> None:
    """Two runs of ten and of twenty minutes, against an author's hour, which is told as an estimate."""
    told = gave_back([day(count("cured", 600, 1200))], [DB], People([], by_hand=HOUR))
    assert (told.seconds, told.runs) == (3000 + 2400, 2)
    assert dict(told.sources) == {"estimate": 2}


def test_what_was_observed_goes_before_an_estimate() -> None:
    """The same symptom lasted half an hour while Nightcrew only looked."""
    began = datetime(2026, 11, 1, tzinfo=UTC)
    seen = Day(date(2026, 11, 1), (), (Lasted(RUNBOOK, DB, SYMPTOM, "a", "observe", began, 1800.0),))
    days = [seen, day(count("cured", 600))]
    told = gave_back(days, [DB], People(days, by_hand=HOUR))
    assert told.seconds == 1200
    assert dict(told.sources) == {"observed": 1}


def test_a_slow_run_takes_nothing_away() -> None:
    """What took longer than people would have gives back nothing."""
    assert gave_back([day(count("cured", 7200))], [DB], People([], by_hand=HOUR)).seconds == 0


def test_what_did_not_help_gives_nothing_back() -> None:
    """Nor does a refusal."""
    counts = [count(outcome, 60) for outcome in ("failed", "ineffective", "worse", "refused", "cancelled")]
    assert gave_back([day(*counts)], [DB], People([], by_hand=HOUR)).runs == 0


def test_only_its_own_resources_count() -> None:
    """By patterns of ARNs."""
    days = [day(count("cured", 600), count("cured", 600, resource=OTHER))]
    assert gave_back(days, ["arn:aws:rds:*:*:cluster:checkout-*"], People([], by_hand=HOUR)).runs == 1
    assert gave_back(days, ["arn:aws:rds:*:*:cluster:*"], People([], by_hand=HOUR)).runs == 2


def test_where_nobody_knows_peoples_time_it_says_so() -> None:
    """Such a run counts for nothing, and is told as unknown."""
    told = gave_back([day(count("cured", 600, runbook="of-a-team"))], [DB], People([], by_hand=HOUR))
    assert (told.seconds, told.runs, told.unknown) == (0, 0, 1)
