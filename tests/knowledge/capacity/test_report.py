"""The whole report, and what it says in words."""

from datetime import date, timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.knowledge.capacity.capacity import NO_LEDGER, PERMISSIONS, Capacity, Terms, capacity
from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.needs import Need
from nightcrew.knowledge.capacity.quotas import Quota
from nightcrew.knowledge.capacity.rescued import Rescued
from nightcrew.knowledge.capacity.usage import Used
from nightcrew.knowledge.capacity.wanted import Sizes, Wanted
from nightcrew.knowledge.capacity.words import is_close, was_scaled, would_want
from nightcrew.knowledge.statistics.day import Count, Day

NOW = StoppedClock().now() + timedelta(minutes=25)
TODAY = NOW.date()
WEB = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web"
GROW = "scale-out-auto-scaling-group"


def day(number: int, of: date = TODAY) -> Day:
    return Day(of, (Count(GROW, "scale-out", WEB, "s", "cured", "", number),))


def report(aws: Scripted, *days: Day, ledger: bool = True, **about: Any) -> Capacity:
    span = (TODAY - timedelta(days=27), TODAY)
    cloud = Cloud(aws, PERMISSIONS, "capacity")
    told: dict[str, Any] = {"families": {}, "permissions": ["dynamodb:UpdateTable"], **about}
    return capacity(cloud, days if ledger else None, span, NOW, **told)


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """A cloud without that group, and without quotas."""
    scripted.reset()
    scripted.script("autoscaling", "DescribeAutoScalingGroups", lambda _: {"AutoScalingGroups": []})
    for operation in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
        scripted.script("service-quotas", operation, lambda _: {"Quotas": []})
    return scripted


def test_the_days_of_a_span_are_counted_together(aws: Scripted) -> None:
    """Once a week for three weeks is three times; the terms are told with it."""
    told = report(aws, *(day(1, TODAY - timedelta(days=7 * week)) for week in range(3)))
    assert [each.rescued for each in told.needs] == [Rescued(WEB, 3)]
    assert told.days == 28
    assert told.to_dict() | {"rescued": []} == {
        "version": 1,
        "since": "2026-10-25",
        "until": "2026-11-21",
        "at": "2026-11-21T03:25:00.000Z",
        "terms": {"rescues": 3, "cpu": 60, "close": 80},
        "rescued": [],
        "quotas": {"close": [], "metered": 0, "measured": 0},
        "unknown": [],
    }


def test_without_a_rescue_no_group_is_asked_about(aws: Scripted) -> None:
    """Nothing is read that nobody wants to know."""
    assert report(aws, day(2)).needs == ()
    assert {each.service for each in aws.sent} == {"service-quotas"}
    assert len(report(aws, day(2), terms=Terms(rescues=2)).needs) == 1


def test_without_a_ledger_quotas_are_told_alone(aws: Scripted) -> None:
    """And that rescues are not known: that is not the same as none."""
    told = report(aws, ledger=False)
    assert (told.needs, told.unknown) == ((), (f"what scale-out rescued: {NO_LEDGER}",))


def test_the_hour_that_is_not_over_does_not_count(aws: Scripted) -> None:
    """From the first day's midnight to the last full hour."""
    about = {"AutoScalingGroupName": "web", "AutoScalingGroupARN": WEB, "MinSize": 1, "MaxSize": 2}
    about |= {"DesiredCapacity": 1, "DefaultCooldown": 300, "AvailabilityZones": [], "HealthCheckType": "EC2"}
    aws.script(
        "autoscaling",
        "DescribeAutoScalingGroups",
        lambda _: {"AutoScalingGroups": [{**about, "CreatedTime": NOW}]},
    )
    aws.script("cloudwatch", "GetMetricData", lambda _: {"MetricDataResults": []})
    report(aws, day(3))
    [asked] = [each.parameters for each in aws.sent if each.operation == "GetMetricData"]
    assert (asked["StartTime"], asked["EndTime"]) == ("2026-10-25T00:00:00.000Z", "2026-11-21T03:00:00.000Z")


def test_what_one_half_may_not_read_does_not_keep_the_other_from_being_told(aws: Scripted) -> None:
    """Groups without quotas, quotas without groups."""
    denied = Refusal("AccessDenied")
    aws.script("autoscaling", "DescribeAutoScalingGroups", lambda _: denied)
    aws.script("service-quotas", "ListServiceQuotas", lambda _: denied)
    told = report(aws, day(3))
    assert [each.rescued.times for each in told.needs] == [3]
    assert [line.partition(":")[0] for line in told.unknown] == ["sizes of groups", "quotas of dynamodb"]


# --- in words


ONE_FULL = "1 hour may have wanted more, at 90 % of CPU and above"
RAISED = "fewer than that Min served before: what is set now may be a rescue that is not put back yet"
ASSUMED = "taken to be 4 tasks all the time"


def need(wanted: Wanted | None, **more: Any) -> Need:
    return Need(**{"rescued": Rescued(WEB, 5, 2), "sizes": Sizes(2, 8, 4), "wanted": wanted, **more})


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            need(Wanted(5, 13, 600, 0, 10, 584)),
            "its 600 hours want Min 5 and Max 13 (set: 2 to 8, 4 now), 584 instance hours more a month",
        ),
        (
            need(Wanted(5, 13, 600, 1, 10, 1), of="task", sizes=Sizes(None, None, 4), assumed=True),
            f"its 600 hours want Min 5 and Max 13 (set: 4, fixed), 1 task hour more a month; {ONE_FULL}; {ASSUMED}",
        ),
        (
            need(Wanted(2, 8, 600, 0, 1, 0)),
            "its 600 hours want no other Min and Max than are set (2 to 8, 4 now): it is not CPU that it lacks",
        ),
        (
            need(Wanted(4, 8, 600, 0, 6, 0, raised=True)),
            f"its 600 hours want Min 4 and Max 8 (set: 2 to 8, 4 now), 0 instance hours more a month; {RAISED}",
        ),
        (need(None, why="its sizes could not be read"), "its sizes could not be read"),
    ],
)
def test_what_a_group_wants_is_a_sentence(told: Need, words: str) -> None:
    assert would_want(told) == words
    assert was_scaled(told.rescued) == "was scaled out 5 times, and put back 2 times"


@pytest.mark.parametrize(
    ("quota", "used", "words"),
    [
        ({}, {"requested": 1500.0}, "950 of 1,152, 82 %; 1,500 are asked for"),
        ({"per": 1}, {"used": 950.5}, "950.5 of 1,152 a second, 83 %; nobody has asked for more"),
        ({"per": 600}, {"certain": False}, "950 of 1,152 in 600 s, 82 %"),
        ({"adjustable": False}, {}, "950 of 1,152, 82 %; it cannot be raised"),
    ],
)
def test_what_is_close_is_a_sentence(quota: dict[str, Any], used: dict[str, Any], words: str) -> None:
    """AWS's own name of a quota is escaped on a page."""
    metric = Metric("AWS/Usage", "ResourceCount", (), "Maximum", 3600)
    about = {"service": "ec2", "code": "L-1", "name": "Rate of *x*", "value": 1152.0, "default": 5.0}
    made = Quota(**{**about, "adjustable": True, "metric": metric, **quota})
    told = is_close(Used(**{"quota": made, "used": 950.0, "at": "t", **used}))
    assert told.plain == f"Rate of *x* (ec2): {words}"
    assert "*x*" not in told.markdown.replace("\\*", "")
