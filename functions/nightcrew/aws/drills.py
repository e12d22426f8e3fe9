"""Restore drills: what is drilled, what a drill makes is called, and what it measured.

A drill holds an ARN of its own (``arns.DRILL``). What it makes has the drill and the run in its name, so that it can be
told from everything else, also by who finds it later: a run's id is never used again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from nightcrew.aws.any_resource import ResourceArn
from nightcrew.aws.arns import Drilled
from nightcrew.aws.checked import like
from nightcrew.aws.dynamodb import TableName
from nightcrew.aws.rds import ClusterId, DbInstanceId
from nightcrew.aws.rds_settings import is_busy
from nightcrew.aws.tags import RUN_TAG, tags_of
from nightcrew.clock import moment
from nightcrew.durations import in_words

DRILL_TAG = "nightcrew:drill"
"""On whatever a drill made: what was drilled."""

PREFIX = "drill-"
"""How the names of runbooks begin that are drills."""

MEASURED = "nothing is left of it"
"""The proof with which a drill that was measured ends: its value is ``figures``."""

GONE, DELETING, BUSY, USABLE, FOREIGN = "gone", "deleting", "busy", "usable", "another's"
"""What there is under the name of what a drill makes; anything else is AWS's own word for it."""


def drill_name(name: str, run: str, longest: int) -> str:
    """``orders`` → ``orders-restored-drill-20261121-030004-k3f9qa``, cut where it would be too long. ``-restored-`` is
    what remediator roles may make and delete.
    """
    tail = f"-restored-drill-{run}"
    return f"{name[: longest - len(tail)].rstrip('-.')}{tail}"


def is_drill_name(name: str, run: str) -> bool:
    """Whether this run gave it that name."""
    return name.endswith(f"-restored-drill-{run}")


def began_at(run: str) -> datetime:
    """When a run began, by its id."""
    return datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def figures(began: datetime, restored: datetime, as_of: str) -> dict[str, Any]:
    """What was measured: ``{"rto", "rpo", "as_of"}``; seconds from the start to the validated restore, and from the
    moment that the data is from to the start.
    """
    at = moment(as_of)
    return {
        "rto": round((restored - began).total_seconds()),
        "rpo": round(max((began - at).total_seconds(), 0.0)),
        "as_of": at.isoformat(timespec="seconds"),
    }


def in_figures(found: Mapping[str, Any], rto: timedelta | None, rpo: timedelta | None) -> str:
    """The figures with their targets, in words."""
    return f"restored in {_against(found['rto'], rto)}; data of the last {_against(found['rpo'], rpo)} lost"


def misses(found: Mapping[str, Any], rto: timedelta | None, rpo: timedelta | None) -> list[str]:
    """The targets that these figures miss: "rto", "rpo"."""
    targets = {"rto": rto, "rpo": rpo}
    return [name for name, target in targets.items() if target is not None and found[name] > target.total_seconds()]


def _against(seconds: int, target: timedelta | None) -> str:
    aim = f" (target {in_words(target)})" if target is not None else ""
    return f"{in_words(timedelta(seconds=seconds))}{aim}"


def table_state(source: str, answer: Any) -> str:
    """What a DescribeTable answer shows under a drill's name; only what was restored from ``source`` is the drill's.
    Of what AWS Backup restored that is not asked: an empty ``source``.
    """
    found = answer["Table"]
    restored = found.get("RestoreSummary")
    if restored is None or (source and restored.get("SourceTableArn") != source):
        return FOREIGN
    status = str(found["TableStatus"])
    if status == "DELETING":
        return DELETING
    if status.endswith("ING") or restored.get("RestoreInProgress"):
        return BUSY
    return USABLE if status == "ACTIVE" else status


def database_state(run: str, answer: Any, *, tagged: bool = True) -> str:
    """The same of a DescribeDBInstances answer; ``tagged`` is what the run made itself, and not by AWS Backup."""
    return _rds_state(run, answer["DBInstances"], "DBInstanceStatus", tagged)


def cluster_state(run: str, answer: Any, *, tagged: bool = True) -> str:
    """The same of a DescribeDBClusters answer."""
    return _rds_state(run, answer["DBClusters"], "Status", tagged)


def _rds_state(run: str, found: list[Any], status: str, tagged: bool) -> str:
    if not found:
        return GONE
    # What AWS Backup makes has the tags of what was backed up, if any: perhaps those of a run that made that.
    if tagged and tags_of(found[0].get("TagList")).get(RUN_TAG) != run:
        return FOREIGN
    said = str(found[0][status])
    if said == "deleting":
        return DELETING
    return USABLE if said == "available" else BUSY if is_busy(said) else said


def open_to(answer: Any, *, groups: bool = False) -> list[str]:
    """The addresses that a security group lets in or out, and the other groups that it lets out to, of a
    DescribeSecurityGroups answer; empty where nobody is reached, and nobody but other groups reaches in. Where
    ``groups`` may be reached, these do not count.
    """
    (group,) = answer["SecurityGroups"]
    pairs = [pair for each in group.get("IpPermissionsEgress") or [] for pair in each.get("UserIdGroupPairs") or []]
    found = set() if groups else {str(pair["GroupId"]) for pair in pairs} - {group.get("GroupId")}
    for way in ("IpPermissions", "IpPermissionsEgress"):
        for each in group.get(way) or []:
            found |= {one["CidrIp"] for one in each.get("IpRanges") or []}
            found |= {one["CidrIpv6"] for one in each.get("Ipv6Ranges") or []}
            found |= {one["PrefixListId"] for one in each.get("PrefixListIds") or []}
    return sorted(found)


def as_alone(settings: Mapping[str, Any], subnet_group: str, security_group: str) -> dict[str, Any]:
    """The parameters of a restore that keep these settings, but for where it stands (subnets there may know no IPv6),
    what tells others of it, and what would outlive it.
    """
    others = {"BacktrackWindow", "EnableCloudwatchLogsExports", "MultiAZ", "NetworkType", "PreferredBackupWindow"}
    kept = {name: value for name, value in settings.items() if name not in {*others, "PubliclyAccessible"}}
    where = {"DBSubnetGroupName": subnet_group, "VpcSecurityGroupIds": [security_group]}
    return {**kept, **where, "DeletionProtection": False, "CopyTagsToSnapshot": False, "BackupRetentionPeriod": 1}


DrilledTable = Annotated[str, Drilled.from_type(TableName)]
"""The name of the DynamoDB table whose restore is drilled."""

DrilledInstance = Annotated[str, Drilled.from_type(DbInstanceId)]
"""The identifier of the database instance whose restore is drilled."""

DrilledCluster = Annotated[str, Drilled.from_type(ClusterId)]
"""The identifier of the database cluster whose restore is drilled."""

DrilledArn = Annotated[str, Drilled.from_type(ResourceArn, tags=False)]
"""The ARN of what a drill was about."""

SubnetGroup = Annotated[
    str, like(r"[A-Za-z0-9._-]{1,255}", "the name of a DB subnet group from which nothing else is reached", "drills")
]
"""Where a database is restored to in a drill."""

SecurityGroup = Annotated[
    str, like(r"sg-[0-9a-f]{8,17}", "a security group that lets no address in or out", "sg-0abc1234def567890")
]
"""What a database that a drill restores is behind."""

RunId = Annotated[str, like(r"[0-9]{8}-[0-9]{6}-[a-z0-9]{6,12}", "a run's id", "20261121-030004-k3f9qa")]
"""The id of a run."""
