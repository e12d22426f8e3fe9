"""ECS services and clusters: their ARNs, and what stands around them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.arns import Lookup, ResourceName, beside
from nightcrew.aws.ecs import ClusterName, ServiceName

HERE: dict[str, Any] = {"account": "123456789012", "region": "eu-west-1"}
CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"
SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/prod/checkout"


def marker(kind: Any) -> ResourceName:
    """What marks a parameter's type as a resource's name."""
    found = get_args(kind)[1]
    assert isinstance(found, ResourceName)
    return found


def lookup(kind: Any) -> Lookup:
    """How its surroundings are read."""
    found = marker(kind).lookup
    assert found is not None
    return found


def test_a_services_arn_is_the_long_one_with_its_cluster() -> None:
    """Two clusters may each have a service of this name: they must not share a lock."""
    assert marker(ServiceName).arn("checkout", **HERE, others={"cluster": "prod"}) == SERVICE
    assert marker(ServiceName).within == ("cluster",)
    assert marker(ClusterName).arn("prod", **HERE) == CLUSTER
    assert marker(ClusterName).within == ()


def test_a_service_is_asked_for_by_name_in_its_cluster_and_with_its_tags() -> None:
    """By its new ARN, one that still has the old form would not be found."""
    assert lookup(ServiceName).by_arn
    call = lookup(ServiceName).call(SERVICE)
    assert (call.action, call.reads) == (lookup(ServiceName).action, True)
    assert call.parameters == {"cluster": "prod", "services": ["checkout"], "include": ["TAGS"]}


def test_a_service_and_its_cluster_meet_at_the_same_lock() -> None:
    answer = {"services": [{"clusterArn": CLUSTER, "tags": [{"key": "stage", "value": "prod"}]}]}
    around = lookup(ServiceName).read(answer)
    assert [beside(SERVICE, *group.split(":", 1)) for group in around.groups] == [CLUSTER]
    assert around.tags == {"stage": "prod"}


def test_around_a_service_that_does_not_exist_there_is_nothing() -> None:
    """AWS answers with a failure inside a good answer."""
    missing = {"services": [], "failures": [{"arn": SERVICE, "reason": "MISSING"}]}
    assert lookup(ServiceName).read(missing) == lookup(ClusterName).read({"clusters": []})
    assert lookup(ServiceName).read(missing).groups == ()


def test_a_cluster_has_tags_and_no_group() -> None:
    call = lookup(ClusterName).call("prod")
    assert (call.action, call.parameters) == (
        lookup(ClusterName).action,
        {"clusters": ["prod"], "include": ["TAGS"]},
    )
    around = lookup(ClusterName).read({"clusters": [{"clusterName": "prod", "tags": [{"key": "stage", "value": ""}]}]})
    assert (around.groups, around.tags) == ((), {"stage": ""})


@pytest.mark.parametrize("name", ["checkout", "Checkout_2-blue", "x" * 255])
def test_names_that_aws_allows_are_taken(name: str) -> None:
    assert re.fullmatch(marker(ServiceName).pattern, name)
    assert re.fullmatch(marker(ClusterName).pattern, name)


@pytest.mark.parametrize("name", ["", "prod/checkout", "a b", "web-*", "a:b", "x" * 256])
def test_names_that_would_be_another_arn_are_not(name: str) -> None:
    assert not re.fullmatch(marker(ServiceName).pattern, name)
    assert not re.fullmatch(marker(ClusterName).pattern, name)
