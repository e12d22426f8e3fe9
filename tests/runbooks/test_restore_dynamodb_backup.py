"""restore-dynamodb-backup: what it promises at night. Settings one by one: test_restore_dynamodb_table.py."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.tables import ARN, ITEM, a_furnished_table, a_table, creating, exists

NAME = "restore-dynamodb-backup"


def a_backup(house: House, table: str) -> str:
    """A backup that somebody made of it, by the last part of its ARN."""
    made = house.crew.client("dynamodb").create_backup(TableName=table, BackupName="before-the-migration")
    return str(made["BackupDetails"]["BackupArn"].rsplit("/", 1)[-1])


def start(house: House, table: str, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """A run to ``<table>-again``, waited for one minute: its id and how it ended."""
    given = {"target": f"{table}-again", "within": "1m", **parameters}
    if "backup" not in given:
        given["backup"] = a_backup(house, table)
    return house.start(NAME, table=table, **given)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    assert start(house, a_furnished_table(house))[1]["outcome"] == "succeeded"
    house.scripted.answer("application-autoscaling", "PutScheduledAction", Refusal("ValidationException"))
    assert start(house, a_furnished_table(house))[1]["outcome"] == "failed"


def test_it_restores_what_the_backup_holds_beside_the_old_table(house: House) -> None:
    """What was written since is in the old table only."""
    table, dynamodb = a_table(house), house.crew.client("dynamodb")
    backup = a_backup(house, table)
    dynamodb.put_item(TableName=table, Item={**ITEM, "pk": {"S": "later"}})
    run, ended = start(house, table, backup=backup)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [
        "dynamodb:RestoreTableFromBackup",
        "dynamodb:TagResource",
        "dynamodb:UpdateContinuousBackups",
    ]
    assert dynamodb.scan(TableName=f"{table}-again", Select="COUNT")["Count"] == 1
    assert dynamodb.scan(TableName=table, Select="COUNT")["Count"] == 2
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact][-1] == "it holds items"
    assert "as before-the-migration has it" in ended["words"]


def test_it_has_the_settings_of_the_old_table_today(house: House) -> None:
    """As after a restore to a time: the code is the same."""
    table, dynamodb = a_furnished_table(house), house.crew.client("dynamodb")
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded", ended["words"]
    described = dynamodb.describe_table(TableName=f"{table}-again")["Table"]
    assert described["DeletionProtectionEnabled"] is True
    assert described["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    tags = dynamodb.list_tags_of_resource(ResourceArn=f"{ARN}/{table}-again")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "checkout", "nightcrew:run": run}


def test_a_table_without_point_in_time_recovery_gets_none(house: House) -> None:
    """That is when a backup is all there is."""
    table = a_table(house)
    off = {"PointInTimeRecoveryEnabled": False}
    house.crew.client("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=off)
    _, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["dynamodb:RestoreTableFromBackup", "dynamodb:TagResource"]


def test_a_plan_changes_nothing_and_names_the_backup(house: House) -> None:
    table = a_table(house)
    backup = a_backup(house, table)
    planned = house.plan(NAME, table=table, backup=backup, target="orders-planned")
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    first = planned.changes[0]
    assert first["parameters"] == {"BackupArn": f"{ARN}/{table}/backup/{backup}", "TargetTableName": "orders-planned"}
    assert (first["unknown"], first["undo"][-1]["call"]) == ("looked at", "dynamodb:DeleteTable")


def refused_to_start(house: House, table: str, words: str, **parameters: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = start(house, table, **parameters)
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


def test_a_backup_that_does_not_exist_is_not_applicable(house: House) -> None:
    house.scripted.answer("dynamodb", "DescribeBackup", Refusal("BackupNotFoundException"))
    refused_to_start(house, a_table(house), "find the backup", backup="01489602797149-73d8d5bc")


def test_another_tables_backup_is_not_applicable(house: House) -> None:
    """It is looked for among those of the table."""
    house.scripted.answer("dynamodb", "DescribeBackup", Refusal("BackupNotFoundException"))
    refused_to_start(house, a_table(house), "find the backup", backup=a_backup(house, a_table(house)))


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"BackupStatus": "CREATING"}, "it is AVAILABLE"),
        ({"BackupStatus": "DELETED"}, "it is AVAILABLE"),
        ({"BackupType": "AWS_BACKUP"}, "not AWS Backup"),
    ],
)
def test_a_backup_that_cannot_be_restored_here_is_left_alone(house: House, details: dict[str, str], words: str) -> None:
    def edit(_: Any, answer: dict[str, Any]) -> None:
        answer["BackupDescription"]["BackupDetails"] |= details

    house.scripted.after("dynamodb", "DescribeBackup", edit)
    refused_to_start(house, a_table(house), words)


def test_a_name_that_is_taken_is_not_applicable(house: House) -> None:
    table = a_table(house)
    refused_to_start(house, table, f"there is no table {table} yet", target=table)


def test_a_table_that_is_gone_is_not_applicable(house: House) -> None:
    """Its settings are gone with it: nobody would know what to set."""
    refused_to_start(house, "orders-never-made", "find the table", backup="01489602797149-73d8d5bc")


def test_a_restore_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    table = a_table(house)
    house.scripted.answer("dynamodb", "RestoreTableFromBackup", Refusal("BackupInUseException"))
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "BackupInUseException"
    assert house.scripted.changes() == ["dynamodb:RestoreTableFromBackup"]


def test_a_setting_that_aws_refuses_deletes_the_new_table(house: House) -> None:
    table = a_table(house)
    house.scripted.answer("dynamodb", "TagResource", Refusal("ValidationException"))
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["restore it beside the old one"]
    assert not exists(house, f"{table}-again")
    assert exists(house, table)


def test_a_restore_that_is_not_through_in_time_is_undone_when_it_is(house: House) -> None:
    table = a_table(house)
    creating(house, f"{table}-again", polls=12)
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert "not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["restore it beside the old one"]
    assert not exists(house, f"{table}-again")


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    table = a_table(house)
    house.scripted.lose_reply("dynamodb", "RestoreTableFromBackup")
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    hows = {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
    assert hows["restore it beside the old one"] == "looked: it had taken effect"
    assert house.scripted.changes().count("dynamodb:RestoreTableFromBackup") == 1


@pytest.mark.parametrize(("was_empty", "outcome"), [(False, "ineffective"), (True, "succeeded")])
def test_a_table_without_items_is_ineffective_unless_it_was_empty(house: House, was_empty: bool, outcome: str) -> None:
    """An empty restore is a success to AWS."""
    table = a_table(house)
    house.crew.client("dynamodb").delete_item(TableName=table, Key=ITEM)
    _, ended = start(house, table, was_empty=was_empty)
    assert (ended["outcome"], exists(house, f"{table}-again")) == (outcome, True)
