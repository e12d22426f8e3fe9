"""The symptoms that there were: in one item, however many days are added, and however often."""

from datetime import date, timedelta

import pytest

from nightcrew.knowledge.recall.vocabulary import KEY, MOST, MOST_TEXT, Known, keep, known
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.ledger.memory import MemoryStore
from tests.knowledge.casebook import CHECK, instance, queue

MONDAY = date(2026, 11, 16)


def count(symptom: str, resource: str, outcome: str = "cured") -> Count:
    return Count("restart", "restart", resource, symptom, outcome, "", 1)


def test_each_symptom_is_known_with_its_kinds_and_its_last_day() -> None:
    store = MemoryStore()
    keep(store, [Day(MONDAY, (count("checkout-5xx", queue("checkout")), count(CHECK, instance("1"))))])
    keep(store, [Day(MONDAY + timedelta(days=2), (count("checkout-5xx", instance("1")),))])
    found = known(store)
    assert found.symptoms["checkout-5xx"] == Known("2026-11-18", ("ec2:instance", "sqs"))
    assert found.symptoms[CHECK] == Known("2026-11-16", ("ec2:instance",))
    assert found.of_kind("ec2:instance", 5) == ["checkout-5xx", CHECK]
    assert found.alike("PROD checkout 5XX", 3, 0.6) == ["checkout-5xx"]


def test_a_day_that_is_added_again_changes_nothing() -> None:
    """Also one that comes late: a symptom's last day does not go back."""
    store, day = MemoryStore(), Day(MONDAY, (count(CHECK, instance("1")),))
    keep(store, [Day(MONDAY + timedelta(days=1), day.counts)])
    before = store.get("state", KEY)
    keep(store, [day])
    assert store.get("state", KEY) == before


@pytest.mark.parametrize("outcome", ["refused", "declined"])
def test_what_was_not_carried_out_brings_no_symptom(outcome: str) -> None:
    store = MemoryStore()
    assert keep(store, [Day(MONDAY, (count(CHECK, instance("1"), outcome),))]).symptoms == {}


def test_of_too_many_those_that_came_last_are_kept() -> None:
    """So that the item stays small."""
    store = MemoryStore()
    for day in (0, 1):
        counts = tuple(count(f"symptom {day} {number}", instance("1")) for number in range(MOST - 10))
        keep(store, [Day(MONDAY + timedelta(days=day), counts)])
    keep(store, [Day(MONDAY, (count("x" * (MOST_TEXT + 1), instance("1")),))])
    found = known(store).symptoms
    assert len(found) == MOST
    assert sum(each.last == "2026-11-17" for each in found.values()) == MOST - 10


def test_it_fits_into_an_item_in_whatever_script_the_symptoms_are() -> None:
    """DynamoDB takes 400 KB: a job that writes more would fail each night."""
    store, kinds = MemoryStore(), [f"arn:aws:service-{number}:eu-west-1:1:database-cluster/x" for number in range(5)]
    names = [f"{number:03}" + "警" * ((MOST_TEXT - 3) // 3) for number in range(MOST + 10)]
    keep(store, [Day(MONDAY, tuple(count(name, kind) for name in names for kind in kinds))])
    keep(store, [Day(MONDAY, (count("警" * MOST_TEXT, kinds[0]),))])
    item = store.get("state", KEY) or {}
    assert 200_000 < len(str(item["body"]).encode()) < 380_000
    assert "警" * MOST_TEXT not in known(store).symptoms


def test_before_the_first_day_is_over_nothing_is_known() -> None:
    assert known(MemoryStore()).symptoms == {}
