"""What AWS Backup restored in a drill, by its type: what there is of it, and how nothing of it is left.

What has a name tells by it which drill made it. A volume, an instance or a file system gets its id from AWS: of these
the restore job tells (``drill_jobs``).
"""

from typing import Any

from nightcrew.aws.drill_jobs import earliest
from nightcrew.aws.drills import BUSY, DELETING, FOREIGN, GONE, USABLE
from nightcrew.clock import moment

CLUSTERS = ("Aurora", "DocumentDB", "Neptune")
"""Clusters of all three have ARNs of RDS, whose API shows and deletes them."""
NAMED = (*CLUSTERS, "DynamoDB", "RDS", "S3")
BY_JOB = ("EBS", "EC2", "EFS", "FSx")


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
