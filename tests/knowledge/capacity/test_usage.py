"""How close an account is to its service quotas."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import StoppedClock, stamp
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.knowledge.capacity.capacity import PERMISSIONS
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.quotas import codes
from nightcrew.knowledge.capacity.usage import Usage, usage

NOW = StoppedClock().now()
MISSING = Refusal("NoSuchResourceException", "The request failed because the specified service does not exist.")
DENIED = Refusal("AccessDeniedException", "not authorized")
ONE = ["dynamodb:UpdateTable"]
"""Permissions of one service."""

A_SECOND = {"PeriodValue": 1, "PeriodUnit": "SECOND"}


def quota(
    name: str = "Tables", value: float = 100, code: str = "", stat: str = "Maximum", **more: Any
) -> dict[str, Any]:
    """As Service Quotas tells it, with a metric of its usage."""
    metric = {
        "MetricNamespace": "AWS/Usage",
        "MetricName": "CallCount" if stat == "Sum" else "ResourceCount",
        "MetricDimensions": {"Type": "Resource", "Service": "DynamoDB", "Resource": name},
        "MetricStatisticRecommendation": stat,
    }
    told = {"QuotaCode": code or f"L-{name}", "QuotaName": name, "Value": value, "Adjustable": True}
    return {"ServiceCode": "dynamodb", **told, "UsageMetric": metric, **more}


class Account:
    """What Service Quotas lists, and CloudWatch knows of its usage by the name of a quota: points in the order of time,
    the last one an hour ago.
    """

    def __init__(self, aws: Scripted) -> None:
        aws.reset()
        self.aws = aws
        self.used: dict[str, list[float]] = {}
        self.lists()
        self.asked_for()
        aws.script("cloudwatch", "GetMetricData", self._figures)

    def lists(self, *applied: dict[str, Any], default: tuple[dict[str, Any], ...] = ()) -> None:
        """Each service has the same."""
        self.answers("ListServiceQuotas", lambda _: {"Quotas": list(applied)})
        self.answers("ListAWSDefaultServiceQuotas", lambda _: {"Quotas": list(default)})

    def asked_for(self, **values: float) -> None:
        """Increases that AWS has not decided on, by the quota's code without its beginning."""
        asked = [
            {"ServiceCode": "dynamodb", "QuotaCode": f"L-{code}", "DesiredValue": value, "Status": "CASE_OPENED"}
            for code, value in values.items()
        ]

        def answer(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"RequestedQuotas": [each for each in asked if each["Status"] == parameters["Status"]]}

        self.answers("ListRequestedServiceQuotaChangeHistory", answer)

    def answers(self, operation: str, script: Any) -> None:
        self.aws.script("service-quotas", operation, script)

    def read(self, permissions: list[str] = ONE, close: float = 80) -> tuple[Usage, list[str]]:
        """With what is not known."""
        lacking = Lacking()
        told = usage(Cloud(self.aws, PERMISSIONS, "capacity"), permissions, NOW, lacking, close)
        return told, lacking.lines()

    def sent(self, operation: str) -> list[Mapping[str, Any]]:
        return [each.parameters for each in self.aws.sent if each.operation == operation]

    def _figures(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        results = []
        for query in asked["MetricDataQueries"]:
            dimensions = {each["Name"]: each["Value"] for each in query["MetricStat"]["Metric"]["Dimensions"]}
            values = self.used.get(dimensions["Resource"], [])
            times = [NOW - timedelta(hours=number) for number in range(len(values), 0, -1)]
            results.append({"Id": query["Id"], "Timestamps": times, "Values": values})
        return {"MetricDataResults": results}


@pytest.fixture
def account(scripted: Scripted) -> Account:
    return Account(scripted)


def test_the_highest_usage_of_a_day_counts(account: Account) -> None:
    """Not the last one: the hour at night is the one that stands at the limit."""
    account.lists(quota(value=100))
    account.used = {"Tables": [10, 85, 20]}
    told, unknown = account.read()
    [close] = told.close
    assert close.to_dict() == {
        "service": "dynamodb",
        "quota": "L-Tables",
        "name": "Tables",
        "value": 100.0,
        "default": None,
        "adjustable": True,
        "per_seconds": None,
        "used": 85.0,
        "percent": 85.0,
        "at": stamp(NOW - timedelta(hours=2)),
        "requested": None,
    }
    assert unknown == []
    [asked] = account.sent("GetMetricData")
    assert asked["StartTime"] == stamp(NOW - timedelta(days=1))
    assert asked["MetricDataQueries"][0]["MetricStat"]["Stat"] == "Maximum"


@pytest.mark.parametrize(("used", "close", "told"), [(80, 80, 1), (79.9, 80, 0), (79.9, 79, 1), (120, 80, 1)])
def test_close_is_four_fifths_unless_said_otherwise(account: Account, used: float, close: float, told: int) -> None:
    """Above the limit counts as well: AWS lets more through at times."""
    account.lists(quota(value=100))
    account.used = {"Tables": [used]}
    assert len(account.read(close=close)[0].close) == told


def test_an_applied_value_goes_before_a_default_one(account: Account) -> None:
    """Of the default there stays what was there before; what was never applied is in the listing of defaults alone."""
    bare = {name: value for name, value in quota(value=200).items() if name != "UsageMetric"}
    account.lists(bare, default=(quota(value=100), quota("Streams", value=50)))
    account.used = {"Tables": [90], "Streams": [45]}
    [streams] = account.read()[0].close
    assert (streams.quota.name, streams.quota.value, streams.quota.default, streams.percent) == ("Streams", 50, 50, 90)
    account.used = {"Tables": [190]}
    [tables] = account.read()[0].close
    assert (tables.quota.value, tables.quota.default, tables.percent) == (200, 100, 95)


def test_the_closest_comes_first(account: Account) -> None:
    account.lists(quota("A"), quota("B"), quota("C"))
    account.used = {"A": [81], "B": [99], "C": [90]}
    assert [each.quota.name for each in account.read()[0].close] == ["B", "C", "A"]


def test_what_has_no_metric_or_no_figures_is_counted_as_such(account: Account) -> None:
    """A quota of nothing, too: nobody can be close to it."""
    account.lists(quota("A"), quota("B"), {**quota("C"), "UsageMetric": None}, quota("D", value=0))
    account.used = {"A": [10], "C": [99], "D": [1]}
    told, _ = account.read()
    assert (told.close, told.metered, told.measured) == ((), 2, 1)


@pytest.mark.parametrize(
    ("period", "asked", "used"),
    [
        (A_SECOND, 300, 9.0),  # 2,700 calls in five minutes
        ({"PeriodValue": 1, "PeriodUnit": "MINUTE"}, 300, 540.0),
        ({"PeriodValue": 10, "PeriodUnit": "MINUTE"}, 600, 2700.0),
        ({"PeriodValue": 1, "PeriodUnit": "HOUR"}, 3600, 2700.0),
    ],
)
def test_calls_are_measured_over_what_their_quota_is_for(
    account: Account, period: dict[str, Any], asked: int, used: float
) -> None:
    """CloudWatch counts them; the quota allows so many a second."""
    account.lists(quota("GetItem", value=used / 0.9, stat="Sum", Period=period))
    account.used = {"GetItem": [100, 2700]}
    [close] = account.read()[0].close
    assert close.used == pytest.approx(used)
    assert close.percent == pytest.approx(90)
    stat = account.sent("GetMetricData")[0]["MetricDataQueries"][0]["MetricStat"]
    assert (stat["Period"], stat["Stat"]) == (asked, "Sum")


@pytest.mark.parametrize("period", [None, {"PeriodValue": 1, "PeriodUnit": "DAY"}, {"PeriodUnit": "SECOND"}])
def test_a_count_over_nobody_knows_how_long_is_not_measured(account: Account, period: Any) -> None:
    """Nor one over longer than is looked at: it would be told too low."""
    account.lists(quota("GetItem", value=1, stat="Sum", Period=period))
    account.used = {"GetItem": [2700]}
    told, _ = account.read()
    assert (told.metered, told.close) == (0, ())


def test_an_increase_that_was_asked_for_is_told(account: Account) -> None:
    """And is looked up only where something is close."""
    account.lists(quota("A"), quota("B"))
    account.used = {"A": [81], "B": [10]}
    account.asked_for(A=300)
    assert account.read()[0].close[0].requested == 300
    assert {each["Status"] for each in account.sent("ListRequestedServiceQuotaChangeHistory")} == {
        "PENDING",
        "CASE_OPENED",
    }
    account.aws.sent.clear()
    account.used = {}
    account.read()
    assert account.sent("ListRequestedServiceQuotaChangeHistory") == []


def test_requests_that_may_not_be_read_are_not_taken_for_none(account: Account) -> None:
    """The quota is told without a word of them."""
    account.lists(quota())
    account.used = {"Tables": [85]}
    account.answers("ListRequestedServiceQuotaChangeHistory", lambda _: DENIED)
    told, unknown = account.read()
    assert (told.close[0].requested, told.close[0].certain) == (None, False)
    assert [line.partition(":")[0] for line in unknown] == ["requested increases"]


def test_listings_have_pages(account: Account) -> None:
    """EC2 alone has more than a hundred quotas."""
    more = {None: {"Quotas": [quota("A")], "NextToken": "next"}, "next": {"Quotas": [quota("B")]}}
    account.answers("ListServiceQuotas", lambda asked: more[asked.get("NextToken")])
    assert account.read()[0].metered == 2


def test_a_service_that_service_quotas_does_not_know_has_none(account: Account) -> None:
    """That is no trouble with reading."""
    for operation in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
        account.answers(operation, lambda _: MISSING)
    told, unknown = account.read(["dynamodb:UpdateTable", "arc-zonal-shift:StartZonalShift"])
    assert (told.metered, unknown) == (0, [])
    assert account.sent("GetMetricData") == []


def test_what_may_not_be_read_is_said_once_and_the_rest_is_told(account: Account) -> None:
    """One sentence for all services that are refused alike."""
    account.lists(quota())
    account.used = {"Tables": [85]}

    def denied(asked: Mapping[str, Any]) -> Any:
        return {"Quotas": [quota()]} if asked["ServiceCode"] == "rds" else DENIED

    account.answers("ListServiceQuotas", denied)
    told, unknown = account.read(["dynamodb:UpdateTable", "rds:RebootDBInstance", "sqs:ReceiveMessage"])
    assert [each.quota.service for each in told.close] == ["rds"]
    assert unknown == [
        "quotas of dynamodb, quotas of sqs: service-quotas:ListServiceQuotas: AccessDeniedException: not authorized"
    ]


def test_a_service_that_is_throttled_stops_no_other(account: Account) -> None:
    account.lists(default=(quota(),))
    account.used = {"Tables": [85]}
    busy = Refusal("TooManyRequestsException", "Rate exceeded", 429)
    account.answers("ListServiceQuotas", lambda asked: busy if asked["ServiceCode"] == "dynamodb" else {"Quotas": []})
    told, [line] = account.read(["dynamodb:UpdateTable", "rds:RebootDBInstance"])
    assert [each.quota.service for each in told.close] == ["dynamodb", "rds"]
    assert line.startswith("quotas of dynamodb: AWS did not answer servicequotas:ListServiceQuotas: TooManyRequests")


def test_where_nobody_answers_no_other_service_is_asked_for(account: Account) -> None:
    """Each try takes its time, and the digest waits."""
    account.answers("ListAWSDefaultServiceQuotas", lambda _: Refusal("InternalFailure", "gone", 500))
    told, unknown = account.read(["dynamodb:UpdateTable", "rds:RebootDBInstance", "sqs:ReceiveMessage"])
    assert told.metered == 0
    assert {each["ServiceCode"] for each in account.sent("ListAWSDefaultServiceQuotas")} == {"dynamodb"}
    assert account.sent("ListServiceQuotas") == []
    assert unknown[1] == "all other quotas: Service Quotas was asked for none after dynamodb"


def test_usage_that_may_not_be_read_is_said(account: Account) -> None:
    """Then no quota is close, and nobody may take that for good."""
    account.lists(quota())
    account.aws.answer("cloudwatch", "GetMetricData", DENIED)
    told, [line] = account.read()
    assert (told.close, told.metered, told.measured) == ((), 1, 0)
    assert line.startswith("usage of quotas: cloudwatch:GetMetricData: AccessDenied")


def test_services_are_those_of_the_catalogs_permissions(catalog: Catalog) -> None:
    """By the names that Service Quotas has for them."""
    assert codes(["cloudwatch:DescribeAlarms", "ec2:StopInstances", "ec2:StartInstances", "tag:GetResources"]) == [
        "ebs",
        "ec2",
        "monitoring",
        "vpc",
    ]
    found = codes(action for runbook in catalog.values() for action in runbook.permissions)
    assert {"autoscaling", "dynamodb", "ecs", "elasticloadbalancing", "fargate", "lambda", "rds"} <= set(found)
    assert "servicequotas" not in found
