"""ElastiCache: answers in AWS's shapes, and what is read out of them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.arns import ResourceName
from nightcrew.aws.elasticache import CacheClusterId, ReplicationGroupId, best_replica, only_group, only_node
from nightcrew.errors import Unknown


def marker(kind: Any) -> ResourceName:
    """What marks a parameter's type as a resource's name."""
    found = get_args(kind)[1]
    assert isinstance(found, ResourceName)
    return found


def member(number: int, role: str | None = "replica", zone: str = "b") -> dict[str, Any]:
    """A node of a group."""
    found = {"CacheClusterId": f"sessions-00{number}", "PreferredAvailabilityZone": f"eu-west-1{zone}"}
    return {**found, **({"CurrentRole": role} if role else {})}


def answer(*members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A DescribeReplicationGroups answer about an available group with these nodes in one shard."""
    shard = {"NodeGroupId": "0001", "Status": "available", "NodeGroupMembers": list(members)}
    group = {"ReplicationGroupId": "sessions", "Status": "available", "NodeGroups": [shard], "ClusterEnabled": False}
    return {"ReplicationGroups": [{**group, "AutomaticFailover": "enabled", "MultiAZ": "enabled", **more}]}


def test_a_group_is_cut_down_to_what_decides() -> None:
    found = only_group(answer(member(2), member(1, "primary", "a")))
    assert found == {
        "settled": True,
        "sharded": False,
        "failover": True,
        "multi_az": True,
        "secondary": False,
        "primary": "sessions-001",
        "members": [
            {"id": "sessions-001", "role": "primary", "zone": "eu-west-1a"},
            {"id": "sessions-002", "role": "replica", "zone": "eu-west-1b"},
        ],
        "replicas": [1],
    }


def test_a_group_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(Unknown):
        only_group({"ReplicationGroups": []})


@pytest.mark.parametrize(
    "more",
    [
        {"Status": "modifying"},
        {"AutomaticFailover": "disabling"},
        {"AutomaticFailover": "enabling"},
        {"NodeGroups": [{"Status": "modifying", "NodeGroupMembers": []}]},
    ],
)
def test_what_is_being_changed_has_not_settled(more: dict[str, Any]) -> None:
    """The group itself, one of its shards, or its automatic failover."""
    assert only_group(answer(member(1, "primary"), **more))["settled"] is False


def test_with_cluster_mode_on_nobody_knows_the_roles() -> None:
    found = only_group(answer(member(1, None), member(2, None), ClusterEnabled=True))
    assert (found["sharded"], found["primary"], found["replicas"]) == (True, None, [1])


def test_the_best_replica_is_in_another_zone_and_then_the_first() -> None:
    group = only_group(answer(member(1, "primary", "a"), member(2, zone="a"), member(4, zone="c"), member(3, zone="b")))
    assert best_replica(group) == "sessions-003"


def test_in_the_same_zone_is_better_than_none_and_without_a_replica_there_is_none() -> None:
    assert best_replica(only_group(answer(member(1, "primary", "a"), member(2, zone="a")))) == "sessions-002"
    assert best_replica(only_group(answer(member(1, "primary", "a")))) is None


def test_a_node_says_its_status_and_those_of_its_parts() -> None:
    parts = [{"CacheNodeId": "0001", "CacheNodeStatus": "rebooting"}]
    found = {"CacheClusterStatus": "rebooting cluster nodes", "Engine": "valkey", "ReplicationGroupId": "sessions"}
    assert only_node({"CacheClusters": [{**found, "CacheNodes": parts}]}) == {
        "status": "rebooting cluster nodes",
        "engine": "valkey",
        "group": "sessions",
        "nodes": {"0001": "rebooting"},
    }
    with pytest.raises(Unknown):
        only_node({"CacheClusters": []})


def test_a_nodes_group_is_locked_with_it_under_the_groups_own_arn() -> None:
    """So that nobody fails a group over while one of its replicas is rebooted."""
    lookup = marker(CacheClusterId).lookup
    assert lookup is not None
    (path,) = lookup.read({"CacheClusters": [{"ReplicationGroupId": "sessions"}]}).groups
    arn = marker(ReplicationGroupId).arn("sessions", account="123456789012", region="eu-west-1")
    assert arn.endswith(path.removeprefix("elasticache:"))
    assert lookup.read({"CacheClusters": []}).groups == ()


@pytest.mark.parametrize(
    ("name", "fits"), [("sessions-001", True), ("Sessions", False), ("a--b", False), ("1a", False)]
)
def test_names_are_as_elasticache_keeps_them(name: str, fits: bool) -> None:
    """In lower case: two spellings would be two locks on one resource."""
    assert bool(re.fullmatch(marker(CacheClusterId).pattern, name)) is fits
