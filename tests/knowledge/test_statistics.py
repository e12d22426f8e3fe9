"""Statistics: what is counted, what it is measured against, and what is not known."""

from datetime import date, timedelta
from typing import Any

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.knowledge.statistics.day import Count, Lasted
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.statistics import BY, Statistics, statistics
from tests.knowledge.chronicle import DAY, INSTANCE, MINUTE, NIGHT, SYMPTOM, Chronicle

LAST = NIGHT.date()
NAME = "restart-ec2-instance"
BY_HAND = "by hand:restart-ec2-instance"
LONG_AGO = NIGHT - 60 * DAY


@pytest.fixture
def chronicle() -> Chronicle:
    return Chronicle()


def told(
    chronicle: Chronicle,
    by: str = "runbook",
    since: date = LAST,
    *,
    history: tuple[Lasted, ...] = (),
    estimate: timedelta | None = None,
) -> Statistics:
    """The figures up to the night, of a year."""
    known = days(chronicle.store, LAST - 365 * DAY, LAST, now=NIGHT + DAY)
    by_hand = {NAME: estimate} if estimate else {}
    return statistics(known, since, LAST, by=by, by_hand=by_hand, families={NAME: "restart"}, history=history)


def test_success_is_of_those_that_were_tried(chronicle: Chronicle) -> None:
    """One that was cancelled, declined, or found nothing to do says nothing of the runbook; nor does a refusal."""
    for outcome in ("cured", "cured", "failed", "cancelled", "declined", "not_applicable"):
        chronicle.ran(NIGHT, outcome)
    chronicle.refused(NIGHT)
    (one,) = told(chronicle).groups
    assert (one.name, one.runs, one.tried, one.helped, one.refused) == (NAME, 6, 3, 2, 1)
    assert one.success == pytest.approx(2 / 3)


def test_what_nobody_knows_is_no_number(chronicle: Chronicle) -> None:
    chronicle.refused(NIGHT)
    (one,) = told(chronicle).groups
    assert (one.runs, one.success, one.median, one.p90, one.people_median, one.saved) == (
        0,
        None,
        None,
        None,
        None,
        None,
    )
    assert {value for name, value in one.to_dict().items() if name.endswith("_seconds")} == {None}


def test_median_and_p90_are_of_the_runs_own_times(chronicle: Chronicle) -> None:
    """Only of those that helped; nine of ten took no longer than p90."""
    for minutes in range(1, 11):
        chronicle.ran(NIGHT, "succeeded", symptom=BY_HAND, took=minutes * MINUTE)
    chronicle.ran(NIGHT, "failed", symptom=BY_HAND, took=300 * MINUTE)
    (one,) = told(chronicle).groups
    assert (one.median, one.p90) == (330, 540)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("runbook", [NAME, "grow-ebs-volume"]),
        ("family", ["restart", "scale-out"]),
        ("resource", [INSTANCE.format(1), INSTANCE.format(2)]),
        ("symptom", [SYMPTOM, "CWAgent:disk_used_percent:high"]),
        ("week", ["2026-W46", "2026-W47"]),
    ],
)
def test_figures_are_by_what_is_asked_for_the_busiest_first_weeks_in_order(
    chronicle: Chronicle, by: str, names: list[str]
) -> None:
    """A refusal knows no family: the catalog does."""
    chronicle.ran(NIGHT)
    chronicle.ran(NIGHT)
    chronicle.refused(NIGHT)
    disk, last_week = "CWAgent:disk_used_percent:high", NIGHT - 7 * DAY
    chronicle.ran(last_week, runbook="grow-ebs-volume", family="scale-out", resource="2", symptom=disk)
    found = told(chronicle, by, LAST - 7 * DAY)
    assert [each.name for each in found.groups] == names
    assert sorted((each.runs, each.refused) for each in found.groups) == [(1, 0), (2, 1)]
    assert (found.total.runs, found.total.refused) == (3, 1)


def test_only_the_days_asked_for_are_counted(chronicle: Chronicle) -> None:
    """Both of them included."""
    for back in range(4):
        chronicle.ran(NIGHT - back * DAY)
    assert told(chronicle, since=LAST - 2 * DAY).total.runs == 3
    assert [week.runs for week in told(chronicle, since=LAST - 10 * DAY).weeks] == [0, 4]


def test_peoples_time_is_what_was_observed(chronicle: Chronicle) -> None:
    """Rather than what an alarm history says; that rather than an author's estimate. The median, of this symptom."""
    chronicle.ran(NIGHT)
    chronicle.ran(NIGHT, symptom=BY_HAND, outcome="succeeded")
    old = Lasted(NAME, INSTANCE.format(1), SYMPTOM, "checks", "history", LONG_AGO, 7200.0)

    def sources(*history: Lasted) -> tuple[dict[str, int], float | None]:
        total = told(chronicle, "symptom", history=history, estimate=20 * MINUTE).groups
        one = next(each for each in total if each.name == SYMPTOM)
        return one.sources, one.people_median

    assert sources() == ({"estimate": 1}, 20 * 60)
    assert sources(old) == ({"history": 1}, 7200)
    for minutes in (10, 30, 300):
        chronicle.lasted(LONG_AGO, minutes * MINUTE)
    assert sources(old) == ({"observed": 1}, 30 * 60)
    assert told(chronicle, history=(old,), estimate=MINUTE).total.sources == {"observed": 1, "estimate": 1}


def test_an_alarm_while_nightcrew_worked_on_the_resource_was_in_nobodys_hands(chronicle: Chronicle) -> None:
    """Nor is one for which a runbook was suggested, since people may have started it."""
    chronicle.ran(NIGHT)
    chronicle.ran(LONG_AGO, "failed", resource="7", symptom="something else")
    chronicle.lasted(LONG_AGO + DAY, 36 * 60 * MINUTE, resource="7")
    chronicle.lasted(LONG_AGO, level="suggest")
    assert told(chronicle).total.sources == {}
    chronicle.lasted(LONG_AGO, resource="8")
    assert told(chronicle).total.sources == {"observed": 1}


def test_toil_saved_is_net_of_what_did_not_help_and_of_what_people_were_asked(chronicle: Chronicle) -> None:
    chronicle.lasted(LONG_AGO, 60 * MINUTE)
    for _ in range(2):
        chronicle.ran(NIGHT, asked=3 * MINUTE)
    chronicle.ran(NIGHT, "failed", took=25 * MINUTE, asked=2 * MINUTE)
    chronicle.ran(NIGHT, "declined", took=10 * MINUTE, asked=1 * MINUTE)
    chronicle.ran(NIGHT, "not_applicable", took=10 * MINUTE)
    saved = told(chronicle).total.saved
    assert saved is not None
    assert (saved.hands, saved.lost, saved.asked) == (7200, 25 * 60, 9 * 60)
    assert saved.net == 7200 - 25 * 60 - 9 * 60


def test_toil_may_be_lost(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT, "worse", took=25 * MINUTE)
    saved = told(chronicle).total.saved
    assert saved is not None
    assert saved.net == -25 * 60


def test_a_run_of_which_nobody_knows_what_people_take_saves_nothing_and_that_is_said(chronicle: Chronicle) -> None:
    chronicle.lasted(LONG_AGO, 60 * MINUTE)
    chronicle.ran(NIGHT)
    chronicle.ran(NIGHT, symptom="another:symptom:high")
    saved = told(chronicle).total.saved
    assert saved is not None
    assert (saved.net, saved.unknown) == (3600, 1)


def test_refusals_are_told_by_gate_the_busiest_first(chronicle: Chronicle) -> None:
    for gate in ("lock", "flap", "flap"):
        chronicle.refused(NIGHT, gate)
    assert list(told(chronicle).gates.items()) == [("flap", 2), ("lock", 1)]


def test_the_most_frequent_symptoms_are_of_alarms(chronicle: Chronicle) -> None:
    """However they were answered; a start by hand answers none."""
    chronicle.ran(NIGHT, "succeeded", symptom=BY_HAND)
    chronicle.ran(NIGHT, "failed")
    chronicle.ran(NIGHT)
    chronicle.refused(NIGHT)
    chronicle.refused(NIGHT, symptom="other")
    first, second = told(chronicle).symptoms
    assert (first.symptom, first.alarms, first.runs, first.helped, first.refused) == (SYMPTOM, 3, 2, 1, 1)
    assert (second.symptom, second.alarms) == ("other", 1)


def test_a_runbook_that_helped_nobody_for_ninety_days_has_an_old_proof(chronicle: Chronicle) -> None:
    """What stands in the way of it was tried or refused is counted over a year, whatever span is asked for."""
    chronicle.ran(NIGHT - 91 * DAY)
    chronicle.ran(NIGHT, "failed")
    chronicle.refused(NIGHT)
    (old,) = told(chronicle, estimate=MINUTE).proofs
    assert (old.runbook, old.last, old.tried, old.refused) == (NAME, LAST - 91 * DAY, 2, 1)
    chronicle.ran(NIGHT - 90 * DAY)
    assert told(chronicle, estimate=MINUTE).proofs == ()


def test_a_runbook_that_never_helped_has_none_and_one_that_is_gone_needs_none(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT - 200 * DAY, runbook="one-that-is-gone")
    (old,) = told(chronicle, estimate=MINUTE).proofs
    assert (old.runbook, old.last, old.tried) == (NAME, None, 0)


def test_the_sum_of_the_groups_is_the_whole(chronicle: Chronicle) -> None:
    """By whatever they are: no run is counted twice or lost."""
    chronicle.lasted(LONG_AGO, 60 * MINUTE)
    for number in range(12):
        outcome = ("cured", "failed", "succeeded", "worse")[number % 4]
        chronicle.ran(NIGHT - number * DAY, outcome, resource=str(number % 3), asked=MINUTE)
        chronicle.refused(NIGHT - number * DAY, symptom=str(number % 2))

    def sums(groups: tuple[Figures, ...]) -> list[float]:
        saved = sum(each.saved.net for each in groups if each.saved)
        return [sum(each.runs for each in groups), sum(each.refused for each in groups), saved]

    for by in ("runbook", "family", "resource", "symptom", "week"):
        found = told(chronicle, by, LAST - 20 * DAY)
        assert sums(found.groups) == sums((found.total,)) == sums(found.weeks)


DRILLED = INSTANCE.format("9").replace(":instance/", ":table/") + "/drill"


def with_drills(chronicle: Chronicle) -> Chronicle:
    """A remedy, and beside it drills that held and did not, one that was refused, and what cleared away after one."""
    chronicle.ran(NIGHT, took=10 * MINUTE)
    drill: dict[str, Any] = {
        "runbook": "drill-dynamodb-restore",
        "family": "restore",
        "resource": DRILLED,
        "symptom": "drill",
    }
    for outcome, hours in (("succeeded", 2), ("succeeded", 3), ("ineffective", 4)):
        chronicle.ran(NIGHT, outcome, took=hours * 60 * MINUTE, asked=MINUTE, **drill)
    chronicle.ran(NIGHT, "not_applicable", **{**drill, "runbook": "clear-away-drill"})
    chronicle.refused(NIGHT, "freeze", runbook="drill-rds-restore", symptom="drill")
    return chronicle


@pytest.mark.parametrize("by", BY)
def test_a_restore_drill_remedies_nothing(by: str) -> None:
    """No figure of what was remedied knows of it: not the times, not the toil, not what recurs, not the gates."""
    plain, drilled = Chronicle(), with_drills(Chronicle())
    plain.ran(NIGHT, took=10 * MINUTE)
    seen, wanted = (told(each, by, estimate=60 * MINUTE).to_dict() for each in (drilled, plain))
    for name in ("total", "groups", "weeks", "refused_by_gate", "symptoms"):
        assert seen[name] == wanted[name], name
    assert seen["total"]["saved_seconds"] is not None


def test_drills_stand_on_a_line_of_their_own(chronicle: Chronicle) -> None:
    """With what clears away after them; nobody has one in hand, so they save nothing and lose nothing."""
    drills = told(with_drills(chronicle), estimate=60 * MINUTE).drills
    assert (drills.runs, drills.tried, drills.helped, drills.refused) == (4, 3, 2, 1)
    assert drills.median == 2.5 * 3600
    assert (drills.saved, drills.people) == (None, ())


def test_days_on_which_only_restores_were_drilled_are_not_empty(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT, "succeeded", runbook="drill-rds-restore", family="restore", resource=DRILLED, symptom="drill")
    seen = told(chronicle)
    assert not seen.empty
    assert (seen.total.runs, seen.groups) == (0, ())


@pytest.mark.parametrize("name", ["drill-dynamodb-restore", "clear-away-drill"])
def test_what_a_drill_holds_is_known_by_its_arn(catalog: Catalog, name: str) -> None:
    """So that a team's own drill is one, whatever it is called; and so is what clears away."""
    runbook = catalog[name]
    given = {"table": "orders", "drilled": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}
    held = runbook.arn(given, account="123456789012", region="eu-west-1")
    assert Count("a-teams-own", "", held, "", "succeeded", "", 1).drill
    assert not Count("a-teams-own", "", held.removesuffix("/drill"), "", "succeeded", "", 1).drill
