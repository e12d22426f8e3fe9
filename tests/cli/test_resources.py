"""How people name a resource that is within another one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.autoscaling import AutoScalingGroupName
from nightcrew.aws.ecs import ClusterName, ServiceName
from nightcrew.cli.account import Who
from nightcrew.cli.resources import arns_of, short
from nightcrew.errors import BadInput

WHO = Who("123456789012", "eu-west-1", "ada")
ECS = "arn:aws:ecs:eu-west-1:123456789012"


def roll(run: Run, service: ServiceName, cluster: ClusterName) -> None:
    """Rolls a service."""


def grow(run: Run, group: AutoScalingGroupName) -> None:
    """Grows a group."""


def only(function: Callable[..., Any], permission: str) -> Catalog:
    """A catalog of this runbook."""
    declared = runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=[permission])
    return Catalog([declared(function)])


def test_a_service_is_said_with_its_cluster() -> None:
    """A name alone is the cluster's: a service of that name could be in any."""
    rolls = only(roll, "ecs:DescribeServices")
    assert arns_of("prod/web", rolls, WHO) == [f"{ECS}:service/prod/web"]
    assert arns_of("prod", rolls, WHO) == [f"{ECS}:cluster/prod"]


@pytest.mark.parametrize("text", ["/web", "prod/", "prod/a b", "/"])
def test_half_of_it_is_no_name(text: str) -> None:
    with pytest.raises(BadInput, match="it must be an ARN"):
        arns_of(text, only(roll, "ecs:DescribeServices"), WHO)


def test_a_name_with_a_slash_of_its_own_is_still_one_name() -> None:
    """An Auto Scaling group may have one."""
    (arn,) = arns_of("team/web", only(grow, "autoscaling:DescribeAutoScalingGroups"), WHO)
    assert arn.endswith(":autoScalingGroupName/team/web")


def test_a_name_means_the_resource_and_not_its_drill() -> None:
    """Else a table that was restored, and drilled, would be two; what the drill holds is said with it."""
    catalog, table = Catalog.load(), "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    assert table in arns_of("orders", catalog, WHO)
    assert not [arn for arn in arns_of("orders", catalog, WHO) if arn.endswith("/drill")]
    assert f"{table}/drill" in arns_of("orders/drill", catalog, WHO)
    assert arns_of("orders", catalog, WHO, "drill-dynamodb-restore") == [f"{table}/drill"]


def test_what_a_drill_holds_is_called_after_what_is_drilled() -> None:
    assert short("arn:aws:dynamodb:eu-west-1:123456789012:table/orders/drill") == "orders/drill"
    assert short("arn:aws:rds:eu-west-1:123456789012:db:till/drill") == "till/drill"
