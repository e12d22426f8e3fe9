"""An account's own history: what is sent, and that nothing else is."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from nightcrew.aws.cloud import CallFailed, ClientMaker, Cloud
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.dispatch.backtest.account import PERMISSIONS, from_account
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.errors import Unreachable
from tests.dispatch.backtest.histories import ACCOUNT, START, arn, check, item

DAY = timedelta(days=1)
QUERY = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    scripted.reset()
    return scripted


def read(aws: Scripted, told: list[tuple[str, int]] | None = None) -> Recorded:
    cloud = Cloud(aws, PERMISSIONS, "a backtest")
    return from_account(cloud, START, START + DAY, lambda what, count: (told or []).append((what, count)))


def describe(aws: Scripted, *alarms: dict[str, Any], pages: int = 1) -> None:
    each = [list(alarms[number::pages]) for number in range(pages)]
    aws.answer(
        "cloudwatch",
        "DescribeAlarms",
        *(
            {"MetricAlarms": part, "NextToken": str(n)} if n < pages - 1 else {"MetricAlarms": part}
            for n, part in enumerate(each)
        ),
    )


def test_only_reads_of_cloudwatch_are_sent(aws: Scripted) -> None:
    """Tags are asked for where the alarm sends them along, and nowhere else."""
    sends = check("tagged", ActionConfiguration={"AlarmTagsPropagation": {"Enabled": True}})
    describe(aws, check("plain"), sends)
    aws.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": [item("plain", 1, "ALARM")]})
    aws.answer("cloudwatch", "ListTagsForResource", {"Tags": [{"Key": "team", "Value": "web"}]})
    recorded = read(aws)
    assert aws.actions() == {
        ("cloudwatch", "DescribeAlarms"),
        ("cloudwatch", "DescribeAlarmHistory"),
        ("cloudwatch", "ListTagsForResource"),
    }
    assert aws.changes() == []
    [asked] = [each for each in aws.sent if each.operation == "ListTagsForResource"]
    assert asked.parameters == {"ResourceARN": arn("tagged")}
    assert recorded.alarms["tagged"].tags == {"team": "web"}
    assert recorded.alarms["plain"].tags is None
    assert (recorded.since, recorded.until) == (START, START + DAY)


def test_what_it_declares_is_what_it_sends() -> None:
    assert {each.split(":")[0] for each in PERMISSIONS} == {"cloudwatch"}
    assert all(each.split(":")[1].startswith(("Describe", "List")) for each in PERMISSIONS)


def test_page_after_page_is_read(aws: Scripted) -> None:
    describe(aws, check("a"), check("b"), check("c"), pages=3)
    pages = [{"AlarmHistoryItems": [item("a", n, "ALARM")], "NextToken": f"t{n}"} for n in range(4)]
    aws.answer("cloudwatch", "DescribeAlarmHistory", *pages, {"AlarmHistoryItems": [item("c", 9, "ALARM")]})
    told: list[tuple[str, int]] = [("begin", 0)]
    recorded = read(aws, told)
    assert set(recorded.alarms) == {"a", "b", "c"}
    assert len(recorded.changes) == 5
    history = [each.parameters for each in aws.sent if each.operation == "DescribeAlarmHistory"]
    assert [each.get("NextToken") for each in history] == [None, "t0", "t1", "t2", "t3"]
    assert {each["HistoryItemType"] for each in history} == {"StateUpdate"}
    assert history[0]["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm"]
    assert told[-1] == ("changes", 5)


def test_contributors_are_asked_for_where_an_alarm_has_some(aws: Scripted) -> None:
    fleet = {"AlarmName": "fleet", "AlarmArn": arn("fleet"), "Metrics": [{"Id": "q1", "Expression": QUERY}]}
    describe(aws, fleet)
    about = {"AlarmContributorId": "3f1c", "AlarmContributorAttributes": {"InstanceId": "i-0abc1234def567890"}}
    series = item("fleet", 1, "ALARM") | {"HistoryItemType": "AlarmContributorStateUpdate", **about}
    aws.answer(
        "cloudwatch",
        "DescribeAlarmHistory",
        {"AlarmHistoryItems": [item("fleet", 1, "ALARM")]},
        {"AlarmHistoryItems": [series]},
    )
    recorded = read(aws)
    assert [each.contributor.id if each.contributor else None for each in recorded.changes] == [None, "3f1c"]
    assert recorded.by_contributors == {"fleet"}


def test_an_account_without_any_alarm_is_no_error(aws: Scripted) -> None:
    describe(aws)
    aws.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": []})
    assert read(aws).changes == []


def test_throttling_is_left_to_botocores_own_retries(aws: Scripted) -> None:
    """The client is one that tries five times, with back-off: DescribeAlarmHistory allows a few requests a second."""
    asked: list[Any] = []

    def maker(service: str, config: Any) -> Any:
        asked.append(config)
        return aws(service, config)

    describe(aws)
    aws.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": []})
    from_account(Cloud(maker, PERMISSIONS, "a backtest"), START, START + DAY, lambda what, count: None)
    assert [each.retries for each in asked] == [{"mode": "standard", "total_max_attempts": 5}]


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Unreachable), ("AccessDenied", CallFailed)])
def test_what_aws_says_no_to_is_named(aws: Scripted, code: str, error: type[Exception]) -> None:
    describe(aws, check("a"))
    aws.script("cloudwatch", "DescribeAlarmHistory", lambda _: Refusal(code, "not now"))
    with pytest.raises(error, match=f"cloudwatch:DescribeAlarmHistory.*{code}"):
        read(aws)


def test_without_credentials_the_door_learns_it(clients: ClientMaker) -> None:
    def nobody(service: str, config: Any) -> Any:
        client = clients(service, config)

        class Without:
            def _make_api_call(self, *about: Any) -> Any:
                raise NoCredentialsError

        del client
        return Without()

    with pytest.raises(NoCredentialsError):
        from_account(Cloud(nobody, PERMISSIONS, "a backtest"), START, START + DAY, lambda what, count: None)


def test_the_account_is_the_alarms_own(aws: Scripted) -> None:
    describe(aws, check("a"))
    aws.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": []})
    alarm = read(aws).alarms["a"]
    assert (alarm.account, alarm.region) == (ACCOUNT, "eu-west-1")
