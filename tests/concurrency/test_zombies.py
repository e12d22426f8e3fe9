"""Several lives of one run: wherever one stood when the next one began, the ledger tells the truth.

A life that goes on although a later one has begun is a zombie. Where they share a journal, its checkpoints are refused;
where each has its own, which must not be, the ledger alone keeps them apart.
"""

from collections import Counter

import pytest

from nightcrew.admission.abandon import abandon
from nightcrew.admission.admit import admit
from nightcrew.authoring.change import INTERRUPTIONS
from nightcrew.clock import SkippingClock, StoppedClock
from tests.concurrency.asking import asked
from tests.concurrency.lives import Points
from tests.concurrency.report import Report
from tests.concurrency.stage import OPERATIONS, Stage, Told
from tests.concurrency.weather import Lots

pytestmark = pytest.mark.concurrency


def test_a_life_that_is_overtaken_at_any_point_is_told_truly(stage: Stage, report: Report) -> None:
    """The later one goes on from the same journal to the end, then the zombie wakes."""
    points = stage.undisturbed()
    told = [stage.play(point, None).how for point in points]
    assert all(set(how) == set(OPERATIONS) for how in told)
    seen = Counter(how for each in told for how in each.values())
    assert set(seen) == {
        "once",
        "repeated",
        "looked: it had taken effect",
        "looked: it had not; called",
        "unknown",
    }
    summed(report, "a zombie over one journal", stage, lives=2)


@pytest.mark.parametrize("eldest_first", [True, False])
def test_a_life_that_is_overtaken_while_the_later_one_is_on_its_way_is_told_truly(
    stage: Stage, report: Report, eldest_first: bool
) -> None:
    """The later one is held as well; then one of them goes on to its end, and then the other."""
    points = stage.undisturbed()
    for first, second in pairs(points, 40):
        stage.play(first, second, eldest_first=eldest_first)
    which = "zombie" if eldest_first else "later life"
    summed(report, f"two lives over one journal, the {which} first", stage, lives=2)


def test_three_lives_over_one_journal_are_told_truly(stage: Stage, report: Report) -> None:
    """Two are held and overtaken, one after the other."""
    points = stage.undisturbed()
    for first, second in pairs(points, 40):
        stage.play(first, second, None)
    summed(report, "three lives over one journal", stage, lives=3)


@pytest.mark.parametrize("eldest_first", [True, False])
def test_two_lives_over_journals_of_their_own_are_kept_apart_by_the_ledger(
    stage: Stage, report: Report, eldest_first: bool
) -> None:
    """Nothing refuses either's checkpoints: the first to write its entry goes on, the other one is fenced off, and
    every change is made once.
    """
    points = stage.undisturbed()
    told = [stage.play(point, None, journals=True) for point in points if not eldest_first]
    told += [stage.play(*pair, journals=True, eldest_first=eldest_first) for pair in pairs(points, 30)]
    assert [each.how for each in told] == [dict.fromkeys(OPERATIONS, "once")] * len(told)
    which = "elder" if eldest_first else "younger"
    summed(report, f"two journals of one run, the {which} life first", stage, lives=2)


def test_a_run_that_is_taken_for_dead_at_any_point_changes_nothing_untold(stage: Stage, report: Report) -> None:
    """Somebody closes it, and another run gets its resource; then it wakes."""
    store, clock = stage.arena.stores[0], stage.arena.clock
    for point in stage.undisturbed():
        request = stage.admitted()
        life = stage.live(0, request, 0, SkippingClock(), Points(point))
        assert life.arrive()
        closing = abandon(request.run, store, clock, "it is taken for dead")
        following = asked(clock, f"next-{stage.rounds}", request.resource)
        admit(following, store, clock)
        end = life.end()

        told = Told(stage, request)
        told.closed([end])
        assert told.chain[-1].hash == closing.hash
        titles = [entry.body["title"] for entry in told.chain if entry.kind == "change"]
        for title, operation in OPERATIONS.items():
            assert told.sent[operation] <= titles.count(title)
        assert (store.get("state", {"key": request.lock}) or {})["owner"] == following.run
    summed(report, "a run that was taken for dead wakes", stage, lives=2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("after STEP START send it", None),
        ("before change send it", None),
        ("after STEP START set it", "before SetQueueAttributes"),
        ("before change set it", "before SetQueueAttributes"),
    ],
)
def test_a_life_that_is_overtaken_before_its_entry_makes_no_change(
    stage: Stage, first: str, second: str | None
) -> None:
    """The later one writes that entry and makes the change. The zombie must not take it for its own."""
    told = stage.play(first, second, eldest_first=True)
    assert set(told.how.values()) == {"once"}


@pytest.mark.parametrize("title", OPERATIONS)
def test_a_run_that_is_interrupted_to_the_end_is_closed_for_a_person(stage: Stage, title: str) -> None:
    """The last life gives up on the change, and says so."""
    told = stage.play(*[f"after change {title}"] * (INTERRUPTIONS + 1), None)
    assert told.how[title] == "unknown"


@pytest.mark.parametrize("second", ["before change set it", "after SendMessage"])
def test_two_journals_whose_facts_are_equal_are_kept_apart_too(stage: Stage, second: str) -> None:
    """Clocks may show the same millisecond."""
    now = stage.arena.clock.now()
    clocks = [StoppedClock(now), StoppedClock(now)]
    told = stage.play("after SendMessage", second, journals=True, eldest_first=True, clocks=clocks)
    assert set(told.how.values()) == {"once"}


def pairs(points: list[str], count: int) -> list[tuple[str, str]]:
    """So many pairs of points, drawn by lot; the same each time."""
    lots = Lots(count)
    return [(points[lots.below(len(points))], points[lots.below(len(points))]) for _ in range(count)]


def summed(report: Report, fact: str, stage: Stage, *, lives: int) -> None:
    """Each round is another interleaving; one life of each brought the run to its end."""
    report.add(
        fact, rounds=stage.rounds - 1, workers=lives, winners=stage.rounds - 1, refused=(lives - 1) * (stage.rounds - 1)
    )
