"""Where AWS Backup restores to in a drill, by type: so that nobody reaches what it makes, and that reaches nobody."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from nightcrew.aws.checked import like
from nightcrew.aws.drilled_points import CLUSTERS

_NEEDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*CLUSTERS, "RDS"), ("subnet_group", "security_group")),
    **dict.fromkeys(("EC2", "FSx"), ("subnet", "security_group")),
}
"""A table, a bucket, a volume that is attached to nothing, and an EFS without mount targets are reached by nobody who
does not know them, wherever they are.
"""

_OF_AN_INSTANCE = frozenset({"cpuoptions", "creditspecification", "ebsoptimized", "instancetype", "placement"})

_OF_A_FILE_SYSTEM = frozenset({"lustreconfiguration", "openzfsconfiguration", "windowsconfiguration"})
"""Keys of metadata, in small letters."""

_KEPT: Mapping[str, frozenset[str]] = {"EC2": frozenset({"instancetype"})}
"""Of an instance nothing else is kept of what AWS Backup wrote down, as in its own restore testing: above all not the
instance profile, with whose rights it would act, and not its network interfaces.
"""

PLACE_WORDS = {
    "subnet_group": "it is said where a database is restored to: subnet_group",
    "subnet": "it is said where it is restored to: subnet",
    "security_group": "it is said what it is behind: security_group",
}


def needs(kind: str) -> tuple[str, ...]:
    """The parameters that a drill of this type must be given, so that nobody reaches what it makes."""
    return _NEEDS.get(kind, ())


def kept_metadata(kind: str) -> frozenset[str] | None:
    """The keys, in small letters, that are kept of what AWS Backup wrote down; None for all."""
    return _KEPT.get(kind)


def isolated_metadata(kind: str, place: Mapping[str, str | None]) -> dict[str, str]:
    """What AWS Backup is told so that it is restored where nobody reaches it, at ``place``: the values of ``needs``
    (developer guide, "Restore testing inferred metadata": the keys; lists are JSON).
    """
    group = json.dumps([place.get("security_group")])
    if kind == "EC2":
        return {"SubnetId": str(place["subnet"]), "SecurityGroupIds": group, "DisableApiTermination": "false"}
    if kind == "FSx":
        return {"SubnetIds": json.dumps([place["subnet"]]), "SecurityGroupIds": group}
    if kind == "S3":
        return {"RestoreACLs": "false"}
    if kind not in (*CLUSTERS, "RDS"):
        return {}
    where = {"DBSubnetGroupName": str(place["subnet_group"]), "VpcSecurityGroupIds": group}
    where["DeletionProtection"] = "false"  # it must be possible to delete it
    return where | ({"PubliclyAccessible": "false", "MultiAZ": "false"} if kind == "RDS" else {})


def wrong_of_isolation(kind: str, overrides: Mapping[str, Any]) -> str | None:
    """Why these would lead a drill out of its isolation, in words; None where they do not."""
    told = {key.lower(): value for key, value in overrides.items()}
    if kind == "EC2" and (others := sorted(told.keys() - _OF_AN_INSTANCE)):
        return f"{others[0]} is not told of an instance that is drilled"
    if kind == "FSx":
        if len(told.keys() & _OF_A_FILE_SYSTEM) != 1:
            return "it must say one of WindowsConfiguration, LustreConfiguration and OpenZFSConfiguration"
        if "activedirectoryid" not in str(told.get("windowsconfiguration", "activedirectoryid")).lower():
            return "WindowsConfiguration must name the ActiveDirectoryId of drills: else it joins production's"
    return None


def standing(answer: Any) -> dict[str, Any]:
    """Where the instance of a DescribeInstances answer stands: ``{"subnet", "groups", "rights"}``."""
    found = answer["Reservations"][0]["Instances"][0]
    return {
        "subnet": found.get("SubnetId"),
        "groups": sorted(each["GroupId"] for each in found.get("SecurityGroups") or []),
        "rights": "IamInstanceProfile" in found,
    }


Subnet = Annotated[
    str, like(r"subnet-[0-9a-f]{8,17}", "a subnet from which nothing else is reached", "subnet-0abc1234def567890")
]
"""Where an instance or a file system is restored to in a drill."""
