"""back-up-dynamodb-table: what it promises at night.

Statuses of a backup: DynamoDB API reference, BackupSummary. That none is deleted while it is made: DeleteBackup.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.databases import not_applicable
from tests.runbooks.tables import a_table

NAME = "back-up-dynamodb-table"
TAKE = "dynamodb:CreateBackup"


def start(house: House, table: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on it, waited for one minute."""
    return house.start(NAME, table=table, **{"within": "1m", **more})


def backups_of(house: House, table: str) -> list[str]:
    """The names of its backups in the cloud."""
    found = house.crew.client("dynamodb").list_backups(TableName=table)["BackupSummaries"]
    return [str(each["BackupName"]) for each in found]


def taken(house: House, table: str) -> str:
    """A backup that somebody took of it just now."""
    house.crew.client("dynamodb").create_backup(TableName=table, BackupName="by-hand")
    return "by-hand"


def listed_as(house: House, looks: int = 1000, **otherwise: Any) -> None:
    """Backups look otherwise in the list, for so many looks."""
    left = [looks]

    def edit(_: Any, answer: dict[str, Any]) -> None:
        if left[0] and answer["BackupSummaries"]:
            left[0] -= 1
            for each in answer["BackupSummaries"]:
                each.update(otherwise)

    house.scripted.after("dynamodb", "ListBackups", edit)


def tour(house: House) -> None:
    """The run that sends every call that it declares."""
    assert start(house, a_table(house))[1]["outcome"] == "succeeded"


def test_it_takes_a_backup_and_proves_that_it_is_whole(house: House) -> None:
    """Named after the run: backups have no tags."""
    table = a_table(house)
    listed_as(house, 1, BackupStatus="CREATING")
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert backups_of(house, table) == [f"{table}-nightcrew-{run}"]
    assert house.scripted.changes() == [TAKE]
    facts = house.facts(run)
    assert [fact["tries"] for fact in facts if fact.get("waited") == "it is whole"] == [2]
    assert [fact["proved"] for fact in facts if "proved" in fact] == ["it can be restored"]


def test_a_long_name_leaves_room_for_the_run(house: House) -> None:
    """Both may have 255 characters."""
    table = "t" * 255
    house.crew.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    (made,) = backups_of(house, table)
    assert (len(made), made.endswith(f"-nightcrew-{run}")) == (255, True)


def test_with_a_recent_one_it_takes_none_and_says_which_it_is(house: House) -> None:
    table = a_table(house)
    last = taken(house, table)
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert f"{table} has {last} of " in ended["words"]
    assert house.scripted.changes() == []
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["its recent backup can be restored"]


@pytest.mark.parametrize(
    ("otherwise", "given"),
    [
        ({"BackupCreationDateTime": datetime(2020, 1, 1, tzinfo=UTC)}, {}),
        ({"BackupStatus": "CREATING"}, {}),
        ({}, {"recent": "0s"}),
    ],
    ids=["too old", "not whole", "asked for one in any case"],
)
def test_without_a_recent_whole_one_it_takes_its_own(
    house: House, otherwise: dict[str, Any], given: dict[str, Any]
) -> None:
    table = a_table(house)
    last = taken(house, table)
    listed_as(house, 1, **otherwise)
    run, ended = start(house, table, **given)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert sorted(backups_of(house, table)) == sorted([last, f"{table}-nightcrew-{run}"])


def test_a_recent_one_on_the_second_page_is_found(house: House) -> None:
    table = a_table(house)
    last = taken(house, table)
    arn = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/backup/01489602797149-73d8d5bc"
    empty = {"BackupSummaries": [], "LastEvaluatedBackupArn": arn}
    house.scripted.answer("dynamodb", "ListBackups", empty)
    _, ended = start(house, table)
    assert last in ended["words"]
    assert house.scripted.changes() == []


def test_a_plan_changes_nothing(house: House) -> None:
    planned = house.plan(NAME, table=a_table(house))
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == [TAKE]
    assert planned.changes[0]["unknown"] == "looked at"
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the table", table="nobody-made-this")


def test_one_that_is_being_deleted_is_left_alone(house: House) -> None:
    table = a_table(house)
    house.scripted.after("dynamodb", "DescribeTable", lambda _, answer: answer["Table"].update(TableStatus="DELETING"))
    not_applicable(house, NAME, "neither being made nor being deleted", table=table)


def test_a_refused_backup_leaves_nothing_behind(house: House) -> None:
    table = a_table(house)
    house.scripted.answer("dynamodb", "CreateBackup", Refusal("LimitExceededException"))
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "LimitExceededException"
    assert backups_of(house, table) == []


def test_one_that_takes_too_long_stays(house: House) -> None:
    """Nothing deletes a backup, and AWS would not while it is made."""
    table = a_table(house)
    listed_as(house, BackupStatus="CREATING")
    _, ended = start(house, table)
    assert (ended["outcome"], "not within 1 min" in ended["words"]) == ("failed", True)
    assert house.scripted.changes() == [TAKE]
    assert len(backups_of(house, table)) == 1


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """Names need not be one's own: a repeat would be a second backup, and its costs."""
    table = a_table(house)
    house.scripted.lose_reply("dynamodb", "CreateBackup")
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert len(backups_of(house, table)) == 1
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
