"""The day's job: each part may be repeated, one that fails stops no other, and what was missed is made up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import stamp
from nightcrew.demo.scripted import Refusal
from nightcrew.dispatch import daily as job
from nightcrew.dispatch.daily import SENT, Job
from nightcrew.dispatch.day_door import day_door
from nightcrew.errors import BadInput, Unknown, Unreachable
from nightcrew.knowledge.capacity.capacity import PERMISSIONS
from nightcrew.knowledge.recall.vocabulary import known
from nightcrew.knowledge.statistics import days
from nightcrew.ledger import roots
from nightcrew.ledger.anchors import Bucket
from tests.dispatch.office import DAY, NEXT, SATURDAY, Office
from tests.house import House
from tests.knowledge.chronicle import NIGHT, SYMPTOM, missing

MONDAY = 0


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


class Broken(Bucket):
    """A bucket that cannot be reached."""

    def __init__(self) -> None:
        super().__init__(None, "gone")

    def write(self, day: date, entries: Any, now: datetime) -> bool:
        raise Unreachable("the anchors in s3://gone cannot be used")


class Safe(Bucket):
    """A bucket that takes everything."""

    def __init__(self) -> None:
        super().__init__(None, "safe")

    def write(self, day: date, entries: Any, now: datetime) -> bool:
        return True


def test_a_night_keeps_the_day_its_words_and_its_root_and_sends_the_digest(office: Office) -> None:
    done = office.night()
    store = office.job.installation.store
    assert done.failed == {}
    assert SATURDAY in done.kept
    assert missing(store, SATURDAY, SATURDAY) == []
    assert SYMPTOM in known(store).symptoms
    assert done.roots == [str(SATURDAY)]
    ((kind, what),) = office.news
    assert (kind, what["first_day"], what["last_day"]) == ("digest", "2026-11-15", "2026-11-21")
    assert what["words"] == done.digest != ""
    assert what["figures"]["helped"] == 1


def test_repeated_it_does_nothing_twice(office: Office) -> None:
    """Lambda may call it again, and so may a person."""
    office.night()
    again = office.night()
    assert (again.roots, again.digest, again.failed) == ([], "", {})
    assert len(office.news) == 1
    assert len(again.kept) == job.MOST + job.ONCE_MORE, "it goes on with days that nobody kept"


def test_what_was_missed_is_made_up_the_last_days_first(office: Office) -> None:
    """A ledger that was there before: some nights, and it is all kept. Then only the last days are looked at again."""
    store = office.job.installation.store
    for _ in range(9):
        assert SATURDAY - DAY in office.night().kept
    assert missing(store, SATURDAY - 365 * DAY, SATURDAY) != []
    office.night()
    assert missing(store, SATURDAY - 365 * DAY, SATURDAY) == []
    assert office.night().kept == [SATURDAY - DAY, SATURDAY]
    later = office.night(3 * DAY)
    assert later.kept == [SATURDAY + number * DAY for number in (1, 2, 3)]
    assert later.roots == [str(SATURDAY + number * DAY) for number in (1, 2, 3)]


def test_what_came_late_is_counted_by_the_next_night(office: Office) -> None:
    """An index that followed slowly: the day was kept without it."""
    office.night()
    office.chronicle.ran(NIGHT, "failed", resource="2")
    office.night(DAY)
    (day,) = days.days(office.job.installation.store, SATURDAY, SATURDAY, now=office.clock.now())
    assert day.runs == 2


def test_no_day_is_begun_without_time_and_all_else_is_done(office: Office) -> None:
    left = iter([True, True, False])
    done = office.night(more=lambda: next(left))
    assert done.kept == [SATURDAY - DAY, SATURDAY]
    assert (done.roots, done.digest != "") == ([str(SATURDAY)], True)


def test_a_part_that_fails_stops_no_other_and_is_made_up(office: Office) -> None:
    done = office.night(bucket=Broken())
    assert list(done.failed) == ["anchors"]
    assert office.watched == [("not done", "anchors")]
    assert (done.roots, done.digest != "") == ([str(SATURDAY)], True)
    made = office.night(DAY, bucket=Safe())
    assert (made.failed, made.anchored) == ({}, [SATURDAY, SATURDAY + DAY])


def test_a_day_that_cannot_be_counted_keeps_no_other_from_being_kept(office: Office) -> None:
    """It is named, night after night, until somebody looks; roots name its runs all the same."""
    opening = {"runbook": "x", "alarm": {"at": "no time"}}
    ending = {"runbook": "x", "resource": "r", "symptom": "s", "outcome": "cured", "started": stamp(NIGHT)}
    office.chronicle._chain("20261121-030000-broken", [("opening", NIGHT, opening), ("closing", NIGHT, ending)])
    done = office.night()
    assert str(SATURDAY) in done.failed["days"]
    assert SATURDAY - DAY in done.kept
    assert len(done.kept) == job.MOST + job.ONCE_MORE - 1
    assert done.roots == [str(SATURDAY)]


def test_a_digest_that_was_not_delivered_is_sent_the_next_night(office: Office) -> None:
    """At least once: only what was delivered is marked."""

    def away(kind: str, what: Mapping[str, Any]) -> None:
        raise Unreachable("topic: Throttled")

    silent = replace(office.job.installation, news=away)
    assert list(office.night(installation=silent).failed) == ["digest"]
    assert office.job.installation.store.get("state", SENT) is None
    assert office.night().digest != ""
    assert office.job.installation.store.get("state", SENT)["day"] == "2026-11-22"  # type: ignore[index]


@pytest.mark.parametrize(("nights", "sent"), [(1, 0), (6, 0), (7, 1), (9, 1)])
def test_a_digest_comes_once_a_week_and_late_rather_than_never(office: Office, nights: int, sent: int) -> None:
    """The next one is due a week later; where that night failed, the night after brings the same week."""
    office.night()
    office.night(nights * DAY)
    assert [what["last_day"] for _, what in office.news] == ["2026-11-21", "2026-11-28"][: 1 + sent]


def test_the_first_digest_comes_on_its_day(office: Office) -> None:
    """A stack that is deployed on a Sunday says nothing about a week in which it was not there."""
    assert office.night(weekday=MONDAY).digest == ""
    assert office.night(DAY, weekday=MONDAY).digest != ""
    assert office.night(14 * DAY, weekday=None).digest == ""


# --- as it is wired

WIRED = {"NIGHTCREW_LEDGER": "ledger", "NIGHTCREW_STATE": "state"}


def wired(house: House, **given: str) -> Job:
    environment = {**WIRED, **{f"NIGHTCREW_{name}": value for name, value in given.items()}}
    return day_door(environment, lambda kind, what: None, house.scripted)()


def test_without_a_word_nothing_is_anchored_or_sent(house: House) -> None:
    made = wired(house)
    assert (made.bucket, made.weekday) == (None, None)
    assert wired(house, DIGEST_DAY="NEVER").weekday is None
    assert wired(house, DIGEST_DAY="MONDAY").weekday == MONDAY


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"DIGEST_DAY": "Monday"}, Unknown),
        ({"ANCHORS": "s3://safe", "ANCHOR_DAYS": "0"}, Unknown),
        ({"ANCHORS": "s3://safe", "ANCHOR_MODE": "LOOSE"}, BadInput),
    ],
)
def test_what_nobody_understands_is_said_and_not_passed_over(
    house: House, given: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error, match=next(reversed(given.values()))):
        wired(house, **given)


def test_a_root_is_due_an_hour_after_its_day() -> None:
    """When the job comes, it is."""
    assert roots.last_due(NEXT) == SATURDAY


# --- what AWS says of capacity


def looking(house: House) -> Cloud:
    """The job's own eyes, on a cloud whose quotas are all used up."""
    metric = {"MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricDimensions": {"Resource": "x"}}
    quota = {"QuotaCode": "L-1", "QuotaName": "Things", "Value": 100.0, "Adjustable": True, "UsageMetric": metric}
    answers: Mapping[str, Any] = {"Quotas": [quota]}
    house.scripted.script("service-quotas", "ListServiceQuotas", lambda _: answers)
    house.scripted.script("service-quotas", "ListAWSDefaultServiceQuotas", lambda _: {"Quotas": []})

    def figures(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = [each["Id"] for each in asked["MetricDataQueries"]]
        return {"MetricDataResults": [{"Id": name, "Timestamps": [NIGHT], "Values": [95.0]} for name in ids]}

    house.scripted.script("cloudwatch", "GetMetricData", figures)
    return Cloud(house.scripted, PERMISSIONS, "the digest")


def asked(house: House) -> set[str]:
    """The services that were asked, beside the ledger's."""
    return {each.service for each in house.scripted.sent} - {"dynamodb"}


def test_the_digest_says_which_quotas_are_close(office: Office, house: House) -> None:
    """Read where it is due, and on no other night: metrics cost money."""
    cloud = looking(house)
    house.scripted.sent.clear()
    assert office.night(cloud=cloud).failed == {}
    assert "Things (dynamodb): 95 of 100, 95 %" in office.news[0][1]["markdown"]
    assert "service-quotas" in asked(house)
    house.scripted.sent.clear()
    office.night(DAY, cloud=cloud)
    office.night(DAY, cloud=cloud, weekday=None)
    assert asked(house) == set()


def test_what_aws_refuses_does_not_keep_the_digest_from_being_sent(office: Office, house: House) -> None:
    """It is in the log, and in the digest; it is no error of the function, which could not mend it by trying again."""
    cloud = looking(house)
    for operation in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
        house.scripted.script("service-quotas", operation, lambda _: Refusal("AccessDeniedException", "not you"))
    done = office.night(cloud=cloud)
    assert (done.failed, done.digest != "") == ({}, True)
    assert office.watched == [("not done", "capacity")]
    assert "not known: quotas of " in office.news[0][1]["text"]


def test_whatever_goes_wrong_with_capacity_the_digest_is_sent(office: Office) -> None:
    """Without a word of it; and that is told to whoever keeps the stack."""

    def gone(*_: Any) -> Any:
        raise RuntimeError("no client")

    done = office.night(cloud=Cloud(gone, PERMISSIONS, "the digest"))
    assert list(done.failed) == ["capacity"]
    assert done.digest != ""
    assert [kind for kind, _ in office.news] == ["digest"]
