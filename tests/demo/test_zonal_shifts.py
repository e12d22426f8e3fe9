"""Zonal shifts in the embedded cloud, which moto alone has none of."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nightcrew.aws.cloud import READING, ClientMaker


@pytest.fixture(scope="module")
def balancer(clients: ClientMaker) -> str:
    """One in two zones."""
    subnets = clients("ec2", READING).describe_subnets()["Subnets"][:2]
    made = clients("elbv2", READING).create_load_balancer(Name="zonal", Subnets=[each["SubnetId"] for each in subnets])
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture
def arc(clients: ClientMaker) -> Any:
    """ARC zonal shift."""
    return clients("arc-zonal-shift", READING)


def weights(arc: Any, arn: str) -> dict[str, float]:
    """What each zone gets."""
    found: dict[str, float] = arc.get_managed_resource(resourceIdentifier=arn)["appliedWeights"]
    return found


def test_a_shift_takes_a_zones_traffic_until_it_is_cancelled(arc: Any, balancer: str) -> None:
    """One at a time: a second one conflicts."""
    first, second = weights(arc, balancer)
    asked = {"resourceIdentifier": balancer, "awayFrom": first, "expiresIn": "2h", "comment": "the test"}
    made = arc.start_zonal_shift(**asked)
    assert weights(arc, balancer) == {first: 0.0, second: 1.0}
    (listed,) = arc.list_zonal_shifts(resourceIdentifier=balancer, status="ACTIVE")["items"]
    assert (listed["zonalShiftId"], listed["comment"]) == (made["zonalShiftId"], "the test")
    with pytest.raises(ClientError, match="ConflictException"):
        arc.start_zonal_shift(**asked)
    assert arc.cancel_zonal_shift(zonalShiftId=made["zonalShiftId"])["status"] == "CANCELED"
    assert weights(arc, balancer) == {first: 1.0, second: 1.0}
    with pytest.raises(ClientError, match="ConflictException"):
        arc.cancel_zonal_shift(zonalShiftId=made["zonalShiftId"])


def test_what_it_does_not_know_is_not_found(arc: Any, balancer: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        arc.get_managed_resource(resourceIdentifier=f"{balancer}0")
