"""What the sweeper asks of Lambda and CloudWatch, and what a start makes of Lambda's answers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import READING
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.dispatch.alarm_state import alarm_state
from nightcrew.dispatch.executions import PAGES, SETTLED, executions
from nightcrew.dispatch.invoking import STARTED, invoker
from nightcrew.errors import Unreachable
from nightcrew.ledger.history import Row

LIST = ("lambda", "ListDurableExecutionsByFunction")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:nightcrew-executor"
NOW = StoppedClock().now()


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """Nothing said yet."""
    scripted.reset()
    return scripted


def opened(run: str, before: timedelta = timedelta(hours=1)) -> Row:
    """A run that is open."""
    return Row(run, "remedy", "arn:r", None, "running", NOW - before, None, "ada", "", lease=NOW)


def ended(run: str, status: str = "STOPPED", at: datetime | None = NOW - SETTLED - timedelta(seconds=1)) -> Any:
    """An execution as Lambda lists it."""
    return {
        "DurableExecutionArn": f"{FUNCTION}:7/durable-execution/{run}/id",
        "DurableExecutionName": run,
        "FunctionArn": f"{FUNCTION}:7",
        "Status": status,
        "StartTimestamp": NOW - timedelta(hours=1),
        **({"EndTimestamp": at} if at else {}),
    }


def over(aws: Scripted, *rows: Row) -> dict[str, str]:
    """What is found of these runs."""
    return dict(executions(aws, f"{FUNCTION}:live", StoppedClock())(rows))


def test_executions_that_are_over_are_found_with_how_they_ended(aws: Scripted) -> None:
    """Of every version, and only those of runs that are open."""
    listed = [ended("r-1"), ended("r-2", "TIMED_OUT"), ended("r-3", "FAILED"), ended("closed long ago")]
    aws.answer(*LIST, {"DurableExecutions": listed})
    assert over(aws, opened("r-1"), opened("r-2"), opened("r-3"), opened("r-4", timedelta(hours=3))) == {
        "r-1": "its execution was stopped",
        "r-2": "its execution took too long, and was ended",
        "r-3": "its execution failed",
    }
    (sent,) = aws.sent
    assert sent.parameters["FunctionName"] == FUNCTION
    assert "Qualifier" not in sent.parameters
    assert set(sent.parameters["Statuses"]) == {"STOPPED", "TIMED_OUT", "FAILED"}
    assert sent.parameters["StartedAfter"] < NOW - timedelta(hours=3)


@pytest.mark.parametrize("at", [None, NOW, NOW - SETTLED])
def test_one_that_ended_just_now_may_still_be_at_work(aws: Scripted, at: datetime | None) -> None:
    """A call of its last invocation waits a minute for its answer: its resource is not given away before."""
    aws.answer(*LIST, {"DurableExecutions": [ended("r-1", at=at)]})
    assert over(aws, opened("r-1")) == {}


def test_pages_are_followed_and_bounded(aws: Scripted) -> None:
    pages = [{"DurableExecutions": [ended(f"r-{number}")], "NextMarker": "more"} for number in range(PAGES + 2)]
    aws.answer(*LIST, *pages)
    assert set(over(aws, *(opened(f"r-{number}") for number in range(9)))) == {f"r-{each}" for each in range(PAGES)}
    assert [each.parameters.get("Marker") for each in aws.sent] == [None, *["more"] * (PAGES - 1)]


def test_where_nothing_is_open_nobody_is_asked(aws: Scripted) -> None:
    assert over(aws) == {}
    assert aws.sent == []


def test_a_lambda_that_refuses_is_out_of_reach(aws: Scripted) -> None:
    aws.answer(*LIST, Refusal("AccessDeniedException"))
    with pytest.raises(Unreachable, match="AccessDenied"):
        over(aws, opened("r-1"))


def test_an_alarms_state_is_that_of_this_account_and_region(aws: Scripted) -> None:
    """An alarm of the same name elsewhere is another one."""
    client = aws.clients("cloudwatch", READING)
    client.put_metric_alarm(
        AlarmName="state-of-it",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    client.set_alarm_state(AlarmName="state-of-it", StateValue="ALARM", StateReason="r")
    (alarm,) = client.describe_alarms(AlarmNames=["state-of-it"])["MetricAlarms"]
    state_of = alarm_state(lambda _: aws)
    assert state_of(alarm["AlarmArn"], "state-of-it") == "ALARM"
    assert state_of(alarm["AlarmArn"].replace("eu-west-1", "us-east-1"), "state-of-it") is None
    assert state_of("arn:none", "there is none") is None
    aws.answer("cloudwatch", "DescribeAlarms", *[Refusal("AccessDenied")] * 3)
    with pytest.raises(Unreachable, match="AccessDenied"):
        state_of(alarm["AlarmArn"], "state-of-it")


def test_a_run_that_lambda_has_started_already_is_started(aws: Scripted) -> None:
    """The reply was lost, and the name is taken: by the same run."""
    aws.answer("lambda", "Invoke", Refusal(STARTED))
    invoker(aws, f"{FUNCTION}:live")("r-1")
    assert [each.operation for each in aws.sent] == ["Invoke"]


def test_a_run_that_could_not_be_started_may_be_started_again(aws: Scripted) -> None:
    aws.answer("lambda", "Invoke", Refusal("ResourceNotFoundException"))
    with pytest.raises(Unreachable, match="run r-1 was not started: ResourceNotFoundException"):
        invoker(aws, f"{FUNCTION}:live")("r-1")
