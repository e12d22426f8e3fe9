"""Rescued resources with their sizes and hours, as AWS tells them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.clock import StoppedClock, stamp
from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.knowledge.capacity.auto_scaling import AT_ONCE as GROUPS_AT_ONCE
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.needs import OTHERS, PERMISSIONS, Need, needs
from nightcrew.knowledge.capacity.rescued import Rescued
from nightcrew.knowledge.capacity.services import AT_ONCE as SERVICES_AT_ONCE
from nightcrew.knowledge.capacity.wanted import Sizes

NOW = StoppedClock().now()
ACCOUNT = "123456789012"
LENGTH = 96
"""Hours that have figures, unless a test says otherwise."""


def group(name: str, account: str = ACCOUNT, region: str = "eu-west-1") -> str:
    return f"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}"


def service(name: str, cluster: str = "prod", account: str = ACCOUNT) -> str:
    return f"arn:aws:ecs:eu-west-1:{account}:service/{cluster}/{name}"


def told_group(name: str, least: int = 2, most: int = 8, desired: int = 4) -> dict[str, Any]:
    arn = group(name).replace(":*:", ":1b2c:")
    about = {"AutoScalingGroupName": name, "AutoScalingGroupARN": arn, "DefaultCooldown": 300}
    about |= {"AvailabilityZones": [], "HealthCheckType": "EC2", "CreatedTime": NOW}
    return {**about, "MinSize": least, "MaxSize": most, "DesiredCapacity": desired}


def told_service(name: str, desired: int = 4, status: str = "ACTIVE") -> dict[str, Any]:
    return {"serviceName": name, "serviceArn": service(name), "status": status, "desiredCount": desired}


def told_target(name: str, least: int = 2, most: int = 8) -> dict[str, Any]:
    about = {"ServiceNamespace": "ecs", "ResourceId": f"service/prod/{name}", "RoleARN": "arn", "CreationTime": NOW}
    return {**about, "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": least, "MaxCapacity": most}


def metrics(aws: Scripted, told: Mapping[tuple[str, str], float | list[float]], length: int = LENGTH) -> None:
    """CloudWatch answers each metric, by its name and the name of what it is about, with one figure for all hours, or
    with these.
    """
    times = [NOW - timedelta(hours=number + 1) for number in range(length)]

    def answer(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        results = []
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            figure = told.get((metric["MetricName"], metric["Dimensions"][-1]["Value"]), [])
            values = figure if isinstance(figure, list) else [figure] * length
            results.append({"Id": query["Id"], "Timestamps": times[: len(values)], "Values": values})
        return {"MetricDataResults": results}

    aws.script("cloudwatch", "GetMetricData", answer)


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """A cloud that knows nothing yet."""
    scripted.reset()
    metrics(scripted, {})
    return scripted


def read(aws: Scripted, *resources: str, lacking: Lacking | None = None) -> list[Need]:
    cloud = Cloud(aws, PERMISSIONS, "capacity")
    found = [Rescued(each, 3) for each in resources]
    return needs(cloud, found, NOW - timedelta(days=28), NOW, lacking or Lacking())


def sent(aws: Scripted, operation: str) -> list[Mapping[str, Any]]:
    return [each.parameters for each in aws.sent if each.operation == operation]


def groups(aws: Scripted, *told: dict[str, Any]) -> None:
    aws.answer("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroups": list(told)})


def test_a_group_wants_what_its_instances_in_service_and_their_cpu_say(aws: Scripted) -> None:
    """Four at 90 % want six at 60 %; Max stays where it is, above a quarter more than that."""
    groups(aws, told_group("web"))
    metrics(aws, {("GroupInServiceInstances", "web"): 4, ("CPUUtilization", "web"): 90})
    [need] = read(aws, group("web"))
    assert need.sizes == Sizes(2, 8, 4)
    assert need.wanted is not None
    assert need.wanted.to_dict() == {
        "min": 6,
        "max": 8,
        "hours": LENGTH,
        "full_hours": LENGTH,
        "highest": 6,
        "more_hours_a_month": 1460,
        "min_was_raised": False,
    }
    assert (need.of, need.assumed, need.why) == ("instance", False, "")


def test_fifty_groups_and_all_their_metrics_are_two_requests(aws: Scripted) -> None:
    """By the hour, over the whole span."""
    names = [f"web-{number:02}" for number in range(GROUPS_AT_ONCE)]
    groups(aws, *(told_group(name) for name in names))
    assert len(read(aws, *map(group, names))) == GROUPS_AT_ONCE
    assert [each.operation for each in aws.sent] == ["DescribeAutoScalingGroups", "GetMetricData"]
    [asked] = sent(aws, "GetMetricData")
    assert len(asked["MetricDataQueries"]) == 2 * GROUPS_AT_ONCE
    assert {(each["MetricStat"]["Period"], each["MetricStat"]["Stat"]) for each in asked["MetricDataQueries"]} == {
        (3600, "Average")
    }
    assert asked["StartTime"] == stamp(NOW - timedelta(days=28))


def test_only_hours_with_both_figures_count(aws: Scripted) -> None:
    """CPU without a count says nothing; eighty are left."""
    groups(aws, told_group("web"))
    metrics(aws, {("GroupInServiceInstances", "web"): [4.0] * 80, ("CPUUtilization", "web"): 90})
    [need] = read(aws, group("web"))
    assert need.wanted is not None
    assert need.wanted.hours == 80


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"CPUUtilization": [90.0] * 71, "GroupInServiceInstances": 4}, "71 hours have figures, and 72 are the least"),
        ({"CPUUtilization": 90}, "CloudWatch has no GroupInServiceInstances of it: switch its group metrics on"),
        ({"GroupInServiceInstances": 4}, "CloudWatch has no CPUUtilization of it"),
    ],
)
def test_without_enough_figures_there_is_none_and_it_says_why(
    aws: Scripted, told: dict[str, float | list[float]], why: str
) -> None:
    """Its sizes are told all the same."""
    groups(aws, told_group("web"))
    metrics(aws, {(name, "web"): figure for name, figure in told.items()})
    [need] = read(aws, group("web"))
    assert (need.wanted, need.sizes) == (None, Sizes(2, 8, 4))
    assert need.why.startswith(why)


@pytest.mark.parametrize("arn", [group("web", account="210987654321"), group("web", region="us-east-1")])
def test_a_group_of_the_same_name_elsewhere_is_not_taken_for_it(aws: Scripted, arn: str) -> None:
    """The ledger knows other accounts and Regions, too; this one is asked only about its own."""
    groups(aws, told_group("web"))
    metrics(aws, {("GroupInServiceInstances", "web"): 4, ("CPUUtilization", "web"): 90})
    [need] = read(aws, arn)
    assert (need.sizes, need.why) == (None, "it is not in this account and Region, or it is gone")


def test_a_service_wants_what_its_running_tasks_say(aws: Scripted) -> None:
    """Where Container Insights count them; its Min and Max are those of Application Auto Scaling."""
    aws.answer("ecs", "DescribeServices", {"services": [told_service("shop")]})
    aws.answer("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": [told_target("shop", 2, 5)]})
    metrics(aws, {("RunningTaskCount", "shop"): 6, ("CPUUtilization", "shop"): 90})
    [need] = read(aws, service("shop"))
    assert need.wanted is not None
    assert (need.sizes, need.wanted.min, need.wanted.max) == (Sizes(2, 5, 4), 9, 12)
    assert (need.of, need.assumed) == ("task", False)
    [asked] = sent(aws, "GetMetricData")
    cpu = asked["MetricDataQueries"][1]["MetricStat"]["Metric"]
    assert (cpu["Namespace"], [each["Name"] for each in cpu["Dimensions"]]) == (
        "AWS/ECS",
        ["ClusterName", "ServiceName"],
    )


def test_without_them_the_tasks_that_are_desired_stand_for_all_hours(aws: Scripted) -> None:
    """And it says so; a service that nothing scales has no Min and Max yet."""
    aws.answer("ecs", "DescribeServices", {"services": [told_service("shop", desired=3)]})
    aws.answer("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": []})
    metrics(aws, {("CPUUtilization", "shop"): 80})
    [need] = read(aws, service("shop"))
    assert need.wanted is not None
    assert (need.sizes, need.wanted.min, need.wanted.max) == (Sizes(None, None, 3), 4, 5)
    assert (need.assumed, need.wanted.more_hours) == (True, 730)


def test_ten_services_of_a_cluster_are_one_request(aws: Scripted) -> None:
    """Each cluster has its own; what scales them all is one more."""
    names = [f"shop-{number:02}" for number in range(SERVICES_AT_ONCE)]
    aws.answer(
        "ecs",
        "DescribeServices",
        {"services": [told_service(name) for name in names]},
        {"services": []},
    )
    aws.answer("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": []})
    told = read(aws, *map(service, names), service("shop", "test"))
    assert [each["cluster"] for each in sent(aws, "DescribeServices")] == ["prod", "test"]
    assert len(sent(aws, "DescribeScalableTargets")[0]["ResourceIds"]) == SERVICES_AT_ONCE
    assert [each.sizes is None for each in told] == [False] * SERVICES_AT_ONCE + [True]


@pytest.mark.parametrize(
    "answer",
    [
        Refusal("ClusterNotFoundException"),
        {"services": [], "failures": [{"reason": "MISSING"}]},
        {"services": [told_service("shop", status="INACTIVE")]},
    ],
)
def test_a_service_that_is_gone_is_said_to_be(aws: Scripted, answer: Any) -> None:
    """That is no trouble with reading."""
    aws.answer("ecs", "DescribeServices", answer)
    lacking = Lacking()
    [need] = read(aws, service("shop"), lacking=lacking)
    assert need.why == "it is not in this account and Region, or it is gone"
    assert lacking.lines() == []


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders",
        f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/prod",
        f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:autoScalingGroupName/odd",
    ],
)
def test_other_kinds_are_told_without_figures(aws: Scripted, arn: str) -> None:
    """And nothing is asked about them."""
    [need] = read(aws, arn)
    assert (need.why, need.to_dict()["of"], aws.sent) == (OTHERS, None, [])


@pytest.mark.parametrize(
    ("service_", "operation", "words"),
    [
        ("autoscaling", "DescribeAutoScalingGroups", "sizes of groups: autoscaling:DescribeAutoScalingGroups: "),
        ("ecs", "DescribeServices", "sizes of services: ecs:DescribeServices: "),
        ("application-autoscaling", "DescribeScalableTargets", "what scales services: application-autoscaling:Desc"),
        ("cloudwatch", "GetMetricData", "metrics of groups: cloudwatch:GetMetricData: "),
    ],
)
def test_what_may_not_be_read_is_said_and_the_rest_is_told(
    aws: Scripted, service_: str, operation: str, words: str
) -> None:
    """No figure is made up for it, and each resource is still named."""
    groups(aws, told_group("web"))
    aws.answer("ecs", "DescribeServices", {"services": [told_service("shop")]})
    aws.answer("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": [told_target("shop")]})
    metrics(aws, {("GroupInServiceInstances", "web"): 4, ("CPUUtilization", "web"): 90, ("CPUUtilization", "shop"): 90})
    aws.answer(service_, operation, Refusal("AccessDeniedException", "not authorized"))
    lacking = Lacking()
    told = read(aws, group("web"), service("shop"), lacking=lacking)
    [line] = lacking.lines()
    assert line.startswith(words)
    assert "AccessDeniedException: not authorized" in line
    about = {"autoscaling": [0], "ecs": [1], "application-autoscaling": [1], "cloudwatch": [0, 1]}[service_]
    assert [number for number, each in enumerate(told) if each.wanted is None] == about
    assert {told[number].why for number in about} <= {"its sizes could not be read", "its metrics could not be read"}


def test_what_is_throttled_to_the_end_is_said(aws: Scripted) -> None:
    """Once for all groups that were asked for together."""
    aws.throttle("autoscaling", "DescribeAutoScalingGroups", times=5, code="ThrottlingException")
    lacking = Lacking()
    [need] = read(aws, group("web"), lacking=lacking)
    assert need.why == "its sizes could not be read"
    [line] = lacking.lines()
    assert line.startswith("sizes of groups: AWS did not answer autoscaling:DescribeAutoScalingGroups: Throttling")


def test_the_sizes_are_those_of_the_cloud(aws: Scripted, clients: ClientMaker) -> None:
    """A real group of the emulator."""
    autoscaling, ec2 = clients("autoscaling", READING), clients("ec2", READING)
    ec2.create_launch_template(LaunchTemplateName="needs-web", LaunchTemplateData={"ImageId": IMAGE})
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="needs-web",
        MinSize=1,
        MaxSize=3,
        DesiredCapacity=2,
        AvailabilityZones=["eu-west-1a"],
        LaunchTemplate={"LaunchTemplateName": "needs-web"},
    )
    [need] = read(aws, group("needs-web"))
    assert need.sizes == Sizes(1, 3, 2)
