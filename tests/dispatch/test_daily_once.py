"""What the parts of the day's job share is read once, and counted once, whenever a night ends in the middle."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import StoppedClock
from nightcrew.dispatch.daily import SENT, daily
from nightcrew.errors import Unreachable
from nightcrew.knowledge.capacity.capacity import PERMISSIONS
from nightcrew.ledger import roots
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Found
from nightcrew.ledger.transaction import Piece
from tests.dispatch.office import DAY, NEXT, SATURDAY, Office
from tests.house import House
from tests.knowledge.chronicle import NIGHT, missing

WEEK = 7 * DAY


class Dead(BaseException):
    """The process is gone: nothing in it catches this."""


class Tables(MemoryStore):
    """Counts the requests. It ends the process instead of a write when none is ``left``; so many requests for days
    are ``lost``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: Counter[str] = Counter()
        self.left = -1
        self.lost = 0

    def transact(self, pieces: Sequence[Piece]) -> None:
        if self.left == 0:
            raise Dead
        self.left -= 1
        super().transact(pieces)

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        self.made[str(key.get("key", ""))] += 1
        return super().get(table, key, consistent=consistent)

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        of_days = all(str(key.get("key", "")).startswith("day#") for key in keys)
        self.made["days"] += of_days
        if of_days and self.lost:
            self.lost -= 1
            raise Unreachable("the line is dead")
        return [self._item(table, key) for key in keys]

    def query(self, table: str, *where: Any, **how: Any) -> Found:
        self.made["queries"] += 1
        return super().query(table, *where, **how)

    def told(self) -> tuple[dict[str, Any], list[str]]:
        """What was derived: all of the state, and what roots name."""
        made = roots.made_since(self, NIGHT - WEEK)
        return self._items["state"], [named.run for root in made for named in roots.names(root)]


@pytest.fixture
def office(house: House) -> Office:
    """Its ledger was there before, and all of its year is kept."""
    made = Office(house, Tables())
    for _ in range(10):
        made.night()
    made.news.clear()
    return made


def tables(office: Office) -> Tables:
    assert isinstance(office.store, Tables)
    return office.store


def test_whatever_counts_from_the_year_it_is_read_once(office: Office, house: House) -> None:
    """Four hundred days are four requests: what is missing, proofs, capacity and the digest all count from them."""
    house.scripted.script("service-quotas", "ListServiceQuotas", lambda _: {"Quotas": []})
    house.scripted.script("service-quotas", "ListAWSDefaultServiceQuotas", lambda _: {"Quotas": []})
    cloud = Cloud(house.scripted, PERMISSIONS, "the digest")
    office.night(WEEK - DAY)
    made = tables(office).made
    made.clear()
    done = office.night(DAY, cloud=cloud)
    assert (done.failed, done.digest != "") == ({}, True)
    assert (made["days"], made[SENT["key"]]) == (4, 1)


def test_days_that_nobody_kept_are_counted_once_a_night(house: House) -> None:
    """A ledger that was there before: forty are kept a night, and proofs and digest count from all of the others."""
    silent, telling = Office(house, Tables()), Office(house, Tables())
    silent.night(weekday=None)
    assert telling.night().digest != ""
    lessons = 1
    assert tables(telling).made["queries"] == tables(silent).made["queries"] + lessons


def test_a_night_proves_what_it_has_just_counted(office: Office) -> None:
    """The days were read before: what came since is in them all the same."""
    office.chronicle.ran(NIGHT + DAY)
    office.night(DAY)
    proof = office.store.get("state", {"key": "proof#restart-ec2-instance"})
    assert (proof or {})["tried"] == 2
    assert (proof or {})["last"] == str(SATURDAY + DAY)


def test_a_year_that_cannot_be_read_is_read_by_the_next_part(office: Office) -> None:
    """One that asks too late may still have an answer: a digest is not given up for what roll-ups met."""
    tables(office).lost = 1
    done = office.night(WEEK)
    assert list(done.failed) == ["days"]
    assert done.digest != ""


def test_a_night_that_dies_at_any_write_is_made_up_and_nothing_is_counted_twice(office: Office) -> None:
    """What the night after derives is what it would have derived, had the other one ended."""
    office.chronicle.ran(NIGHT + 2 * DAY, symptom="AWS/ECS:Errors:high")
    office.chronicle.ran(NIGHT + WEEK)
    office.chronicle.ran(NIGHT + WEEK, "failed", resource="2")
    office.chronicle.refused(NIGHT + WEEK)
    before, news = tables(office), office.news

    def nights(dies_after: int) -> tuple[Tables, bool]:
        """Two of them, the first of which may die."""
        store, clock, died = deepcopy(before), StoppedClock(NEXT + WEEK), False
        made = replace(office.job, installation=replace(office.job.installation, store=store, clock=clock))
        news.clear()
        store.left = dies_after
        try:
            daily(made)
        except Dead:
            died = True
        store.left = -1
        clock.sleep(DAY.total_seconds())
        assert daily(made).failed == {}
        assert {what["last_day"] for _, what in news} == {str(SATURDAY + WEEK)}
        return store, died

    whole, _ = nights(-1)
    assert len(news) == 1
    dies_after = 0
    while True:
        store, died = nights(dies_after)
        assert store.told() == whole.told(), f"dead after {dies_after} writes"
        assert missing(store, SATURDAY, SATURDAY + WEEK) == []
        if not died:
            break
        dies_after += 1
    assert dies_after > 3 + 7, "days, vocabulary, proofs, seven roots and the digest's mark"
