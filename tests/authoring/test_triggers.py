"""Triggers: which alarms a runbook can answer, and how they are found."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.authoring.triggers import Alarm, TriggerIndex
from nightcrew.errors import BadDeclaration
from nightcrew.signals import Metric

CHECK = Alarm("AWS/EC2", "StatusCheckFailed_Instance", direction="high", instance_id="InstanceId")
WRITER = Alarm("AWS/RDS", "CPUUtilization", direction="high", cluster="DBClusterIdentifier", where={"Role": "WRITER"})
EITHER = Alarm("AWS/AutoScaling", "GroupInServiceInstances", direction="any", group="AutoScalingGroupName")
ACCOUNT = Alarm("AWS/Lambda", "ConcurrentExecutions", direction="high")

INDEX = TriggerIndex([("restart", CHECK), ("failover", WRITER), ("fill", EITHER), ("raise-quota", ACCOUNT)])


def rds(**dimensions: str) -> Metric:
    return Metric("AWS/RDS", "CPUUtilization", dimensions)


@pytest.mark.parametrize(
    ("metric", "direction", "runbooks"),
    [
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}), "high", ["restart"]),
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}), "low", []),
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}), None, []),
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"AutoScalingGroupName": "web"}), "high", []),
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1", "ImageId": "ami-1"}), "high", []),
        (Metric("AWS/EC2", "StatusCheckFailed_Instance", {}), "high", []),
        (Metric("AWS/EC2", "statuscheckfailed_instance", {"InstanceId": "i-1"}), "high", []),
        (Metric("Team/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}), "high", []),
        (rds(DBClusterIdentifier="orders", Role="WRITER"), "high", ["failover"]),
        (rds(Role="WRITER", DBClusterIdentifier="orders"), "high", ["failover"]),
        (rds(DBClusterIdentifier="orders", Role="READER"), "high", []),
        (rds(DBClusterIdentifier="orders"), "high", []),
        (Metric("AWS/AutoScaling", "GroupInServiceInstances", {"AutoScalingGroupName": "web"}), "high", ["fill"]),
        (Metric("AWS/AutoScaling", "GroupInServiceInstances", {"AutoScalingGroupName": "web"}), "low", ["fill"]),
        (Metric("AWS/AutoScaling", "GroupInServiceInstances", {"AutoScalingGroupName": "web"}), None, []),
        (Metric("AWS/Lambda", "ConcurrentExecutions", {}), "high", ["raise-quota"]),
        (Metric("AWS/Lambda", "ConcurrentExecutions", {"FunctionName": "pay"}), "high", []),
    ],
)
def test_a_metric_is_answered_where_name_direction_and_all_dimensions_fit(
    metric: Metric, direction: str | None, runbooks: list[str]
) -> None:
    assert [found.runbook for found in INDEX.find(metric, direction)] == runbooks


def test_a_parameter_takes_the_value_of_its_dimension() -> None:
    """A dimension that is only fixed by ``where`` fills no parameter."""
    metric = rds(DBClusterIdentifier="orders", Role="WRITER")
    assert [found.take(metric) for found in INDEX.find(metric, "high")] == [{"cluster": "orders"}]


def test_several_runbooks_may_answer_one_metric() -> None:
    plain = Alarm("AWS/RDS", "CPUUtilization", direction="high", cluster="DBClusterIdentifier", role="Role")
    index = TriggerIndex([("scale", plain), ("failover", WRITER)])
    found = index.find(rds(DBClusterIdentifier="orders", Role="WRITER"), "high")
    assert [(each.runbook, each.trigger) for each in found] == [("scale", plain), ("failover", WRITER)]


@pytest.mark.parametrize(
    ("metric", "direction", "words"),
    [
        (Metric("AWS/EC2", "NetworkIn", {"InstanceId": "i-1"}), "high", "no runbook answers AWS/EC2 NetworkIn"),
        (
            Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}),
            "low",
            "restart: it answers high, and the alarm is low",
        ),
        (
            Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}),
            None,
            "restart: it answers high, and the alarm is of unknown direction",
        ),
        (
            rds(DBInstanceIdentifier="orders-1"),
            "high",
            "failover: it answers the metric by DBClusterIdentifier and Role, and this one is by DBInstanceIdentifier",
        ),
        (
            rds(DBClusterIdentifier="orders", Role="READER"),
            "high",
            "failover: it wants Role to be WRITER, and it is READER",
        ),
        (
            Metric("AWS/Lambda", "ConcurrentExecutions", {"FunctionName": "pay"}),
            "high",
            "raise-quota: it answers the metric by no dimension, and this one is by FunctionName",
        ),
    ],
)
def test_what_is_not_answered_says_why(metric: Metric, direction: str | None, words: str) -> None:
    assert INDEX.why_not(metric, direction) == words


def test_of_many_near_triggers_three_are_told() -> None:
    """Fifty runbooks that miss by their direction do not make a page of it."""
    index = TriggerIndex((f"runbook-{number}", CHECK) for number in range(5))
    why = index.why_not(Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"}), "low")
    assert why.count("it answers high") == 3
    assert why.endswith("; and 2 more")


@pytest.mark.parametrize(
    ("namespace", "metric", "more", "field"),
    [
        ("", "CPUUtilization", {"direction": "high"}, "Alarm"),
        ("AWS/EC2", "", {"direction": "high"}, "Alarm"),
        ("AWS/EC2", "CPU\tUtilization", {"direction": "high"}, "Alarm"),
        ("AWS/EC2", "CPUUtilization", {"direction": "up"}, "direction"),
        ("AWS/EC2", "CPUUtilization", {"direction": "high", "instance_id": ""}, "instance_id"),
        ("AWS/EC2", "CPUUtilization", {"direction": "high", "instance_id": 7}, "instance_id"),
        ("AWS/EC2", "CPUUtilization", {"direction": "high", "where": {"Role": ""}}, "where"),
        ("AWS/EC2", "CPUUtilization", {"direction": "high", "where": {"Role": None}}, "where"),
    ],
)
def test_a_trigger_that_does_not_hold_together_is_refused_with_file_and_line(
    namespace: str, metric: str, more: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(BadDeclaration) as caught:
        Alarm(namespace, metric, **more)
    assert caught.value.field == field
    file, _, line = caught.value.where.rpartition(":")
    assert file == __file__
    assert int(line) > 0


def test_a_trigger_is_a_value() -> None:
    again = Alarm("AWS/EC2", "StatusCheckFailed_Instance", direction="high", instance_id="InstanceId")
    assert again == CHECK
    assert len({again, CHECK, WRITER}) == 2
    with pytest.raises(AttributeError):
        CHECK.metric = "CPUUtilization"  # type: ignore[misc]


def test_a_parameter_may_be_called_like_a_part_of_the_metric() -> None:
    """Only ``direction`` and ``where`` are taken."""
    trigger = Alarm("AWS/SQS", "ApproximateAgeOfOldestMessage", direction="high", metric="QueueName")
    assert trigger.parameters == {"metric": "QueueName"}


NAMES = st.sampled_from("ABC")
DIRECTIONS = st.sampled_from(["high", "low", "any"])
FIXED = st.dictionaries(NAMES, st.sampled_from("xy"), max_size=2)
TRIGGERS = st.builds(
    lambda metric, direction, taken, where: Alarm("N", metric, direction=direction, where=where, **taken),
    NAMES,
    DIRECTIONS,
    st.dictionaries(st.sampled_from(["p", "q"]), NAMES, max_size=2),
    FIXED,
)
METRICS = st.builds(Metric, st.just("N"), NAMES, st.dictionaries(NAMES, st.sampled_from("xyz"), max_size=3))


@settings(max_examples=40)
@given(st.lists(TRIGGERS, max_size=12), METRICS, st.sampled_from(["high", "low", None]))
def test_the_index_finds_what_asking_each_trigger_finds(
    triggers: list[Alarm], metric: Metric, direction: str | None
) -> None:
    """And every trigger that is not found has a reason."""
    found = {
        each.runbook for each in TriggerIndex((str(n), each) for n, each in enumerate(triggers)).find(metric, direction)
    }
    assert found == {str(n) for n, each in enumerate(triggers) if each.mismatch(metric, direction) is None}
