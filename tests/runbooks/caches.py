"""ElastiCache replication groups in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)
KIND = "elasticache"


def a_group(house: House, *, zones: str = "abc", failover: bool = True, mode: str = "disabled") -> str:
    """A replication group of a test's own: for each zone a node, ``<group>-001`` and so on; the first leads."""
    name = f"sessions-{next(_numbers)}"
    house.crew.client(KIND).create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="sessions",
        ReplicasPerNodeGroup=len(zones) - 1,
        PreferredCacheClusterAZs=[f"eu-west-1{zone}" for zone in zones],
        AutomaticFailoverEnabled=failover,
        MultiAZEnabled=failover,
        ClusterMode=mode,
        **({"NumNodeGroups": 2} if mode == "enabled" else {}),
    )
    return name


def described(house: House, group: str) -> dict[str, Any]:
    """The group in the cloud itself."""
    answer = house.crew.client(KIND).describe_replication_groups(ReplicationGroupId=group)
    return dict(answer["ReplicationGroups"][0])


def primary(house: House, group: str) -> str:
    """The number of the node that leads: ``001``."""
    members = described(house, group)["NodeGroups"][0]["NodeGroupMembers"]
    (found,) = [each["CacheClusterId"] for each in members if each["CurrentRole"] == "primary"]
    return str(found[-3:])


def modifying(house: House, looks: int, **shown: Any) -> None:
    """After each change the group is "modifying" for so many looks (API reference, ReplicationGroup: Status), and
    shows these members; a later change begins anew.
    """
    seen = [0, looks]

    def busy(_: Any, answer: dict[str, Any]) -> None:
        made = len(house.scripted.changes())
        if made > seen[0]:
            seen[:] = [made, looks]
        if made and seen[1]:
            seen[1] -= 1
            for group in answer["ReplicationGroups"]:
                group |= {"Status": "modifying", **shown}

    house.scripted.after(KIND, "DescribeReplicationGroups", busy)


def alter(house: House, **shown: Any) -> None:
    """The group shows these members, whatever it has."""
    house.scripted.after(KIND, "DescribeReplicationGroups", lambda _, seen: seen["ReplicationGroups"][0].update(shown))
