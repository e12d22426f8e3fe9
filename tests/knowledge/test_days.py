"""Daily roll-ups: the same day from the same entries, whatever crashed, came twice or came late."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.admission.abandon import abandon
from nightcrew.admission.policy import Policy
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import moment
from nightcrew.dispatch.upload import upload
from nightcrew.errors import Conflict, Unreachable
from nightcrew.knowledge.statistics import days as kept
from nightcrew.knowledge.statistics import recounting
from nightcrew.knowledge.statistics.days import Day, days, drop, keep, recount
from nightcrew.ledger import period
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import ConditionFailed, Piece
from tests.dispatch.glass import Interrupted, Laptop, declared, longer, queue_of
from tests.engine.shift import Shift
from tests.engine.test_approving import doubles
from tests.house import House
from tests.knowledge.chronicle import DAY, INSTANCE, MINUTE, NIGHT, SYMPTOM, Chronicle, missing

SATURDAY = NIGHT.date()
OVER = NIGHT + 2 * DAY  # by then the night is over


@pytest.fixture
def chronicle() -> Chronicle:
    return Chronicle()


def counted_from_all_entries(store: MemoryStore, day: date) -> dict[tuple[str, ...], int]:
    """The day once more, from every entry that there is, and by other code: for each run its last entry."""
    last: dict[str, dict[str, Any]] = {}
    for item in sorted(store._items["ledger"].values(), key=lambda item: item["number"]):
        last[item["run"]] = item
    found: Counter[tuple[str, ...]] = Counter()
    for item in last.values():
        body = json.loads(item["body"])
        if item["kind"] in {"closing", "refusal"} and item["at"].startswith(day.isoformat()):
            found[tuple(body.get(name) or "" for name in ("runbook", "resource", "symptom", "outcome", "gate"))] += 1
    return dict(found)


def told(day: Day) -> dict[tuple[str, ...], int]:
    """The same of a roll-up."""
    found: Counter[tuple[str, ...]] = Counter()
    for each in day.counts:
        found[each.runbook, each.resource, each.symptom, each.outcome, each.gate] += each.number
    return dict(found)


def test_alike_runs_are_one_group_with_each_ones_time(chronicle: Chronicle) -> None:
    """A cured one's from the alarm's change to its OK, which held for five minutes before the closing."""
    chronicle.ran(NIGHT, took=10 * MINUTE)
    chronicle.ran(NIGHT + MINUTE, took=20 * MINUTE, before=2 * MINUTE)
    chronicle.ran(NIGHT, "failed", took=3 * MINUTE)
    cured, failed = recount(chronicle.store, SATURDAY).counts
    assert (cured.outcome, cured.number, cured.family, cured.symptom) == ("cured", 2, "restart", SYMPTOM)
    assert cured.seconds == (6 * 60, 17 * 60)
    assert (failed.outcome, failed.number, failed.seconds) == ("failed", 1, (180,))


def test_a_cured_run_whose_ok_need_not_hold_ended_with_it(chronicle: Chronicle) -> None:
    chronicle.ran(held=timedelta(), took=4 * MINUTE, asked=MINUTE)
    (cured,) = recount(chronicle.store, SATURDAY).counts
    assert cured.seconds == (5 * 60,)


def test_a_run_without_an_alarm_took_from_opening_to_closing(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT, "succeeded", symptom="by hand:restart-ec2-instance", took=7 * MINUTE)
    (one,) = recount(chronicle.store, SATURDAY).counts
    assert one.seconds == (7 * 60,)


def test_how_long_a_person_thought_about_it_is_told_apart(chronicle: Chronicle) -> None:
    """Runs that asked nobody have no such figure: a 0 would say that they were answered at once."""
    chronicle.ran(NIGHT, asked=4 * MINUTE)
    chronicle.ran(NIGHT)
    (cured,) = recount(chronicle.store, SATURDAY).counts
    assert cured.asked == (4 * 60,)


def test_a_storm_of_refusals_is_a_few_groups_and_few_reads(
    chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of the index is a read; no refusal is read by itself."""
    monkeypatch.setattr(period, "MANY", 50)
    for _ in range(60):
        chronicle.refused(gate="flap")
    chronicle.refused(gate="lock")
    day = recount(chronicle.store, SATURDAY)
    assert {each.gate: each.number for each in day.counts} == {"flap": 60, "lock": 1}
    assert day.reads == 3  # two pages, and one look for alarms that were observed


def test_a_storm_over_a_whole_estate_is_told_without_most_resources(
    chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The busiest are named, and none is lost."""
    monkeypatch.setattr(recounting, "MOST_REFUSALS", 2)
    for resource in "abbcccd":
        chronicle.refused(resource=resource)
    counts = recount(chronicle.store, SATURDAY).counts
    assert {each.resource[-3:]: each.number for each in counts} == {"i-c": 3, "i-b": 2, "": 2}


def test_a_day_is_a_utc_day(chronicle: Chronicle) -> None:
    midnight = NIGHT.replace(hour=0)
    chronicle.refused(midnight - timedelta(milliseconds=1), "lock")
    chronicle.refused(midnight, "flap")
    chronicle.refused(midnight + DAY - timedelta(milliseconds=1), "halt")
    chronicle.refused(midnight + DAY, "stale")
    assert [each.gate for each in recount(chronicle.store, SATURDAY).counts] == ["flap", "halt"]


def test_an_alarm_that_was_only_observed_is_in_the_day_on_which_it_ended(chronicle: Chronicle) -> None:
    chronicle.lasted(NIGHT, 4 * 60 * MINUTE)
    (one,) = recount(chronicle.store, SATURDAY).lasted
    assert (one.seconds, one.began, one.symptom, one.level) == (4 * 3600, NIGHT - 4 * 60 * MINUTE, SYMPTOM, "observe")
    assert one.resource == INSTANCE.format(1)


def test_what_is_kept_says_the_same_and_costs_one_read_for_a_hundred_days(chronicle: Chronicle) -> None:
    for back in range(0, 150, 30):
        chronicle.ran(NIGHT - back * DAY, asked=MINUTE)
        chronicle.lasted(NIGHT - back * DAY)
    since = SATURDAY - 149 * DAY
    counted = list(days(chronicle.store, since, SATURDAY, now=OVER))
    for day in missing(chronicle.store, since, SATURDAY):
        keep(chronicle.store, day)
    read = list(days(chronicle.store, since, SATURDAY, now=OVER))
    assert read == counted
    assert len(read) == 150
    assert sum(day.reads for day in read) == 2
    assert missing(chronicle.store, since, SATURDAY) == []


def test_today_is_counted_each_time_and_tomorrow_is_not_there(chronicle: Chronicle) -> None:
    """Even where somebody kept it too soon."""
    chronicle.ran(NIGHT)
    keep(chronicle.store, SATURDAY)
    chronicle.ran(NIGHT + MINUTE)
    *_, today = days(chronicle.store, SATURDAY - DAY, SATURDAY + 3 * DAY, now=NIGHT + 2 * MINUTE)
    assert (today.day, today.runs) == (SATURDAY, 2)


def test_a_day_that_is_kept_again_is_made_anew_where_it_changed(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT)
    keep(chronicle.store, SATURDAY)
    chronicle.ran(NIGHT + MINUTE)
    keep(chronicle.store, SATURDAY)
    (day,) = days(chronicle.store, SATURDAY, SATURDAY, now=OVER)
    assert (day.runs, day.reads) == (2, 1)


def test_a_day_too_large_for_one_item_is_kept_in_several(chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it and half of another making would be no day: then it is counted."""
    monkeypatch.setattr(kept, "PART", 300)
    for number in range(5):
        chronicle.ran(NIGHT, resource=str(number))
    keep(chronicle.store, SATURDAY)
    (day,) = days(chronicle.store, SATURDAY, SATURDAY, now=OVER)
    assert (day, day.reads) == (recount(chronicle.store, SATURDAY), 2)
    torn = Piece("state", {"key": f"day#{SATURDAY}#2"}, gate="day", put={"text": "of another making"})
    chronicle.store.transact([torn])
    (again,) = days(chronicle.store, SATURDAY, SATURDAY, now=OVER)
    assert again == day
    assert again.reads > 2
    keep(chronicle.store, SATURDAY)
    assert [each.reads for each in days(chronicle.store, SATURDAY, SATURDAY, now=OVER)] == [2]


def test_a_day_is_kept_dropped_and_kept_again_in_dynamodb(clients: ClientMaker) -> None:
    store = Store(clients("dynamodb", client_config()))
    chronicle, day = Chronicle(store), date(2031, 5, 1)
    at = NIGHT.replace(year=2031, month=5, day=1)
    chronicle.ran(at, asked=MINUTE)
    chronicle.lasted(at)
    keep(store, day)
    assert missing(store, day, day) == []
    for number in range(2):
        drop(store, at, chronicle.ran(at))
        assert missing(store, day, day) == [day]
        assert keep(store, day).runs == 2 + number
    (read,) = days(store, day, day, now=at + 2 * DAY)
    assert (read.reads, read.runs, len(read.lasted)) == (1, 3, 1)


def test_a_day_of_another_version_is_counted(chronicle: Chronicle) -> None:
    chronicle.ran(NIGHT)
    keep(chronicle.store, SATURDAY)
    key = {"key": f"day#{SATURDAY}#0"}
    chronicle.store.transact([Piece("state", key, gate="day", sets={"version": 0, "text": "?"})])
    assert [day.runs for day in days(chronicle.store, SATURDAY, SATURDAY, now=OVER)] == [1]
    assert missing(chronicle.store, SATURDAY, SATURDAY) == [SATURDAY]


def test_who_counts_while_something_late_comes_does_not_keep_the_day_without_it(chronicle: Chronicle) -> None:
    class Late(MemoryStore):
        """Between a count and its write an upload comes, this often."""

        left = 1

        def transact(self, pieces: Any) -> None:
            if self.left and pieces[0].put and "digest" in pieces[0].put:
                self.left -= 1
                drop(self, NIGHT, chronicle.ran(NIGHT))
            super().transact(pieces)

    store = chronicle.store = Late()
    chronicle.ran(NIGHT)
    assert keep(store, SATURDAY).runs == 2
    assert [day.runs for day in days(store, SATURDAY, SATURDAY, now=OVER)] == [2]
    store.left = 100
    drop(store, NIGHT, "another")
    with pytest.raises(Conflict):
        keep(store, SATURDAY)


HAPPENS = ("run", "refuse", "go on", "go on", "go on", "go on", "come again", "keep")


class Broken(Chronicle):
    """A ledger whose writers die between any two entries, and come again."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[Entry] = []
        self.there: list[Entry] = []

    def put(self, entry: Entry) -> None:
        """Later."""
        self.wanted.append(entry)

    def go_on(self, number: int) -> None:
        """Some run writes its next entry; its ending comes late, as far as its day knows."""
        runs = list(dict.fromkeys(entry.run for entry in self.wanted))
        if runs:
            run = runs[number % len(runs)]
            entry = next(each for each in self.wanted if each.run == run)
            self.wanted.remove(entry)
            self.there.append(entry)
            super().put(entry)
            if entry.kind in {"closing", "refusal"}:
                drop(self.store, entry.at, entry.run)

    def come_again(self, number: int) -> None:
        """What was written is written once more: who died before he knew repeats it."""
        if self.there:
            with pytest.raises(ConditionFailed):
                super().put(self.there[number % len(self.there)])


@given(st.lists(st.tuples(st.sampled_from(HAPPENS), st.integers(0, 9)), min_size=20, max_size=60))
@settings(max_examples=15)
def test_whenever_writers_die_repeat_themselves_or_come_late_a_day_is_what_all_entries_say(
    happened: list[tuple[str, int]],
) -> None:
    """And whenever somebody kept it meanwhile."""
    ledger = Broken()
    assert isinstance(ledger.store, MemoryStore)
    for what, number in happened:
        at, outcome = NIGHT - number % 3 * DAY, ("cured", "failed", "declined")[number % 3]
        if what == "run":
            ledger.ran(at, outcome, resource=str(number % 2), asked=MINUTE if number % 2 else None)
        elif what == "refuse":
            ledger.refused(at, resource=str(number % 2))
        elif what == "keep":
            keep(ledger.store, at.date())
        else:
            (ledger.go_on if what == "go on" else ledger.come_again)(number)
    for day in days(ledger.store, SATURDAY - 2 * DAY, SATURDAY, now=OVER):
        assert told(day) == counted_from_all_entries(ledger.store, day.day)
        assert day == recount(ledger.store, day.day)


@pytest.fixture
def laptop(tmp_path: Path, clients: ClientMaker, auto_policy: Policy) -> Laptop:
    return Laptop(tmp_path, clients, auto_policy, declared(longer))


@pytest.mark.parametrize("after", [3, 4])
def test_an_upload_of_the_past_has_its_day_counted_anew(laptop: Laptop, clients: ClientMaker, after: int) -> None:
    """Also where it dies once its closing is there, and is repeated."""
    run, _ = laptop.ran(queue_of(clients, f"days-upload-{after}"))
    day = laptop.entries(run)[-1].at.date()
    there = Interrupted(-1)
    keep(there, day)
    there.left = after
    with pytest.raises(Unreachable):
        upload(run, laptop.store, there, "here")
    there.left = -1
    upload(run, laptop.store, there, "here")
    assert missing(there, day, day) == [day]
    (read,) = days(there, day, day, now=datetime.max.replace(tzinfo=NIGHT.tzinfo) - DAY)
    assert told(read) == counted_from_all_entries(there, day)
    assert read.runs == 1


def test_runs_that_were_approved_and_declined_are_counted_as_all_their_entries_say(house: House) -> None:
    """A real run: what people took to answer is between its question and their answer."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run)
    shift.through(run)
    store, day = shift.crew.store, shift.now().date()
    assert isinstance(store, MemoryStore)
    found = recount(store, day)
    assert told(found) == counted_from_all_entries(store, day)
    ((count,),) = ([each for each in found.counts if each.outcome == "succeeded"],)
    entries = house.entries(run)
    asked = next(entry.at for entry in entries if entry.kind == "wait")
    answered = next(fact["at"] for fact in house.facts(run) if "asked" in fact)
    assert count.asked == (round((moment(answered) - asked).total_seconds(), 3),)


def test_a_cured_runs_time_is_from_its_alarm_to_the_ok_that_it_saw(
    house: House, event: Callable[[str], dict[str, Any]]
) -> None:
    """A real run: that the OK held for five minutes afterwards is no part of it."""
    shift = Shift.build(house, doubles)
    sent = shift.event(event("ec2-status-check"))
    run = shift.fires(sent).run
    assert run is not None
    shift.on(run)
    shift.pass_time(120)
    shift.turns_ok(sent)
    assert shift.through(run)["outcome"] == "cured"
    (cured,) = recount(shift.crew.store, shift.now().date()).counts
    assert cured.number == 1
    assert 120 <= cured.seconds[0] < 150


def test_after_crashes_and_replays_a_day_is_what_all_entries_say(
    house: House, event: Callable[[str], dict[str, Any]]
) -> None:
    """A signal that comes three times, a run that is closed for dead, twice, and then goes on: it ended once."""
    shift = Shift.build(house, doubles, level="approve")
    store = shift.crew.store
    assert isinstance(store, MemoryStore)
    sent = shift.event(event("ec2-status-check"))
    answers = [shift.fires(sent) for _ in range(3)]
    run = next(answer.run for answer in answers if answer.kind == "admitted")
    assert run is not None
    shift.on(run)
    day = shift.now().date()
    assert recount(store, day).runs == 0
    for _ in range(2):
        abandon(run, store, shift.crew.installation.clock, "its lease ended")
    shift.through(run)
    found = recount(store, day)
    assert told(found) == counted_from_all_entries(store, day)
    assert [(each.outcome, each.number) for each in found.counts if each.outcome != "refused"] == [("failed", 1)]
