"""DynamoDB tables: how they are named, and what their answers say.

Sources: DynamoDB API reference (TableDescription, ContinuousBackupsDescription, PointInTimeRecoveryDescription,
TimeToLiveDescription, ListTagsOfResource, Scan) and developer guide.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.clock import moment
from nightcrew.errors import Unknown

_dynamodb = calls("dynamodb")

LONGEST_NAME = 255
LONGEST_POLICY = 12_000
"""Of a policy's 20 KB, what still fits into a step's memory of 16 KB once its quotes are escaped."""


def table(answer: Any) -> dict[str, Any]:
    """The table of a DescribeTable answer, cut down to what decides whether another is like it.

    ``{"name", "arn", "status", "ready", "keys", "indexes", "billing", "encryption", "capacity", "on_demand", "class",
    "stream", "protected", "replicas", "items", "source", "as_of"}``: ``keys`` is like ``["pk S HASH", "sk N
    RANGE"]``; ``indexes`` maps a name to its kind, keys and projection; ``capacity`` and ``on_demand`` map the table
    (``""``) and its indexes to ``[read, write]``; ``items`` is counted only about every six hours; ``source`` and
    ``as_of`` are of a restored table: the ARN that it was restored from, and the time to which.
    """
    found = answer["Table"]
    types = {each["AttributeName"]: each["AttributeType"] for each in found.get("AttributeDefinitions", [])}
    local, everywhere = found.get("LocalSecondaryIndexes") or [], found.get("GlobalSecondaryIndexes") or []
    vectors = found.get("VectorIndexes") or []
    restored = found.get("RestoreSummary") or {}
    return {
        "name": found["TableName"],
        "arn": found["TableArn"],
        "status": found["TableStatus"],
        "ready": is_ready(answer),
        "keys": _keys(found, types),
        "indexes": {
            **{each["IndexName"]: _index("local", each, types) for each in local},
            **{each["IndexName"]: _index("global", each, types) for each in everywhere},
            **{each["IndexName"]: ["vector"] for each in vectors},
        },
        "billing": _billing(found),
        "encryption": (found.get("SSEDescription") or {}).get("KMSMasterKeyArn", "a key of AWS"),
        "capacity": _throughput("ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits", found, everywhere),
        "on_demand": _throughput(
            "OnDemandThroughput", "MaxReadRequestUnits", "MaxWriteRequestUnits", found, everywhere
        ),
        "class": (found.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "stream": _stream(found),
        "protected": bool(found.get("DeletionProtectionEnabled")),
        "replicas": sorted(each["RegionName"] for each in found.get("Replicas") or []),
        "items": found.get("ItemCount"),
        "source": restored.get("SourceTableArn"),
        "as_of": restored.get("RestoreDateTime"),
    }


def table_status(answer: Any) -> str:
    """The table's status: CREATING, UPDATING, DELETING, ACTIVE, or that its key is out of reach."""
    return str(answer["Table"]["TableStatus"])


def is_ready(answer: Any) -> bool:
    """Whether the table and all its indexes are ACTIVE and no restore writes into it: only then can it be updated."""
    found = answer["Table"]
    indexes = found.get("GlobalSecondaryIndexes") or []
    restoring = (found.get("RestoreSummary") or {}).get("RestoreInProgress", False)
    states = {table_status(answer), *(each.get("IndexStatus", "ACTIVE") for each in indexes)}
    return states == {"ACTIVE"} and not restoring


def progress(answer: Any) -> dict[str, Any]:
    """How far a restore is: ``{"status", "ready"}``; AWS tells no share of it."""
    return {"status": table_status(answer), "ready": is_ready(answer)}


def is_restored_from(source: str, answer: Any) -> bool:
    """Whether the table was made by a restore of the table with the ARN ``source``."""
    return bool((answer["Table"].get("RestoreSummary") or {}).get("SourceTableArn") == source)


def can_be_deleted_as_restored_from(source: str, answer: Any) -> bool:
    """Whether AWS would delete it by now: not while it is being created or updated (API reference, DeleteTable).

    Raises Unknown where the table of that name is another one, which no run that restored ``source`` may delete.
    """
    if not is_restored_from(source, answer):
        raise Unknown(f"the table {answer['Table']['TableName']} was not restored from {source}")
    return table_status(answer) not in {"CREATING", "UPDATING"}


def recovery(answer: Any) -> dict[str, Any]:
    """Point-in-time recovery, of a DescribeContinuousBackups answer: ``{"on", "earliest", "latest", "days"}``.

    ``ContinuousBackupsStatus`` says nothing about it: that is ENABLED for every table (API reference,
    UpdateContinuousBackups: "Continuous backups are ENABLED on all tables at table creation").
    """
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    return {
        "on": found.get("PointInTimeRecoveryStatus") == "ENABLED",
        "earliest": found.get("EarliestRestorableDateTime"),
        "latest": found.get("LatestRestorableDateTime"),
        "days": found.get("RecoveryPeriodInDays"),
    }


def backups_are_kept(answer: Any) -> bool:
    """Whether a new table's continuous backups have begun: before that, point-in-time recovery is refused."""
    return bool(answer["ContinuousBackupsDescription"]["ContinuousBackupsStatus"] == "ENABLED")


def can_be_restored_to(window: Mapping[str, Any], to: datetime | None) -> bool:
    """Whether ``to`` lies between the first and the last time of ``recovery``; None is the last one."""
    if not window["earliest"] or not window["latest"]:
        return False
    return to is None or moment(window["earliest"]) <= to <= moment(window["latest"])


def restorable_words(window: Mapping[str, Any], to: datetime | None) -> str:
    """What ``can_be_restored_to`` asks, in words."""
    asked = f"{to.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if to else "the latest time"
    return f"{asked} lies between {window['earliest']} and {window['latest']}, its first and last restorable time"


def backup(answer: Any) -> dict[str, Any]:
    """The backup of a DescribeBackup answer: ``{"name", "kind", "status", "at", "items"}``.

    ``kind`` is USER, SYSTEM (made by AWS when the table was deleted) or AWS_BACKUP; ``items`` as the table counted.
    """
    found = answer["BackupDescription"]
    details, source = found["BackupDetails"], found.get("SourceTableDetails") or {}
    return {
        "name": details["BackupName"],
        "kind": details["BackupType"],
        "status": details["BackupStatus"],
        "at": details["BackupCreationDateTime"],
        "items": source.get("ItemCount"),
    }


def newest_backup(since: datetime, answer: Any) -> dict[str, Any]:
    """The newest whole backup since then, of a page of ListBackups: ``{"newest": {"arn", "name", "at"} or None,
    "more"}``; ``more`` is the ARN after which the next page begins, or None.
    """
    whole = [
        {"arn": str(each["BackupArn"]), "name": each["BackupName"], "at": str(each["BackupCreationDateTime"])}
        for each in answer["BackupSummaries"]
        if each["BackupStatus"] == "AVAILABLE" and moment(str(each["BackupCreationDateTime"])) >= since
    ]
    return {
        "newest": max(whole, key=lambda each: str(each["at"]), default=None),
        "more": answer.get("LastEvaluatedBackupArn"),
    }


def backup_named(name: str, answer: Any) -> dict[str, Any]:
    """The backup of that name on a page of ListBackups: ``{"id", "status"}``, the last part of its ARN first. Raises
    Unknown where there is none.
    """
    found = next((each for each in answer["BackupSummaries"] if each["BackupName"] == name), None)
    if found is None:
        raise Unknown(f"there is no backup {name}")
    return {"id": str(found["BackupArn"]).rsplit("/", 1)[-1], "status": str(found["BackupStatus"])}


def expiry(answer: Any) -> str | None:
    """The attribute by which items expire, of a DescribeTimeToLive answer; None where they do not."""
    found = answer.get("TimeToLiveDescription") or {}
    return found.get("AttributeName") if found.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"} else None


def tag_page(answer: Any) -> dict[str, Any]:
    """One page of tags, of a ListTagsOfResource answer: ``{"tags": {…}, "more": token or None}``."""
    return {"tags": tags_of(answer.get("Tags")), "more": answer.get("NextToken")}


def policy(answer: Any) -> dict[str, Any]:
    """The policy on a table or stream, of a GetResourcePolicy answer: ``{"text", "length"}``; no text if it is too
    long.
    """
    text = str(answer["Policy"])
    return {"text": text if len(json.dumps(text)) <= LONGEST_POLICY else None, "length": len(text)}


def kinesis_streams(answer: Any) -> list[dict[str, Any]]:
    """Where changes flow to, or will soon, of a DescribeKinesisStreamingDestination answer:
    ``[{"stream", "status", "precision"}]``; the status is ENABLING, ACTIVE or UPDATING.
    """
    return [
        {
            "stream": each["StreamArn"],
            "status": each["DestinationStatus"],
            "precision": each.get("ApproximateCreationDateTimePrecision"),
        }
        for each in answer.get("KinesisDataStreamDestinations") or []
        if each.get("DestinationStatus") in {"ENABLING", "ACTIVE", "UPDATING"}
    ]


def insights(answer: Any) -> list[dict[str, Any]]:
    """What Contributor Insights watches, or will soon, of a ListContributorInsights answer:
    ``[{"index": name or None, "status", "mode"}]``; the status is ENABLING or ENABLED.
    """
    return [
        {
            "index": each.get("IndexName"),
            "status": each["ContributorInsightsStatus"],
            "mode": each.get("ContributorInsightsMode"),
        }
        for each in answer.get("ContributorInsightsSummaries") or []
        if each.get("ContributorInsightsStatus") in {"ENABLING", "ENABLED"}
    ]


def items_seen(answer: Any) -> int:
    """How many items a Scan or Query with ``Select="COUNT"`` came across."""
    return int(answer["Count"])


def _keys(found: Mapping[str, Any], types: Mapping[str, str]) -> list[str]:
    schema = found.get("KeySchema", [])
    return [f"{each['AttributeName']} {types.get(each['AttributeName'], '?')} {each['KeyType']}" for each in schema]


def _index(kind: str, found: Mapping[str, Any], types: Mapping[str, str]) -> list[str]:
    projection = found.get("Projection") or {}
    projected = [projection.get("ProjectionType", "ALL"), *sorted(projection.get("NonKeyAttributes") or [])]
    return [kind, *_keys(found, types), " ".join(projected)]


def _billing(found: Mapping[str, Any]) -> str:
    # A table that was provisioned from the first has no BillingModeSummary; one on demand has a capacity of 0.
    units = (found.get("ProvisionedThroughput") or {}).get("ReadCapacityUnits", 0)
    return "PROVISIONED" if units else "PAY_PER_REQUEST"


def _throughput(
    member: str, reads: str, writes: str, found: Mapping[str, Any], indexes: list[Mapping[str, Any]]
) -> dict[str, list[int]]:
    parts = {"": found.get(member), **{each["IndexName"]: each.get(member) for each in indexes}}
    units = {name: [part.get(reads, -1), part.get(writes, -1)] for name, part in parts.items() if part}
    return {name: pair for name, pair in units.items() if any(unit > 0 for unit in pair)}


def _stream(found: Mapping[str, Any]) -> str | None:
    specified = found.get("StreamSpecification") or {}
    return specified.get("StreamViewType") if specified.get("StreamEnabled") else None


TableName = Annotated[
    str,
    ResourceName(
        "dynamodb",
        "table/{}",
        pattern=r"[A-Za-z0-9_.-]{3,255}",
        example="orders",
        lookup=Lookup(
            "dynamodb:ListTagsOfResource",
            lambda arn: _dynamodb.list_tags_of_resource(ResourceArn=arn),
            lambda answer: Surroundings(tags=tags_of(answer.get("Tags"))),
            by_arn=True,
            more="NextToken",
        ),
    ),
]
"""The name of a DynamoDB table."""

BackupId = Annotated[
    str,
    ResourceName(
        "dynamodb",
        "table/*/backup/{}",
        pattern=r"[0-9]{14}-[0-9a-f]{8}",
        example="01489602797149-73d8d5bc",
    ),
]
"""The last part of the ARN of a backup that DynamoDB made of a table."""
