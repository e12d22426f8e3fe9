"""template.yaml watches Nightcrew itself: a dashboard of what the code counts, and alarms that people hear of."""

import json
import re
from typing import Any

import pytest

from nightcrew.dispatch.sweep import GRACE
from nightcrew.engine.metrics import DAY_FAILED, METRICS, NAMESPACE, OVERDUE_RUNS, POLICY_TROUBLE, STACK, Metric
from nightcrew.engine.packaged import packaged_policy
from tests.conditions import decided
from tests.patterns import lets_in
from tests.stack import of_type, properties, template, there
from tests.test_template import stale

SEARCHED = re.compile(r"""SEARCH\('\{Nightcrew,([\w,]+)\} MetricName="(\w+)" stack="NAME"', '(\w+)', 300\)""")
ALARMS = of_type("AWS::CloudWatch::Alarm")


EVERYTHING = {"Chat": "on", "ConsoleIssuer": "https://login.example.com", "ConsoleClient": "console"}


def dashboard(**parameters: str) -> str:
    """Its body, in a stack with these parameters."""
    body, parts = properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    for name, part in parts.items():
        alarms = decided(part, **parameters)
        body = body.replace(f"${{{name}}}", alarms["Fn::Sub"] if alarms else "")
    return str(body)


def widgets() -> list[dict[str, Any]]:
    """The dashboard's widgets, in a stack that is called NAME."""
    named = dashboard(**EVERYTHING).replace("${AWS::StackName}", "NAME").replace("${AWS::Region}", "eu-west-1")
    found: list[dict[str, Any]] = json.loads(named)["widgets"]
    return found


def shown() -> dict[str, tuple[str, ...]]:
    """The metrics of our own on the dashboard, each with its dimensions beside the stack."""
    found = {}
    for widget in widgets():
        for row in widget["properties"].get("metrics", ()):
            if isinstance(row[0], dict):
                match = SEARCHED.fullmatch(row[0]["expression"])
                assert match is not None, row
                stack, *others = match[1].split(",")
                assert stack == STACK
                found[match[2]] = tuple(others)
            elif row[0] == NAMESPACE:
                assert row[2:4] == [STACK, "NAME"], "else two stacks of one account are added up"
                found[row[1]] = ()
    return found


def test_the_dashboard_shows_exactly_what_the_code_counts() -> None:
    """Each metric by the dimensions that it has; a metric by others, or of another name, would stay empty."""
    assert shown() == {metric.name: metric.dimensions for metric in METRICS}


def test_the_dashboard_is_one_that_cloudwatch_takes() -> None:
    """Ids begin small and are there once in a widget; nothing overlaps; its texts name only resources that there are
    (CloudWatch API reference, "Dashboard body structure and syntax").
    """
    taken: set[tuple[int, int]] = set()
    for widget in widgets():
        place = {
            (widget["x"] + right, widget["y"] + down)
            for right in range(widget["width"])
            for down in range(widget["height"])
        }
        assert not place & taken
        assert all(0 <= column < 24 for column, _ in place)
        taken |= place
        ids = [row[0]["id"] for row in widget["properties"].get("metrics", ()) if isinstance(row[0], dict)]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z]\w*", each) for each in ids)
    body = dashboard(**EVERYTHING)
    named = {each.split(".")[0] for each in re.findall(r"\$\{([^}]+)\}", body)}
    assert named - {"AWS::StackName", "AWS::Region"} <= template()["Resources"].keys()


def test_the_dashboard_shows_every_alarm() -> None:
    (states,) = [widget for widget in widgets() if widget["type"] == "alarm"]
    assert states["properties"]["alarms"] == [f"${{{name}.Arn}}" for name in ALARMS]


def test_the_dashboard_names_no_alarm_that_is_not_there() -> None:
    """CloudFormation would refuse the whole stack: without channels or a console, those about them."""
    body = dashboard()
    json.loads(body)
    named = {each.split(".")[0] for each in re.findall(r"\$\{(\w+\.Arn)\}", body)}
    assert named == {name for name in ALARMS if there(name)}


# --- alarms


def watched(namespace: str, metric: str) -> dict[str, dict[str, Any]]:
    """The alarms of a metric, by the resource, or the stack, that they watch."""
    found = {}
    for alarm in ALARMS.values():
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric):
            (dimension,) = alarm["Dimensions"]
            (of,) = dimension["Value"].values()
            found[str(of).removesuffix(".QueueName")] = alarm
    return found


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_each_function_has_an_alarm_on_its_errors_and_its_throttles(metric: str) -> None:
    alarms = watched("AWS/Lambda", metric)
    assert set(alarms) == set(of_type("AWS::Serverless::Function"))
    assert {(alarm["Statistic"], alarm["Threshold"]) for alarm in alarms.values()} == {("Sum", 0)}


def test_one_dead_letter_is_enough() -> None:
    """Of every queue that another one, a rule or a function gives its dead letters to."""
    alarms = watched("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (
        set(alarms)
        == {"AlarmDeadLetters", "RunDeadLetters"}
        == set(of_type("AWS::SQS::Queue"))
        - {
            "AlarmQueue",
            "ChatQueue",  # of a button nothing is left over: who pressed it is told, and presses again
        }
    )
    assert {(alarm["Statistic"], alarm["Threshold"]) for alarm in alarms.values()} == {("Maximum", 0)}


def test_people_hear_of_a_queue_that_stands_before_its_alarms_are_stale() -> None:
    (alarm,) = watched("AWS/SQS", "ApproximateAgeOfOldestMessage").values()
    noticed = alarm["Threshold"] + alarm["Period"] * alarm["EvaluationPeriods"]
    assert noticed < stale(packaged_policy()).total_seconds()


def test_people_hear_of_runs_that_nobody_can_close_and_of_a_sweeper_that_does_not_sweep() -> None:
    """It counts each minute, and closes what is overdue in the first one: what is there for ten cannot be closed."""
    (alarm,) = watched(NAMESPACE, OVERDUE_RUNS.name).values()
    assert (alarm["Period"], alarm["DatapointsToAlarm"]) == (60, alarm["EvaluationPeriods"])
    assert alarm["Period"] * alarm["EvaluationPeriods"] > GRACE.total_seconds()
    assert alarm["TreatMissingData"] == "breaching"


def test_people_hear_of_a_days_job_that_failed_and_of_one_that_did_not_come() -> None:
    """A day without a figure is told, as insufficient data. A stack that is an hour old has none either, and begins in
    that state: it changes to none, and tells nobody.
    """
    (alarm,) = watched(NAMESPACE, DAY_FAILED.name).values()
    assert (alarm["DatapointsToAlarm"], alarm["TreatMissingData"]) == (1, "missing")
    assert alarm["InsufficientDataActions"] == [{"Ref": "WatchTopic"}]
    assert 24 < alarm["Period"] * alarm["EvaluationPeriods"] / 3600 < 2 * 24
    assert alarm["Statistic"] == "Minimum", "what a second try made good in the same hour is no trouble"


@pytest.mark.parametrize("metric", [OVERDUE_RUNS, POLICY_TROUBLE, DAY_FAILED])
def test_an_alarm_on_a_metric_of_our_own_has_its_dimensions(metric: Metric) -> None:
    """Else it waits for data for ever. The others of ours are for the dashboard."""
    assert set(watched(NAMESPACE, metric.name)) == {"AWS::StackName"}
    ours = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == NAMESPACE}
    assert ours == {OVERDUE_RUNS.name, POLICY_TROUBLE.name, DAY_FAILED.name}
    (alarm,) = watched(NAMESPACE, metric.name).values()
    assert [each["Name"] for each in alarm["Dimensions"]] == [STACK, *metric.dimensions]


def test_every_alarm_is_told_when_it_begins_and_when_it_ends() -> None:
    """To a topic that CloudWatch can publish to, and nobody else through CloudWatch."""
    for alarm in ALARMS.values():
        assert (alarm["AlarmActions"], alarm["OKActions"]) == ([{"Ref": "WatchTopic"}], [{"Ref": "WatchTopic"}])
    (statement,) = properties("WatchTopicAccess")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    of = statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert of.endswith(":alarm:${AWS::StackName}-watch-*")


def test_cloudwatch_can_publish_where_nobody_gave_a_key() -> None:
    """It cannot use AWS's own key for SNS, alias/aws/sns, and then nobody hears of anything: re:Post, "How do I
    configure a CloudWatch alarm with an encrypted SNS topic".
    """
    assert "alias/aws/sns" not in json.dumps(properties("WatchTopic"))


def test_nightcrew_does_not_remedy_itself() -> None:
    """Its own alarms, errors of its own functions among them, stay out of its queue: each has the name that the rules
    leave out.
    """
    for rule in ("AlarmRule", "ForwardedAlarmRule"):
        pattern = properties(rule)["EventPattern"]
        for alarm in ALARMS.values():
            name = alarm["AlarmName"]["Fn::Sub"].replace("${AWS::StackName}", "nightcrew")
            event = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change"}
            assert not lets_in(pattern, {**event, "detail": {"alarmName": name}})
            assert lets_in(pattern, {**event, "detail": {"alarmName": f"checkout-{name}"}})
