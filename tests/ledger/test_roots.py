"""The daily root names what ended on a day, once, and what came later in the next one."""

from datetime import UTC, date, datetime

import pytest

from nightcrew.errors import BadInput, BrokenChain, Conflict
from nightcrew.ledger import roots
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.verify import verify
from tests.ledger.days import Days


@pytest.fixture
def days() -> Days:
    return Days()


def named(entries: tuple[Entry, ...], listed: str = "endings") -> list[tuple[str, int]]:
    return [(each.run, each.number) for root in entries for each in roots.names(root) if each.listed == listed]


def test_a_root_names_the_closings_the_refusals_and_the_lessons_of_its_day(days: Days) -> None:
    days.ran("run-a", changes=2)
    days.refused("refused-b")
    days.wrote("lesson-c", "look at the disk")
    [root] = days.rooted(18)
    assert root.body["day"] == "2026-11-18"
    assert named((root,)) == [("lesson-c", 0), ("refused-b", 0), ("run-a", 3)]
    assert [each.hash for each in roots.names(root)][2] == days.chain("run-a")[-1]["hash"]


def test_what_ended_on_the_next_day_is_not_in_it(days: Days) -> None:
    days.on(18, 23).ran("run-a")
    days.on(19, 0).ran("run-b")
    assert named(days.rooted(18)) == [("run-a", 2)]
    assert named(days.rooted(19)) == [("run-b", 2)]


def test_the_roots_are_a_chain(days: Days) -> None:
    first, second = days.rooted(18)[0], days.rooted(19)[0]
    assert (second.number, second.previous) == (1, first.hash)
    assert verify(days.chain("roots")) == []


def test_twice_is_once(days: Days) -> None:
    days.ran("run-a")
    days.rooted(18)
    assert days.rooted(18) == ()
    assert len(days.chain("roots")) == 1


def test_a_day_that_is_not_over_has_no_root_yet(days: Days) -> None:
    """Nor has one that is over for less than an hour: the indexes lag."""
    for day, hour in ((18, 23), (19, 0)):
        days.on(day, hour)
        with pytest.raises(BadInput, match="a day that is over, so up to 2026-11-17"):
            roots.keep(days.store, days.clock, date(2026, 11, 18))
    days.on(19, 1)
    assert roots.keep(days.store, days.clock, date(2026, 11, 18))


def test_days_that_were_missed_are_made_up(days: Days) -> None:
    """One for each, also where nothing ended: so one that is missing is seen."""
    days.rooted(18)
    days.on(20).ran("run-a")
    made = days.rooted(21)
    assert [root.body["day"] for root in made] == ["2026-11-19", "2026-11-20", "2026-11-21"]
    assert named(made) == [("run-a", 2)]


def test_what_came_after_its_day_s_root_is_late_in_the_next(days: Days) -> None:
    days.rooted(18)
    Days(days.store).ran("run-uploaded")
    [root] = days.rooted(19)
    assert named((root,)) == []
    assert named((root,), "late") == [("run-uploaded", 2)]
    assert named(days.rooted(20), "late") == []


def test_the_first_root_names_what_was_there_before(days: Days) -> None:
    days.ran("run-old")
    [root] = days.rooted(20)
    assert named((root,), "earlier") == [("run-old", 2)]


def test_a_root_names_the_last_entry_of_each_open_run(days: Days) -> None:
    days.opened("run-open", changes=2)
    assert named(days.rooted(18), "open") == [("run-open", 2)]


def test_a_day_with_very_many_endings_has_several_entries(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "MOST", 2)
    for run in ("run-a", "run-b", "run-c"):
        days.ran(run)
    made = days.rooted(18)
    assert [bool(root.body.get("more")) for root in made] == [True, False]
    assert named(made) == [("run-a", 2), ("run-b", 2), ("run-c", 2)]
    assert [root.number for root in roots.root_of(days.store, date(2026, 11, 18))] == [0, 1]


def test_a_root_that_was_left_half_done_is_gone_on_with(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "MOST", 2)
    for run in ("run-a", "run-b", "run-c"):
        days.ran(run)
    days.rooted(18)
    days.drop("roots", 1)
    assert named(days.rooted(18)) == [("run-c", 2)]
    assert verify(days.chain("roots")) == []


def test_a_first_root_that_was_left_half_done_still_names_the_year_before_it(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not only the two weeks in which a later one looks for what came late."""
    monkeypatch.setattr(roots, "MOST", 2)
    days.ran("run-a")
    days.on(1)
    for run in ("run-old-a", "run-old-b"):
        days.ran(run)
    days.rooted(20)
    days.drop("roots", 1)
    assert named(days.rooted(20), "earlier") == [("run-old-b", 2)]


def test_the_root_of_a_day_is_found_again(days: Days) -> None:
    for day in (18, 19, 20):
        days.rooted(day)
    [found] = roots.root_of(days.store, date(2026, 11, 19))
    assert found.number == 1
    assert roots.root_of(days.store, date(2026, 11, 25)) == ()


def test_another_root_at_the_same_moment_is_a_conflict(days: Days) -> None:
    """Two that say the same are one."""
    days.ran("run-a")
    [mine] = days.rooted(18)
    head = Entry("roots", 0, "root", days.clock.now(), {"day": "2026-11-18", "endings": []}, "")
    assert roots._write(days.store, days.clock, None, mine.body) == mine
    with pytest.raises(Conflict):
        roots._write(days.store, days.clock, None, head.body)


def test_a_line_that_is_none_is_named(days: Days) -> None:
    root = Entry("roots", 4, "root", days.clock.now(), {"day": "2026-11-18", "endings": ["run-a"]}, "")
    with pytest.raises(BrokenChain, match="run roots, entry 4: names 'run-a', and not a run"):
        list(roots.names(root))


def test_the_largest_root_still_fits_into_an_entry() -> None:
    """A line is longest with a refusal's or a lesson's id."""
    lines = [f"lesson-20261121-030004-{number:08} 100 {'f' * 64}" for number in range(roots.MOST)]
    Entry("roots", 0, "root", datetime(2026, 11, 21, tzinfo=UTC), {"day": "2026-11-21", "endings": lines}, "")


def test_nothing_is_named_twice(days: Days) -> None:
    """However often the day's job runs, and whatever came late."""
    for day in (18, 19, 20):
        days.on(day).ran(f"run-{day}")
        days.rooted(day)
        days.rooted(day)
    made = roots.made_since(days.store, datetime(2026, 1, 1, tzinfo=UTC))
    assert [each.run for root in made for each in roots.names(root)] == ["run-18", "run-19", "run-20"]


def test_a_root_whose_time_was_edited_hides_no_other(days: Days) -> None:
    """`verify` reads them from the newest on, until one is older than asked for."""
    for day in (18, 19, 20, 21):
        days.rooted(day)
    days.put(days.chain("roots")[3] | {"at": "2020-01-01T00:00:00.000Z"})
    found = roots.items_since(days.store, datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert [item["number"] for item in found] == [2, 3]


def test_a_root_of_no_day_is_a_break_and_no_new_one_is_made(days: Days) -> None:
    days.rooted(18)
    [item] = days.chain("roots")
    days.put(item | {"body": '{"day":"soon"}'})
    with pytest.raises(BrokenChain, match="run roots, entry 0: is of no day: 'soon'"):
        days.rooted(19)
