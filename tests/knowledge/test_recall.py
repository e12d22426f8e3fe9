"""What happened the last times: found by a fixed number of reads, as a scan of everything would have found it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import BadInput, Unknown
from nightcrew.knowledge.lessons import learn
from nightcrew.knowledge.recall.brief import brief
from nightcrew.knowledge.recall.recall import MOST_READS, Recall, recall
from nightcrew.knowledge.recall.similarity import Question, rank
from nightcrew.ledger.cases import mark
from nightcrew.ledger.disk import DiskStore
from tests.knowledge.casebook import CHECK, DAY, GROW, NO_ROOM, NOW, RESTART, Casebook, instance, queue

WEB = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web"


def runs(found: Recall) -> list[str]:
    return [each.case.run for each in found.cases]


OFTEN = "servicea-0-5xx"


def a_mixed_book(cases: int) -> Casebook:
    """Cases of many symptoms, resources, groups and errors, the newest first; the like of any is rare in it."""
    book = Casebook()
    for number in range(cases):
        book.case(
            ("cured", "failed", "ineffective")[number % 3],
            resource=instance(str(number % 23)),
            symptom=OFTEN if number % 3 == 0 else f"service{'abcdef'[number % 6]}-{number % 5}-5xx",
            group=f"group-{number % 7}",
            error=f"Error{'ABCDE'[number % 5]}" if number % 3 == 1 else None,
            ended=NOW - number * timedelta(minutes=7),
            opening=False,
        )
    book.day_is_over()
    return book


QUESTIONS: list[dict[str, Any]] = [
    {"resource": instance("4")},
    {"resource": instance("new"), "symptom": "5xx-servicec-prod"},
    {"symptom": "serviced-1-5xx"},
    {"symptom": OFTEN},
    {"group": "group-3", "symptom": OFTEN},
    {"error": "ErrorC", "resource": instance("4"), "symptom": OFTEN},
]


@pytest.fixture(scope="module")
def mixed() -> Casebook:
    """Enough that no index shows all of what happens often. The bench asks a hundred thousand."""
    return a_mixed_book(500)


@pytest.mark.parametrize("asked", [QUESTIONS[1], QUESTIONS[-1]])
def test_it_reads_as_often_among_many_cases_as_among_a_few(mixed: Casebook, asked: dict[str, Any]) -> None:
    """Whatever the table's size; and never more than so often."""
    few = recall(a_mixed_book(20).store, NOW, **asked).reads
    assert few == recall(mixed.store, NOW, **asked).reads <= MOST_READS


@pytest.mark.parametrize("asked", QUESTIONS)
def test_it_finds_what_a_scan_of_everything_finds(mixed: Casebook, asked: dict[str, Any]) -> None:
    found = recall(mixed.store, NOW, **asked)
    scanned = rank(found.question, mixed.seen, NOW)
    assert runs(found) == [each.case.run for each in scanned]


def test_of_many_that_are_equal_the_newest_come() -> None:
    """Also where all of them were weeks ago."""
    book = Casebook()
    old = [book.case(ended=NOW - 14 * DAY - number * timedelta(hours=1), opening=False) for number in range(110)]
    assert runs(recall(book.store, NOW, symptom=CHECK)) == old[:5]


def test_the_group_is_known_from_the_resources_last_run() -> None:
    book = Casebook()
    book.case(group=WEB)
    other = book.case(group=WEB, resource=instance("2"), symptom="AWS/EC2:NetworkIn:low")
    found = recall(book.store, NOW, resource=instance("1"))
    assert found.question.group == mark(WEB)
    assert found.cases[1].case.run == other
    assert found.cases[1].why == ("same group",)


def test_a_case_tells_what_was_done_and_how_it_ended() -> None:
    book = Casebook()
    run = book.case("failed", error=NO_ROOM, words="start it: no room", took=timedelta(minutes=3))
    (found,) = recall(book.store, NOW, error=NO_ROOM).cases
    assert (found.case.run, found.case.outcome, found.case.took) == (run, "failed", timedelta(minutes=3))
    json.dumps(recall(book.store, NOW, error=NO_ROOM).to_json())
    assert (found.words, found.changes, found.why) == ("start it: no room", 2, ("same error",))
    assert found.error is not None
    assert found.error["code"] == NO_ROOM


def test_a_run_asks_about_itself_and_is_not_in_its_own_answer() -> None:
    """Its resource, its symptom, its error; its runbook is the usual one."""
    book = Casebook()
    before = book.case("failed", error=NO_ROOM, resource=instance("2"))
    run = book.case("failed", error=NO_ROOM, group=WEB)
    found = recall(book.store, NOW, run=run)
    assert found.question == Question(instance("1"), mark(WEB), CHECK, NO_ROOM, run=run)
    assert runs(found) == [before]
    assert found.cases[0].why == ("same kind", "same symptom", "same error")


def test_as_of_a_time_nothing_is_known_that_came_later() -> None:
    """For who tells of an incident what was known then."""
    book = Casebook()
    book.case(ended=NOW - DAY)
    early = book.case(ended=NOW - 3 * DAY)
    assert runs(recall(book.store, NOW - 2 * DAY, symptom=CHECK)) == [early]


def test_a_storm_of_refusals_does_not_hide_what_helped() -> None:
    book = Casebook()
    run = book.case(ended=NOW - DAY)
    for number in range(150):
        book.case("refused", ended=NOW - number * timedelta(seconds=1))
    assert runs(recall(book.store, NOW, resource=instance("1"), symptom=CHECK)) == [run]


def test_a_renamed_alarm_finds_the_old_one_and_says_that_it_is_only_similar() -> None:
    """Once the day is over, through the vocabulary; on the same day, through the week's newest runs."""
    book = Casebook()
    run = book.case(symptom="checkout-5xx-prod", resource=queue("checkout"), ended=NOW - 30 * DAY)
    book.day_is_over()
    today = book.case(symptom="checkout-5xx-canary", resource=queue("checkout"))
    found = recall(book.store, NOW, symptom="staging: checkout 5XX")
    assert {*runs(found)} == {today, run}
    assert {*found.similar} == {"checkout-5xx-prod", "checkout-5xx-canary"}
    assert found.records[0].tried == 2


def test_records_are_of_this_symptom_alone_where_there_are_any() -> None:
    book = Casebook()
    for outcome in ("cured", "cured", "failed"):
        book.case(outcome)
    book.case(symptom="AWS/EC2:StatusCheckFailed_System:high")
    (found,) = recall(book.store, NOW, symptom=CHECK).records
    assert (found.runbook, found.tried, found.cured) == (RESTART, 3, 2)
    assert recall(book.store, NOW, symptom=CHECK).similar == ()


def test_another_runbook_is_suggested_where_the_usual_one_does_badly() -> None:
    """Usual is what was tried most, unless it is said."""
    book = Casebook()
    for number in range(8):
        book.case("ineffective" if number else "cured")
    for _ in range(5):
        book.case(runbook=GROW)
    found = recall(book.store, NOW, symptom=CHECK)
    assert found.suggestion is not None
    assert found.suggestion.runbook == GROW
    assert recall(book.store, NOW, symptom=CHECK, runbook=GROW).suggestion is None


def test_lessons_of_the_symptom_and_of_similar_runs_are_told() -> None:
    book, clock = Casebook(), StoppedClock(NOW)
    run, other = book.case(), book.case(symptom="nobody-5xx", resource=queue("nobodys"))
    learn(book.store, clock, "lesson-1", "look at the disk", author="ada", run=run)
    learn(book.store, clock, "lesson-2", "ask the team", author="bob", symptom=CHECK)
    learn(book.store, clock, "lesson-3", "something else", author="bob", run=other)
    found = recall(book.store, NOW, symptom=CHECK)
    assert {each.words for each in found.lessons} == {"look at the disk", "ask the team"}


def test_what_is_asked_must_be_something() -> None:
    book = Casebook()
    with pytest.raises(BadInput, match="a resource, a group, a symptom"):
        recall(book.store, NOW)
    with pytest.raises(BadInput, match="1 to 20 runs"):
        recall(book.store, NOW, symptom=CHECK, limit=21)
    with pytest.raises(Unknown, match="there is no run nobodys"):
        recall(book.store, NOW, run="nobodys")


def test_an_empty_ledger_remembers_nothing() -> None:
    found = recall(Casebook().store, NOW, resource=instance("1"), symptom=CHECK)
    assert (found.cases, found.records, found.lessons, found.suggestion) == ((), (), (), None)


def test_what_one_machine_keeps_of_break_glass_is_remembered_too(tmp_path: Any) -> None:
    book = Casebook(DiskStore(tmp_path / "entries"))
    run = book.case()
    assert runs(recall(book.store, NOW, symptom=CHECK)) == [run]


def test_in_few_words_it_says_how_often_the_runbook_helped() -> None:
    book = Casebook()
    for outcome in ("cured", "cured", "failed"):
        book.case(outcome, words="w" * 500)
    told = brief(book.store, NOW, resource=instance("1"), group=None, symptom=CHECK, runbook=RESTART)
    assert told["words"] == f"{RESTART} helped with this symptom 2 of 3 times, median 6 min"
    assert len(told["cases"]) == 3
    assert len(str(told)) < 4000
    never = brief(book.store, NOW, resource=instance("1"), group=None, symptom=CHECK, runbook=GROW)
    assert never["words"] == f"nothing is known of {GROW} with this symptom"
