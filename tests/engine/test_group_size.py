"""How large a group is, of which policy gives a part; asked with no more rights than are declared."""

from typing import Any

import pytest

from nightcrew.aws.cloud import Cloud
from nightcrew.demo.embedded import IMAGE
from nightcrew.engine.group_size import PERMISSIONS, size_of
from tests.house import House
from tests.runbooks.groups import a_group


@pytest.fixture
def asked(house: House) -> Cloud:
    """With the rights that are declared, and no others."""
    return Cloud(house.scripted, PERMISSIONS, "nightcrew")


def test_an_auto_scaling_group_counts_its_instances(house: House, asked: Cloud) -> None:
    name = a_group(house, desired=2)
    assert size_of(f"autoscaling:autoScalingGroup:*:autoScalingGroupName/{name}", asked) == 2


def test_an_ecs_cluster_counts_its_services(house: House, asked: Cloud) -> None:
    house.crew.client("ecs").create_cluster(clusterName="sized")

    def counted(_: Any, answer: dict[str, Any]) -> None:
        # moto counts none. Source: the ECS API reference, Cluster, activeServicesCount.
        answer["clusters"][0]["activeServicesCount"] = 2

    house.scripted.after("ecs", "DescribeClusters", counted)
    assert size_of("ecs:cluster/sized", asked) == 2


def test_a_database_cluster_counts_its_members(house: House, asked: Cloud) -> None:
    rds = house.crew.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="sized", Engine="aurora-mysql", MasterUsername="crew", MasterUserPassword="not-a-secret"
    )
    for number in range(3):
        rds.create_db_instance(
            DBInstanceIdentifier=f"sized-{number}",
            DBClusterIdentifier="sized",
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
    assert size_of("rds:cluster:sized", asked) == 3


@pytest.mark.parametrize("path", ["ecs:cluster/nobody", "rds:global-cluster:shop", f"ec2:image/{IMAGE}"])
def test_what_cannot_be_counted_has_no_size(asked: Cloud, path: str) -> None:
    """A part of it is one then."""
    assert size_of(path, asked) is None
