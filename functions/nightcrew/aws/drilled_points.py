"""Restore drills of recovery points of AWS Backup: where each type is restored so that nobody reaches it, and what
there is of what has no name.

What has a name tells by it which drill made it. A volume, an instance or a file system gets its id from AWS: of these
the restore job tells, by the role that it restored as, which only drills use.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from nightcrew.aws.backup import job, name_of, role_name
from nightcrew.aws.checked import like
from nightcrew.aws.drills import BUSY, DELETING, DRILL_TAG, FOREIGN, GONE, USABLE, began_at
from nightcrew.aws.tags import RUN_TAG, listed
from nightcrew.clock import moment
from nightcrew.errors import Unreachable

CLUSTERS = ("Aurora", "DocumentDB", "Neptune")
"""Clusters of all three have ARNs of RDS, whose API shows and deletes them."""
NAMED = (*CLUSTERS, "DynamoDB", "RDS", "S3")
BY_JOB = ("EBS", "EC2", "EFS", "FSx")

DRILL_ROLES = "nightcrew-restore-drill"
"""How the name of a role begins as which only drills restore."""

_NEEDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*CLUSTERS, "RDS"), ("subnet_group", "security_group")),
    **dict.fromkeys(("EC2", "FSx"), ("subnet", "security_group")),
}
"""A table, a bucket, a volume that is attached to nothing, and an EFS without mount targets are reached by nobody who
does not know them, wherever they are.
"""

_SKEW = timedelta(hours=1)

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
        alone = {"DisableApiTermination": "false", "RequireImdsV2": "true"}
        return {"SubnetId": str(place["subnet"]), "SecurityGroupIds": group, **alone}
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


def is_for_drills(role: str) -> bool:
    """Whether only drills restore as this role: whatever it restored is deleted."""
    name = role_name(role)
    return name.startswith(DRILL_ROLES) and "/" not in name


def marks(by: str, of: str) -> list[dict[str, str]]:
    """The tags of what the run ``by`` had restored of ``of``: IAM lets nothing else be deleted."""
    return listed({RUN_TAG: by, DRILL_TAG: name_of(of)})


def earliest(run: str) -> datetime:
    """Nothing that a run made is older, whatever the clocks say."""
    return began_at(run) - _SKEW


def jobs_of(point: str, role: str | None, answer: Any) -> list[dict[str, Any]]:
    """The restore jobs of this recovery point as this role, or any, of a ListRestoreJobs answer, each as
    ``backup.job``. Raises Unreachable where the answer is not all.
    """
    if answer.get("NextToken"):
        raise Unreachable("there are more restore jobs than one answer holds")
    of_point = [each for each in answer["RestoreJobs"] if each.get("RecoveryPointArn") == point]
    return [job(each) for each in of_point if role in {None, each.get("IamRoleArn")}]


def are_over(jobs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether none of them goes on. Raises Unreachable where one is completed and does not say what it made."""
    jobs = list(jobs)
    if any(each["status"] == "COMPLETED" and not each["made"] for each in jobs):
        raise Unreachable("a restore job is completed and does not say what it made: a person must look for it")
    return all(each["over"] for each in jobs)


def standing(answer: Any) -> dict[str, Any]:
    """Where the instance of a DescribeInstances answer stands: ``{"subnet", "groups", "rights"}``."""
    found = answer["Reservations"][0]["Instances"][0]
    return {
        "subnet": found.get("SubnetId"),
        "groups": sorted(each["GroupId"] for each in found.get("SecurityGroups") or []),
        "rights": "IamInstanceProfile" in found,
    }


def volume_state(answer: Any) -> str:
    """What a DescribeVolumes answer shows of a volume that a drill made (EC2 API reference, Volume: State)."""
    found = answer["Volumes"]
    return _state(found[0]["State"], usable="available", busy={"creating"}) if found else GONE


def disks_state(answer: Any) -> str:
    """The same of all volumes that an instance of a drill had; they can be deleted once it is gone."""
    states = {str(each["State"]) for each in answer["Volumes"]} - {"deleted"}
    if not states:
        return GONE
    return BUSY if states & {"creating", "in-use"} else DELETING if states == {"deleting"} else USABLE


def volume_ids(answer: Any) -> list[str]:
    """The volumes of a DescribeVolumes answer that are not going already."""
    return sorted(str(each["VolumeId"]) for each in answer["Volumes"] if each["State"] not in {"deleted", "deleting"})


def own_volume_ids(by: str, answer: Any) -> list[str]:
    """Those of them that were not there before the run ``by`` began."""
    found = [each for each in answer["Volumes"] if moment(each["CreateTime"]) >= earliest(by)]
    return volume_ids({"Volumes": found})


def instance_state(answer: Any) -> str:
    """What a DescribeInstanceStatus answer shows of an instance that a drill made: it can be used once both status
    checks passed.
    """
    found = answer["InstanceStatuses"]
    if not found:
        return GONE
    state = str(found[0]["InstanceState"]["Name"])
    if state != "running":
        return {"pending": BUSY, "shutting-down": DELETING, "terminated": GONE}.get(state, state)
    checks = {str(found[0][each]["Status"]) for each in ("InstanceStatus", "SystemStatus")}
    return USABLE if checks == {"ok"} else "impaired" if "impaired" in checks else BUSY


def efs_state(by: str, answer: Any) -> str:
    """What a DescribeFileSystems answer of EFS shows of a file system that the drill ``by`` made; one that was there
    before is another's: AWS Backup can also restore into one that stands.
    """
    found = answer["FileSystems"]
    if found and moment(found[0]["CreationTime"]) < earliest(by):
        return FOREIGN
    return _state(found[0]["LifeCycleState"], usable="available", busy={"creating", "updating"}) if found else GONE


def fsx_state(answer: Any) -> str:
    """The same of FSx."""
    found = answer["FileSystems"]
    if not found:
        return GONE
    return _state(str(found[0]["Lifecycle"]).lower(), usable="available", busy={"creating", "updating"})


def bucket_state(answer: Any) -> str:
    """What a ListObjectVersions answer shows: a bucket that can be listed can be used."""
    del answer
    return USABLE


def _state(said: str, *, usable: str, busy: set[str]) -> str:
    if said == usable:
        return USABLE
    return BUSY if said in busy else {"deleting": DELETING, "deleted": GONE}.get(said, said)


def versions(answer: Any) -> int:
    """How many versions of objects, delete markers among them, a ListObjectVersions answer has."""
    return len(answer.get("Versions") or []) + len(answer.get("DeleteMarkers") or [])


def to_delete(answer: Any) -> dict[str, Any]:
    """What DeleteObjects is told to delete these versions."""
    found = [*(answer.get("Versions") or []), *(answer.get("DeleteMarkers") or [])]
    return {"Objects": [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found], "Quiet": True}


def refused(answer: Any) -> int:
    """How many of them a DeleteObjects answer says are still there."""
    return len(answer.get("Errors") or [])


def fsx_kind(answer: Any) -> str:
    """WINDOWS, LUSTRE or OPENZFS, of a DescribeFileSystems answer."""
    return str(answer["FileSystems"][0]["FileSystemType"])


def without_last_backup(kind: str) -> dict[str, Any]:
    """What DeleteFileSystem is told so that nothing of an FSx file system outlives it (API reference)."""
    if kind == "OPENZFS":
        all_of_it = {"SkipFinalBackup": True, "Options": ["DELETE_CHILD_VOLUMES_AND_SNAPSHOTS"]}
        return {"OpenZFSConfiguration": all_of_it}
    return {"LustreConfiguration" if kind == "LUSTRE" else "WindowsConfiguration": {"SkipFinalBackup": True}}


Subnet = Annotated[
    str, like(r"subnet-[0-9a-f]{8,17}", "a subnet from which nothing else is reached", "subnet-0abc1234def567890")
]
"""Where an instance or a file system is restored to in a drill."""
