"""The digest: what ran, what helped, what did not, and what to mend at the root. A quiet week is one sentence."""

import itertools
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nightcrew.clock import StoppedClock
from nightcrew.knowledge.digest.digest import MOST, MOST_TEXT, Digest, digest, digest_of
from nightcrew.knowledge.digest.lines import estimated
from nightcrew.knowledge.lessons import Lesson, correct, learn
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.knowledge.statistics.days import keep
from nightcrew.knowledge.statistics.figures import figures
from nightcrew.knowledge.statistics.people import OBSERVED, Hands, People
from tests.knowledge.chronicle import DAY, INSTANCE, MINUTE, NIGHT, SYMPTOM, Chronicle, missing

LAST = NIGHT.date() + DAY  # a Sunday
FIRST = LAST - 6 * DAY
RESTART, REBOOT = "restart-ec2-instance", "reboot-ec2-instance"
GROW, SHRINK = "scale-out-auto-scaling-group", "put-back-auto-scaling-sizes"
FAMILIES = {RESTART: "restart", REBOOT: "restart", GROW: "scale-out", SHRINK: "scale-out", "fail-over": "failover"}
BY_HAND = dict.fromkeys(FAMILIES, timedelta(minutes=30))


def count(outcome: str = "cured", number: int = 1, **about: Any) -> Count:
    """Alike runs, each of ten minutes."""
    told = {"runbook": RESTART, "resource": "1", "symptom": SYMPTOM, "gate": "", **about}
    told["resource"] = INSTANCE.format(told["resource"])
    family = "" if outcome == "refused" else FAMILIES.get(told["runbook"], "")
    seconds = () if outcome == "refused" else (600.0,) * number
    return Count(**{**told, "family": family, "outcome": outcome, "number": number, "seconds": seconds})


def of(*counts: Count, before: tuple[Count, ...] = (), lessons: tuple[Lesson, ...] = ()) -> Digest:
    """The digest of a week in which this was on its Saturday; ``before`` was a month earlier."""
    known = [Day(LAST - 30 * DAY, before), Day(NIGHT.date(), counts)]
    return digest(known, FIRST, LAST, lessons=lessons, families=FAMILIES, by_hand=BY_HAND)


def said(made: Digest, name: str) -> list[str]:
    """The lines of a section; none where it is left out."""
    return [line.said.plain for section in made.sections if section.name == name for line in section.lines]


def test_a_quiet_week_is_one_sentence() -> None:
    """However many runbooks nobody ever called: that is the same each week."""
    made = of()
    assert made.quiet
    assert made.text() == "A quiet week, 16 Nov to 22 Nov 2026: nothing ran, and nothing was refused."
    assert made.markdown().splitlines()[2:] == [made.text()]


def test_of_a_week_in_which_only_restores_were_drilled_the_first_line_says_that() -> None:
    """A drill is no remedy, and yet something ran."""
    made = of(count("succeeded", runbook="drill-rds-restore", symptom="drill"))
    assert made.headline == "A quiet week, 16 Nov to 22 Nov 2026: only restores were drilled."
    assert said(made, "drills")


def test_the_first_line_tells_it_all() -> None:
    made = of(count(number=9), count("failed", 2, resource="2"), count("refused", 3, gate="lock"))
    first = made.text().splitlines()[0]
    assert first == (
        "16 Nov to 22 Nov 2026: 11 runs, 9 of 11 tried helped, 3 refusals, about 4 h 10 min of toil saved, "
        "as estimated."
    )


def test_drills_have_a_section_of_their_own() -> None:
    """Those that did not hold first; and nowhere else: a table that is drilled four times hides no fault."""
    drill, orders = "drill-dynamodb-restore", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/drill"

    def drilled(outcome: str, number: int, resource: str) -> Count:
        return replace(count(outcome, number, runbook=drill), resource=resource, family="restore")

    made = of(
        drilled("succeeded", 4, orders.replace("orders", "carts")),
        drilled("succeeded", 3, orders),
        drilled("failed", 1, orders),
        drilled("not_applicable", 1, orders),
    )
    assert said(made, "drills") == [
        "drill-dynamodb-restore of orders: held 3 of 4",
        "drill-dynamodb-restore of carts: its targets were met",
    ]
    (section,) = [each for each in made.sections if each.name == "drills"]
    assert [line.facts["held"] for line in section.lines] == [3, 4]
    assert {each.name for each in made.sections} <= {"drills", "proofs"}


def test_a_week_of_two_years_says_both() -> None:
    made = digest((), date(2026, 12, 7), date(2027, 1, 2))
    assert made.headline.startswith("A quiet 27 days, 7 Dec 2026 to 2 Jan 2027:")


def test_a_resource_that_is_restarted_again_and_again_hides_a_fault() -> None:
    """Whether that helped or not, and whichever runbook did it; what found nothing to do is no remedy."""
    made = of(
        count(number=13), count("ineffective", runbook=REBOOT), count(number=2, resource="2"), count("planned", 9)
    )
    assert said(made, "mend") == ["i-1 was restarted 14 times: toil hides a fault"]
    mixed = of(count(number=2), count(runbook="fail-over"))
    assert said(mixed, "mend") == ["i-1 was remedied 3 times: toil hides a fault"]


def test_a_symptom_on_many_resources_may_have_one_cause() -> None:
    made = of(*(count(number=2, resource=str(each)) for each in range(3)))
    assert said(made, "mend") == [f"{SYMPTOM} was remedied 6 times, on 3 resources: is there one cause behind them?"]


def test_capacity_that_is_supplied_again_and_again_is_wanted_for_good() -> None:
    """Scaling out is no fault that toil hides; what was taken back in between is told beside it."""
    made = of(count(number=5, runbook=GROW), count("succeeded", 4, runbook=SHRINK), count(runbook=GROW, resource="2"))
    assert said(made, "capacity") == [
        "i-1 was scaled out 5 times, and put back 4 times: give it for good what it gets each time"
    ]
    assert said(made, "mend") == []


def test_what_helped_and_what_did_not_are_told_apart() -> None:
    made = of(count(number=2), count("failed"), count("ineffective", 2, resource="2"), count("cancelled", 7))
    assert said(made, "helped") == [f"{RESTART} helped 2 of 5 times, median 10 min (people: 30 min, as estimated)"]
    assert said(made, "did_not_help") == [f"{RESTART} on i-2: ineffective 2 ×", f"{RESTART} on i-1: failed 1 ×"]


def test_another_runbook_with_a_better_record_is_suggested() -> None:
    """By the record of a year, for symptoms of the week."""
    before = (
        count("ineffective", 6),
        count(number=9, runbook=REBOOT),
        count(number=9, runbook=REBOOT, symptom="other"),
    )
    (line,) = said(of(count("ineffective"), before=before), "suggestions")
    assert line.startswith(f"{SYMPTOM}: {REBOOT} helped with this symptom 9 of 9 times")
    assert said(of(count(number=6), before=before[1:]), "suggestions") == []


def test_only_what_authors_estimated_is_said_to_be_estimated() -> None:
    helped = figures(RESTART, [count(number=2)], People((), by_hand={RESTART: timedelta(minutes=30)}))
    assert estimated(helped) == ", as estimated"
    assert estimated(replace(helped, people=(Hands(600, 4, OBSERVED),))) == ""


def test_what_is_not_known_is_left_out() -> None:
    """On the page as in the message: no dash stands for nothing."""
    once = replace(count(number=2, runbook=GROW), seconds=())
    known = [Day(NIGHT.date(), (once,))]
    made = digest(known, FIRST, LAST, families=FAMILIES, by_hand={GROW: timedelta(minutes=30), SHRINK: timedelta()})
    assert "–" not in made.markdown() + made.text()
    assert f"- `{GROW}` helped 2 of 2 times (people: 30 min, as estimated)" in made.markdown().splitlines()
    assert "- `i-1` was scaled out 2 times: give it for good what it gets each time" in made.markdown().splitlines()
    assert f"- one other was not asked for in a year: `{SHRINK}`" in made.markdown().splitlines()


def test_gates_that_refused_most_come_first() -> None:
    made = of(count("refused", 2, gate="lock"), count("refused", 5, gate="flap"))
    assert said(made, "gates") == ["flap 5", "lock 2"]


def test_a_runbook_that_is_called_and_has_no_recent_proof_is_named() -> None:
    """One that nobody ever called is counted with its like."""
    long_ago = Day(LAST - 200 * DAY, (count(runbook=REBOOT), count("failed", 2, runbook="fail-over")))
    known = [long_ago, Day(NIGHT.date(), (count(), count("refused", runbook=GROW, gate="budget")))]
    made = digest(known, FIRST, LAST, families=FAMILIES, by_hand=BY_HAND)
    assert said(made, "proofs") == [
        "fail-over was tried 2 times in a year, and never helped",
        f"{GROW} never ran: it was refused once in a year",
        f"{REBOOT} helped last on 2026-05-06",
        f"one other was not asked for in a year: {SHRINK}",
    ]


def test_of_a_lesson_its_newest_version_is_told_with_its_author() -> None:
    at = itertools.count()

    def version(number: int, words: str) -> Lesson:
        when = NIGHT + next(at) * MINUTE
        return Lesson("lesson-1", number, words, "arn:aws:iam::123456789012:user/ada", when, None, SYMPTOM)

    made = of(lessons=(version(0, "look at the dsik"), version(1, "look at the disk")))
    assert said(made, "lessons") == [f"look at the disk (ada, about {SYMPTOM})"]
    assert made.headline.startswith("A quiet week")
    assert not made.quiet


def test_a_message_is_short_and_a_page_has_more() -> None:
    """Of many resources the most pressing are told, and how many more there are."""
    made = of(*(count("failed", resource=str(each)) for each in range(MOST + 5)))
    text, page = made.text().splitlines(), made.markdown().splitlines()
    assert len([line for line in text if "on i-" in line]) == MOST_TEXT
    assert f"- and {MOST + 5 - MOST_TEXT} more" in text
    assert len([line for line in page if "on `i-" in line]) == MOST
    assert "- and 5 more" in page
    assert len(said(made, "did_not_help")) == MOST + 5


@given(some.text(min_size=1, max_size=40), some.text(min_size=1, max_size=40))
def test_no_value_from_outside_breaks_the_page(name: str, words: str) -> None:
    """Neither makes a heading or a line of its own, nor a link, nor HTML; and none steers a terminal."""
    lesson = Lesson("lesson-1", 0, f"{words}\n# {words}", name, NIGHT, name, None)
    plain = of(count(number=3), count("failed"), lessons=(lesson,))
    made = of(count(number=3, runbook=name), count("failed", resource=name, runbook=name), lessons=(lesson,))
    headings = [line for line in plain.markdown().splitlines() if line.startswith("#")]
    assert [line for line in made.markdown().splitlines() if line.startswith("#")] == headings
    assert not re.search(r"(?<!\\)<", re.sub(r"`[^`]*`", "", made.markdown()))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", made.text())


def test_the_same_days_give_the_same_digest_kept_or_not() -> None:
    """And a year of days that are kept costs a handful of reads."""
    chronicle = Chronicle()
    for number in range(3):
        chronicle.ran(NIGHT - number * DAY)
    chronicle.refused(NIGHT)
    learn(chronicle.store, StoppedClock(NIGHT), "lesson-1", "look", author="ada", symptom=SYMPTOM)
    correct(chronicle.store, StoppedClock(NIGHT + MINUTE), "lesson-1", "look there", author="ada")
    learn(chronicle.store, StoppedClock(NIGHT - 9 * DAY), "lesson-0", "too old", author="ada", symptom=SYMPTOM)
    now = NIGHT + 2 * DAY

    def made(at: datetime = now) -> Digest:
        return digest_of(chronicle.store, FIRST, LAST, at, families=FAMILIES, by_hand=BY_HAND)

    before = made()
    for day in missing(chronicle.store, LAST - 365 * DAY, LAST):
        keep(chronicle.store, day)
    after = made()
    assert after == before
    assert said(after, "lessons") == [f"look there (ada, about {SYMPTOM})"]
    assert said(after, "mend") == ["i-1 was restarted 3 times: toil hides a fault"]
    assert after.reads <= 12 < before.reads


@pytest.mark.parametrize("name", ["version", "since", "until", "quiet", "headline", "total", "sections", "reads"])
def test_programs_get_the_facts_beside_the_words(name: str) -> None:
    told = of(count(number=3)).to_dict()
    assert name in told
    (line,) = next(each["lines"] for each in told["sections"] if each["name"] == "mend")
    assert (line["times"], line["resource"]) == (3, INSTANCE.format("1"))
