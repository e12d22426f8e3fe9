"""The alarms that runbooks wait for, and their template."""

from typing import Any

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.triggers import Alarm
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.cloudformation import template
from nightcrew.dispatch.coverage.lacking import Lacking, lacking
from nightcrew.dispatch.coverage.usual import USUAL
from tests.dispatch.backtest.histories import ACCOUNT, REGION, arn, check

INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0abc1234def567890"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/checkout"
GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:6f1b:autoScalingGroupName/web"
EVERYTHING = [
    INSTANCE,
    SERVICE,
    GROUP,
    f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders",
    f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders",
    f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout",
    f"arn:aws:elasticache:{REGION}:{ACCOUNT}:cluster:sessions-001",
    f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders-dead",
    f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
    f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/50dc6c495c0c9188",
]


def of(found: list[Lacking], runbook: str) -> list[Lacking]:
    return [each for each in found if each.runbook == runbook]


def recorded(described: dict[str, Any]) -> RecordedAlarm:
    return RecordedAlarm(described["AlarmName"], described["AlarmArn"], described)


def test_a_managed_resource_without_an_alarm_lacks_it(catalog: Catalog) -> None:
    """With the dimension that its ARN tells."""
    [missing] = of(lacking([INSTANCE], [], catalog), "restart-ec2-instance")
    assert missing.dimensions == {"InstanceId": "i-0abc1234def567890"}
    assert missing.open == ()


def test_what_somebody_made_is_not_lacking(catalog: Catalog) -> None:
    """Another instance's alarm does not count."""
    theirs = recorded(check("other", "i-0fed9876cba543210"))
    mine = recorded(check("mine"))
    assert of(lacking([INSTANCE], [theirs], catalog), "restart-ec2-instance")
    assert not of(lacking([INSTANCE], [theirs, mine], catalog), "restart-ec2-instance")


def query(text: str) -> RecordedAlarm:
    """An alarm on a Metrics Insights query."""
    metrics = [{"Id": "q1", "Expression": text, "ReturnData": True}]
    return recorded({"AlarmName": "q", "AlarmArn": arn("q"), "Metrics": metrics})


CHECKS = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId)'


def test_a_query_over_all_of_them_counts(catalog: Catalog) -> None:
    """Each of its contributors is an alarm of its own."""
    assert not of(lacking([INSTANCE], [query(f"{CHECKS} GROUP BY InstanceId")], catalog), "restart-ec2-instance")


@pytest.mark.parametrize(
    "text",
    [
        CHECKS,
        f"{CHECKS} GROUP BY InstanceType",
        f"{CHECKS} WHERE InstanceId != 'i-0abc1234def567890' GROUP BY InstanceId",
        f"{CHECKS} GROUP BY InstanceId ORDER BY MAX() DESC LIMIT 1",
        'SELECT MAX(StatusCheckFailed_System) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId',
    ],
)
def test_a_query_that_need_not_watch_it_does_not_count(catalog: Catalog, text: str) -> None:
    """It gives one series, groups otherwise, chooses, or is about something else."""
    assert of(lacking([INSTANCE], [query(text)], catalog), "restart-ec2-instance")


def test_an_alarm_under_a_formula_counts(catalog: Catalog) -> None:
    """It watches the metric, in whichever way."""
    query = {"Id": "m1", "MetricStat": {"Metric": check("x"), "Period": 60, "Stat": "Maximum"}}
    formula = recorded({"AlarmName": "f", "AlarmArn": arn("f"), "Metrics": [query]})
    assert not of(lacking([INSTANCE], [formula], catalog), "restart-ec2-instance")


def test_a_name_within_another_gives_both_dimensions(catalog: Catalog) -> None:
    """A service's ARN tells its cluster, too."""
    [missing] = of(lacking([SERVICE], [], catalog), "roll-ecs-service")
    assert missing.dimensions == {"ClusterName": "prod", "ServiceName": "checkout"}


def test_a_fixed_dimension_stands_there(catalog: Catalog) -> None:
    """The writer's latency, not the reader's."""
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders"
    [missing] = of(lacking([cluster], [], catalog), "fail-over-aurora-cluster")
    assert missing.dimensions == {"Role": "WRITER", "DBClusterIdentifier": "orders"}


def test_what_only_a_person_knows_stays_open(catalog: Catalog) -> None:
    """An instance's ARN does not tell its disks."""
    assert {each.open for each in of(lacking([INSTANCE], [], catalog), "grow-ebs-volume")} == {
        ("path", "device", "fstype"),
        ("path", "fstype"),
    }


@pytest.mark.parametrize(
    "arn", ["nonsense", "arn:aws:ec2:eu-west-1:1:volume/vol-1", "arn:aws:ec2:eu-west-1:1:instance/x"]
)
def test_what_no_runbook_takes_lacks_nothing(catalog: Catalog, arn: str) -> None:
    """Whatever is tagged."""
    assert lacking([arn], [], catalog) == []


def test_a_threshold_that_depends_on_the_application_is_asked_for(catalog: Catalog) -> None:
    """Once for all resources of a kind, and never guessed."""
    made = template(
        lacking([f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for name in ("orders", "carts")], [], catalog)
    )
    assert "ThresholdAWSDynamoDBReadThrottleEvents" in made["Parameters"]
    assert all("Default" not in each for each in made["Parameters"].values())


def test_a_failing_check_is_an_alarm_that_comes_back_to_ok(catalog: Catalog) -> None:
    """As CloudWatch recommends it; missing data is no trouble, so that a cure can be proved."""
    [each] = of(lacking([INSTANCE], [], catalog), "restart-ec2-instance")
    [alarm] = template([each])["Resources"].values()
    asked = alarm["Properties"]
    assert (asked["Threshold"], asked["ComparisonOperator"]) == (1.0, "GreaterThanOrEqualToThreshold")
    assert asked["TreatMissingData"] == "notBreaching"


def test_a_logical_id_stays_the_same(catalog: Catalog) -> None:
    """Printed once more with another resource before it: CloudFormation must not replace an alarm that stands."""
    alone = template(lacking([INSTANCE], [], catalog))["Resources"]
    beside = template(lacking([SERVICE, INSTANCE], [], catalog))["Resources"]
    assert alone.keys() <= beside.keys()


def test_each_metric_that_is_usually_set_so_has_a_trigger(catalog: Catalog) -> None:
    """A line in the table that nothing uses is a line that nobody keeps right."""
    wanted = {
        (each.namespace, each.metric)
        for runbook in catalog.values()
        for each in runbook.triggers
        if isinstance(each, Alarm)
    }
    assert set(USUAL) <= wanted
