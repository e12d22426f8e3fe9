"""AWS Backup: recovery points, what they are restored with, and the jobs that restore them.

A recovery point knows with what its resource was made: its restore metadata. botocore's model marks these as sensitive
(of an EC2 instance they hold the user data), so a restore carries them and nobody keeps them. Their keys: AWS Backup
developer guide, "Restoring a backup", by type of resource; of keys the case does not count ("Restore testing inferred
metadata").
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from nightcrew.aws.any_resource import around
from nightcrew.aws.arns import Lookup, ResourceName, partition_of
from nightcrew.aws.calls import calls
from nightcrew.aws.checked import Checked
from nightcrew.clock import moment
from nightcrew.errors import BadParameter, Unknown

_tagging = calls("resourcegroupstaggingapi")

DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
"""What AWS Backup makes for itself, with the path ``service-role`` ("Default service role for AWS Backup")."""

ROLES = "nightcrew-restore-"
"""How the name of a team's own role for restores begins."""

_USABLE = ("AVAILABLE", "COMPLETED")
"""AVAILABLE is of continuous backups (API reference, DescribeRecoveryPoint)."""

_TRUE = "true"


@dataclass(frozen=True)
class Beside:
    """How something new is made of a recovery point, and nothing that stands is written into.

    ``name`` is the key that names the new one, where it has a name; ``longest`` its most characters; ``also`` is told
    besides, ``token`` is a key for something unique.
    """

    name: str | None = None
    longest: int = 0
    also: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None


BESIDE: Mapping[str, Beside] = {
    "Aurora": Beside("DBClusterIdentifier", 63),
    "DocumentDB": Beside("DBClusterIdentifier", 63),
    "DynamoDB": Beside("targetTableName", 255),
    "EBS": Beside(),
    "EC2": Beside(),
    "EFS": Beside(also={"newFileSystem": _TRUE}, token="CreationToken"),  # noqa: S106  a key's name, no secret
    "FSx": Beside(),
    "Neptune": Beside("DBClusterIdentifier", 63),
    "RDS": Beside("DBInstanceIdentifier", 63),
    "S3": Beside("DestinationBucketName", 63, also={"NewBucket": _TRUE}, token="CreationToken"),  # noqa: S106  as above
}
"""By type. Left out are those of which a restore writes into what stands, or of which nobody here knows."""


def recovery_point(answer: Any) -> dict[str, Any]:
    """A DescribeRecoveryPoint answer: ``{"type", "of", "status", "words", "storage", "made", "expires", "usable"}``.

    ``of`` is the ARN of what was backed up; ``expires`` when it is deleted, or None.
    """
    return {
        "type": _type(answer["ResourceType"], answer["ResourceArn"]),
        "of": answer["ResourceArn"],
        "status": answer["Status"],
        "words": answer.get("StatusMessage"),
        "storage": answer.get("StorageClass", "WARM"),
        "made": answer.get("CreationDate"),
        "expires": (answer.get("CalculatedLifecycle") or {}).get("DeleteAt"),
        "usable": answer["Status"] in _USABLE and answer.get("StorageClass") != "DELETED",
    }


def _type(named: str, resource: str) -> str:
    """A Multi-AZ cluster of RDS is another thing than an instance, and has the same type."""
    return f"a cluster of {named}" if named == "RDS" and ":cluster:" in resource else named


def is_kept(point: Mapping[str, Any], now: datetime) -> bool:
    """Whether its time is not over."""
    return point["expires"] is None or moment(point["expires"]) > now


def name_of(arn: str) -> str:
    """The last part of an ARN: ``arn:aws:rds:eu-west-1:123456789012:db:orders`` → ``orders``."""
    return re.split(r"[:/]", arn)[-1]


def job(answer: Any) -> dict[str, Any]:
    """A DescribeRestoreJob answer: ``{"status", "words", "percent", "made", "name", "over"}``.

    ``made`` is the ARN of what it created, and ``name`` its name or id, or None; ``over`` whether it goes on no longer.
    """
    made = answer.get("CreatedResourceArn") or None
    return {
        "status": answer["Status"],
        "words": answer.get("StatusMessage"),
        "percent": answer.get("PercentDone"),
        "made": made,
        "name": name_of(made) if made else None,
        "over": answer["Status"] in {"COMPLETED", "ABORTED", "FAILED"},
    }


def is_completed(seen: Mapping[str, Any]) -> bool:
    """Whether the job has ended well. Raises Unknown where it never will."""
    if seen["over"] and seen["status"] != "COMPLETED":
        raise Unknown(f"the job ended {seen['status']}: {seen['words'] or 'it says no more'}")
    return bool(seen["status"] == "COMPLETED")


def made_name(answer: Any) -> dict[str, str]:
    """What the job of a DescribeRestoreJob answer created: ``{"arn", "name"}``. Raises Unknown where it says none."""
    arn = answer.get("CreatedResourceArn")
    if not arn:
        raise Unknown("the job does not say what it made")
    return {"arn": str(arn), "name": name_of(str(arn))}


def wrong_overrides(kind: Beside, overrides: Mapping[str, Any], also: Collection[str] = ()) -> str | None:
    """Why these may not be told to a restore, in words; None where they may. The keys of ``also`` are the run's own,
    too.
    """
    seen: set[str] = set()
    ours = {key.lower() for key in (kind.name, kind.token, *kind.also, *also) if key}
    for key, value in overrides.items():
        if not isinstance(value, str):
            return f"{key} must be text"
        if key.lower() in seen:
            return f"{key} is given twice"
        if key.lower() in ours:
            return f"{key} is the run's own to set"
        seen.add(key.lower())
    return None


def told(kind: Beside, name: str, token: str, overrides: Mapping[str, str]) -> dict[str, str]:
    """What a restore is told in place of what the recovery point says, or besides."""
    own = dict(kind.also)
    if kind.name:
        own[kind.name] = name
    if kind.token:
        own[kind.token] = token
    return {**overrides, **own}


def merged(
    metadata: Mapping[str, str], instead: Mapping[str, str], only: Collection[str] | None = None
) -> dict[str, str]:
    """The metadata of a recovery point with these in place of its own, whatever the case of their keys. ``only`` these
    of its own are kept, in small letters, where they are given.
    """
    own = {key: value for key, value in metadata.items() if only is None or key.lower() in only}
    spelled = {key.lower(): key for key in own}
    return {**own, **{spelled.get(key.lower(), key): value for key, value in instead.items()}}


def default_role(resource: str) -> str:
    """The ARN of AWS Backup's own role, in the account of this ARN."""
    _, _, _, region, account, _ = resource.split(":", 5)
    return f"arn:{partition_of(region)}:iam::{account}:role/service-role/{DEFAULT_ROLE}"


def role_may_be_passed(role: str, resource: str) -> bool:
    """Whether a remediator may let AWS Backup restore as this role: by its account, and its name. IAM holds it to the
    same, so a team's own role has no path.
    """
    own = role.split(":")[4] == resource.split(":")[4]
    name = role_name(role)
    return own and (role == default_role(resource) or (name.startswith(ROLES) and "/" not in name))


def role_name(role: str) -> str:
    """The name of a role, its path before it, by its ARN."""
    return role.partition(":role/")[2]


@dataclass(frozen=True)
class _PointArn(ResourceName):
    """A recovery point is named by an ARN of AWS Backup, or of the snapshot, image or backup that it is."""

    def arn(self, value: str, *, account: str, region: str, others: Any = None) -> str:
        """The value, with the account where it has none: of a snapshot of EC2. Raises BadParameter for one elsewhere,
        since a lock there would hold nothing here.
        """
        del others
        parts = value.split(":", 5)
        if parts[3] != region or parts[4] not in {account, ""}:
            raise BadParameter("point", value, f"it must be in {region} and account {account}, where the run acts")
        return ":".join([*parts[:4], account, parts[5]])


RecoveryPointArn = Annotated[
    str,
    _PointArn(
        "",
        "",
        pattern=r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]+:(?:[0-9]{12})?:[!-~]{1,1011}",
        example="arn:aws:backup:eu-west-1:123456789012:recovery-point:1eb3b5e7-9eb0-435a-a80b-108b488b0d45",
        lookup=Lookup("tag:GetResources", lambda arn: _tagging.get_resources(ResourceARNList=[arn]), around),
    ),
]
"""The ARN of a recovery point, as its vault lists it."""

VaultName = Annotated[str, ResourceName("backup", "backup-vault:{}", pattern=r"[A-Za-z0-9_-]{2,50}", example="Default")]
"""The name of a backup vault."""


def _no_role(text: str) -> str | None:
    whole = re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", text)
    return None if whole else "it must be the ARN of a role"


RoleArn = Annotated[
    str, Checked(_no_role, "the ARN of a role", f"arn:aws:iam::123456789012:role/service-role/{DEFAULT_ROLE}")
]
"""The ARN of the role as which AWS Backup restores."""

DrillRoleArn = Annotated[
    str, Checked(_no_role, "the ARN of a role", "arn:aws:iam::123456789012:role/nightcrew-restore-drills")
]
"""The same, as which only drills restore."""
