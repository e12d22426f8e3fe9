"""What DynamoDB's answers say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws.dynamodb import (
    TableName,
    backup_named,
    can_be_deleted_as_restored_from,
    can_be_restored_to,
    is_ready,
    newest_backup,
    policy,
    recovery,
    restorable_words,
    table,
)
from nightcrew.errors import Unknown

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
WINDOW = {"earliest": "2026-11-18T03:00:00.000Z", "latest": "2026-11-21T02:55:00.000Z"}


def described(**more: Any) -> dict[str, Any]:
    """A DescribeTable answer, as AWS gives it for a table that was provisioned from the first."""
    found = {
        "TableName": "orders",
        "TableArn": ARN,
        "TableStatus": "ACTIVE",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    }
    return {"Table": {**found, **more}}


def test_a_table_that_was_always_provisioned_says_nothing_of_its_billing_mode() -> None:
    """It is told by its capacity, which is 0 on demand."""
    assert table(described())["billing"] == "PROVISIONED"
    on_demand = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert table(described(ProvisionedThroughput=on_demand))["billing"] == "PAY_PER_REQUEST"


def test_a_table_once_on_demand_and_provisioned_since_is_provisioned() -> None:
    """Its summary keeps the time of the change, and the mode of today."""
    summary = {"BillingMode": "PROVISIONED", "LastUpdateToPayPerRequestDateTime": "2026-01-01T00:00:00.000Z"}
    assert table(described(BillingModeSummary=summary))["billing"] == "PROVISIONED"


@pytest.mark.parametrize(
    "more",
    [
        {"TableStatus": "CREATING"},
        {"TableStatus": "UPDATING"},
        {"GlobalSecondaryIndexes": [{"IndexName": "by-day", "IndexStatus": "CREATING"}]},
        {"RestoreSummary": {"RestoreInProgress": True}},
    ],
)
def test_a_table_is_ready_when_nothing_of_it_is_on_its_way(more: dict[str, Any]) -> None:
    """An index that is being filled, or a restore that goes on behind an ACTIVE table, counts too."""
    assert is_ready(described())
    assert not is_ready(described(**more))


def test_only_a_table_that_was_restored_from_the_old_one_may_be_deleted() -> None:
    """And only once AWS is through with it: until then the answer is no, for another table it is never yes."""
    restored = {"RestoreSummary": {"SourceTableArn": ARN, "RestoreInProgress": True}}
    assert not can_be_deleted_as_restored_from(ARN, described(TableStatus="CREATING", **restored))
    assert can_be_deleted_as_restored_from(ARN, described(**restored))
    for another in (described(), described(RestoreSummary={"SourceTableArn": f"{ARN}-2"})):
        with pytest.raises(Unknown, match="was not restored from"):
            can_be_deleted_as_restored_from(ARN, another)


def test_continuous_backups_are_no_point_in_time_recovery() -> None:
    """They are enabled for every table."""
    answer = {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
    assert recovery({"ContinuousBackupsDescription": answer})["on"] is False


@pytest.mark.parametrize(
    ("to", "can"),
    [
        (None, True),
        (datetime(2026, 11, 18, 3, tzinfo=UTC), True),
        (datetime(2026, 11, 21, 2, 55, tzinfo=UTC), True),
        (datetime(2026, 11, 18, 2, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 2, 55, 1, tzinfo=UTC), False),
    ],
)
def test_a_table_can_be_restored_from_its_first_to_its_last_time(to: datetime | None, can: bool) -> None:
    """Both included; without a time it is the last."""
    assert can_be_restored_to(WINDOW, to) is can


def test_a_table_whose_first_time_has_not_come_cannot_be_restored() -> None:
    """Recovery was turned on a moment ago."""
    assert not can_be_restored_to({"earliest": None, "latest": None}, None)


def test_a_time_is_told_in_utc() -> None:
    """Whatever the zone in which it was given."""
    given = datetime.fromisoformat("2026-11-20T04:00:00+01:00")
    assert restorable_words(WINDOW, given).startswith("2026-11-20T03:00:00Z lies between")


def test_a_policy_that_no_step_can_remember_is_told_by_its_length() -> None:
    """A step remembers 16 KB, and DynamoDB takes a policy of 20 KB."""
    short, long = '{"Statement": []}', '"' * 7_000
    assert policy({"Policy": short}) == {"text": short, "length": 17}
    assert policy({"Policy": long}) == {"text": None, "length": 7_000}


def test_a_table_is_named_by_its_arn() -> None:
    """And its tags, page by page, are what is known around it."""
    marker = TableName.__metadata__[0]  # type: ignore[attr-defined]
    assert marker.arn("orders", account="123456789012", region="eu-west-1") == ARN
    assert marker.lookup.call(ARN).parameters == {"ResourceArn": ARN}
    assert marker.lookup.read({"Tags": [{"Key": "stage", "Value": "prod"}]}).tags == {"stage": "prod"}


def summary(name: str, at: str, status: str = "AVAILABLE") -> dict[str, Any]:
    """One line of ListBackups (API reference, BackupSummary)."""
    return {
        "BackupArn": f"{ARN}/backup/{name}",
        "BackupName": name,
        "BackupStatus": status,
        "BackupCreationDateTime": at,
    }


def test_the_newest_whole_backup_of_a_page_is_found() -> None:
    page = [
        summary("old", "2026-11-20T03:00:00.000Z"),
        summary("new", "2026-11-21T03:00:00.000Z"),
        summary("on-its-way", "2026-11-21T04:00:00.000Z", "CREATING"),
    ]
    found = newest_backup(datetime(2026, 11, 21, tzinfo=UTC), {"BackupSummaries": page, "LastEvaluatedBackupArn": ARN})
    assert found["newest"] == {"arn": f"{ARN}/backup/new", "name": "new", "at": "2026-11-21T03:00:00.000Z"}
    assert found["more"] == ARN


def test_a_backup_is_known_by_its_name() -> None:
    """That of the run is in it."""
    page = {"BackupSummaries": [summary("one", "2026-11-21T03:00:00.000Z", "CREATING")]}
    assert backup_named("one", page) == {"id": "one", "status": "CREATING"}
    with pytest.raises(Unknown, match="other"):
        backup_named("other", page)
