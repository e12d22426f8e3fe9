"""A runbook on something whose name is its own only within something else: a service within its cluster."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Alarm, Run, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import rewritten
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import TriggerIndex
from nightcrew.aws.ecs import ClusterName, ServiceName
from nightcrew.aws.rds import DbInstanceId
from nightcrew.errors import BadDeclaration
from nightcrew.signals import Metric
from tests.stack import TEMPLATE

HERE = {"account": "123456789012", "region": "eu-west-1"}
ECS = "arn:aws:ecs:eu-west-1:123456789012"
BUSY = Alarm("AWS/ECS", "CPUUtilization", direction="high", cluster="ClusterName", service="ServiceName")


def roll(run: Run, cluster: ClusterName, service: ServiceName) -> None:
    """Rolls a service."""


def declared(function: Callable[..., Any], *permissions: str, **more: Any) -> Runbook:
    """A runbook of this function."""
    made: Runbook = runbook(
        family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=permissions, **more
    )(function)
    return made


@pytest.fixture
def rolls() -> Runbook:
    return declared(roll, "ecs:DescribeServices", triggers=[BUSY])


def test_its_resource_is_the_service_wherever_the_cluster_stands(rolls: Runbook) -> None:
    """Else a run would lock the whole cluster, for the order of two parameters."""

    def other_way(run: Run, service: ServiceName, cluster: ClusterName) -> None:
        """Rolls a service."""

    for each in (rolls, declared(other_way, "ecs:DescribeServices")):
        assert each.resource == "service"
        assert each.arn({"cluster": "prod", "service": "web"}, **HERE) == f"{ECS}:service/prod/web"


def test_an_alarms_two_dimensions_name_it(rolls: Runbook) -> None:
    """AWS/ECS has the metrics of a service by both."""
    metric = Metric("AWS/ECS", "CPUUtilization", {"ClusterName": "prod", "ServiceName": "web"})
    (found,) = TriggerIndex([(rolls.name, BUSY)]).find(metric, "high")
    assert rolls.arn(rolls.form.validate(found.take(metric)), **HERE) == f"{ECS}:service/prod/web"


def test_a_service_without_a_parameter_for_its_cluster_is_refused() -> None:
    """By a name of its own it cannot be told from others, nor where nobody need give the cluster's."""

    def nowhere(run: Run, service: ServiceName) -> None:
        """Rolls a service."""

    def perhaps(run: Run, service: ServiceName, cluster: ClusterName = "default") -> None:
        """Rolls a service."""

    for function in (nowhere, perhaps):
        with pytest.raises(BadDeclaration, match="must be cluster"):
            declared(function, "ecs:DescribeServices")


def on_cluster(run: Run, cluster: ClusterName) -> None:
    """Looks at a cluster."""


def on_instance(run: Run, instance: DbInstanceId) -> None:
    """Looks at a database instance."""


@pytest.mark.parametrize(
    ("function", "action"),
    [
        (roll, "ecs:DescribeServices"),
        (on_cluster, "ecs:DescribeClusters"),
        (on_instance, "rds:DescribeDBInstances"),
    ],
)
def test_what_looks_around_it_is_declared_and_so_stands_in_the_familys_role(
    catalog: Catalog, function: Callable[..., Any], action: str
) -> None:
    """A runbook that leaves it out is refused; one that has it gives its role the right to look, open as all reads."""
    with pytest.raises(BadDeclaration, match=action):
        declared(function, "ec2:DescribeInstances")
    text = TEMPLATE.read_text(encoding="utf-8")
    more = Catalog([*(each for each in catalog.values() if each.family == "restart"), declared(function, action)])
    role = rewritten(text, more).partition("# restart: written")[2].partition("# restart: end")[0]
    look = role.partition("Sid: Look")[2].partition("- Sid")[0]
    assert re.search(rf"[ \[]{action}[,\]]", look)
    assert "Condition" not in look
