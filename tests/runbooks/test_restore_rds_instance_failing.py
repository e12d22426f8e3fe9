"""restore-rds-instance: what it promises when AWS refuses, is slow, loses a reply, or when a person says no."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.databases_to_restore import (
    NAME,
    a_database,
    a_furnished_database,
    changed,
    described,
    edited,
    hows,
    looks,
    names,
    restored,
    tags,
)


def undone(house: House, run: str) -> list[str]:
    """What was taken back; nothing may be left over."""
    closing = house.closing(run)
    assert "not_undone" not in closing, closing["not_undone"]
    return list(closing.get("undone", []))


def as_before(house: House, database: str) -> None:
    """The old one has its name, and the new one is gone."""
    assert described(house, database), "the old one"
    assert not described(house, f"{database}-again")
    assert not described(house, f"{database}-aside")


def refuse_renames(house: House, database: str) -> None:
    """AWS refuses to give the new one the old one's name."""

    def refuse(asked: Any) -> Refusal | None:
        taken = asked.get("NewDBInstanceIdentifier") == database and asked["DBInstanceIdentifier"].endswith("-again")
        return Refusal("InvalidDBInstanceState") if taken else None

    house.scripted.script("rds", "ModifyDBInstance", refuse)


def test_a_restore_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    database = a_database(house)
    house.scripted.answer("rds", "RestoreDBInstanceToPointInTime", Refusal("InstanceQuotaExceeded"))
    run, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InstanceQuotaExceeded"
    assert house.scripted.changes() == ["rds:RestoreDBInstanceToPointInTime"]
    as_before(house, database)


def test_a_setting_that_aws_refuses_deletes_the_new_one(house: House) -> None:
    database = a_database(house)
    house.scripted.answer("rds", "ModifyDBInstance", Refusal("InvalidParameterCombination"))
    run, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert undone(house, run) == ["restore it beside the old one"]
    as_before(house, database)


def test_who_declines_gets_the_new_one_deleted_and_its_protection_taken_off_before(house: House) -> None:
    database = a_furnished_database(house)
    run, ended = restored(house, database, approve=False)
    assert ended["outcome"] == "declined"
    assert undone(house, run) == ["protect it from deletion", "restore it beside the old one"]
    assert changed(house, run)[-2:] == ["take its protection off", "delete the new one"]
    as_before(house, database)


def test_nobody_who_answers_is_a_no(house: House) -> None:
    database = a_database(house)
    run, ended = house.start(NAME, instance=database, within="1m", decide="20m", **names(database))
    assert ended["outcome"] == "declined"
    assert "nobody approved it within 20 min" in ended["words"]
    assert undone(house, run) == ["restore it beside the old one"]


def test_a_rename_that_is_refused_gives_both_their_names_back(house: House) -> None:
    """The old one was renamed already: for that moment nobody has the name."""
    database = a_database(house)
    refuse_renames(house, database)
    run, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert undone(house, run) == [f"rename {database} to {database}-aside", "restore it beside the old one"]
    assert f"rename {database}-aside back to {database}" in changed(house, run)
    assert "nightcrew:run" not in tags(house, database)
    as_before(house, database)


def test_a_new_name_that_does_not_come_up_gives_both_their_names_back(house: House) -> None:
    """The way back waits until the new one takes requests again."""
    database = a_database(house)

    clock, until = house.crew.installation.clock, []

    def stuck(_: Any, answer: dict[str, Any]) -> None:
        """Renamed, it stays "rebooting" for longer than is waited; then it is available."""
        if len([each for each in house.scripted.sent if "NewDBInstanceIdentifier" in each.parameters]) == 2:
            until.append(clock.now() + timedelta(seconds=65))
            for each in answer["DBInstances"]:
                if each["DBInstanceIdentifier"] == database and clock.now() < until[0]:
                    each["DBInstanceStatus"] = "rebooting"

    house.scripted.after("rds", "DescribeDBInstances", stuck)
    run, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert f"{database} is available: not within 1 min" in ended["words"]
    assert undone(house, run) == [
        f"rename {database}-again to {database}",
        f"rename {database} to {database}-aside",
        "restore it beside the old one",
    ]
    assert "nightcrew:run" not in tags(house, database)
    as_before(house, database)


def test_the_old_one_under_its_old_name_is_no_cut_over(house: House) -> None:
    """For a minute it is seen there: available, at the right address, and not the restored one."""
    database = a_database(house)
    clock, until = house.crew.installation.clock, []

    def the_old_one(_: Any, answer: dict[str, Any]) -> None:
        if len([each for each in house.scripted.sent if "NewDBInstanceIdentifier" in each.parameters]) == 2:
            until.append(clock.now() + timedelta(seconds=65))
            for each in answer["DBInstances"]:
                if each["DBInstanceIdentifier"] == database and clock.now() < until[0]:
                    each["TagList"] = []

    house.scripted.after("rds", "DescribeDBInstances", the_old_one)
    _, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert f"{database} is available: not within 1 min" in ended["words"]
    as_before(house, database)


def test_a_restore_that_takes_its_time_is_waited_for(house: House) -> None:
    """Nothing is set while it is created and backed up."""
    database = a_database(house)
    looks(house, f"{database}-again", "creating", 2, after="rds:RestoreDBInstanceToPointInTime")
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "the restore is through")
    assert (waited["tries"], waited["value"]) == (3, "available")


def test_a_backup_that_runs_when_it_is_approved_is_waited_for(house: House) -> None:
    """AWS would refuse to rename the old one, and hours of restoring would be undone."""
    database = a_database(house)
    looks(house, database, "backing-up", 2, after="rds:ModifyDBInstance")
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    waited = {fact["waited"]: fact["tries"] for fact in house.facts(run) if "waited" in fact}
    assert waited[f"{database} can be renamed"] == 3


def test_a_restore_that_is_not_through_in_time_is_deleted_when_that_is_possible(house: House) -> None:
    database = a_database(house)
    looks(house, f"{database}-again", "creating", 10, after="rds:RestoreDBInstanceToPointInTime")
    run, ended = restored(house, database)
    assert ended["outcome"] == "failed"
    assert "the restore is through: not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["rds:RestoreDBInstanceToPointInTime", "rds:DeleteDBInstance"]
    assert undone(house, run) == ["restore it beside the old one"]


def test_a_setting_that_did_not_take_is_ineffective_and_nobody_is_asked(house: House) -> None:
    """The ledger says which one; the new one stays for a person to look at."""
    database = a_database(house)
    edited(house, f"{database}-again", MultiAZ=True)
    run, ended = restored(house, database)
    assert ended["outcome"] == "ineffective"
    (missed,) = [fact for fact in house.facts(run) if "proved" in fact]
    assert "MultiAZ: False, now True" in missed["seen"]
    assert not [fact for fact in house.facts(run) if "asked" in fact]
    assert described(house, f"{database}-again")
    assert described(house, database)


def test_parameters_that_wait_for_a_reboot_are_no_proof(house: House) -> None:
    database = a_database(house)
    group = {"DBParameterGroupName": "default.postgres9.3", "ParameterApplyStatus": "pending-reboot"}
    edited(house, f"{database}-again", DBParameterGroups=[group])
    assert restored(house, database)[1]["outcome"] == "ineffective"


def test_another_address_is_no_proof(house: House) -> None:
    """Who connects by the old name would not find it."""
    database = a_database(house)

    def elsewhere(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            if each["DBInstanceIdentifier"] == database and house.scripted.changes():
                each["Endpoint"] = {"Address": "elsewhere", "Port": 5432}

    house.scripted.after("rds", "DescribeDBInstances", elsewhere)
    _, ended = restored(house, database)
    assert ended["outcome"] == "ineffective"
    assert f"{database} is the new one, at the same address" in ended["words"]


def test_the_undo_deletes_nothing_but_what_the_run_made(house: House) -> None:
    """Somebody else's instance has the name by now: the undo gives up, and a person is called."""
    database = a_database(house)
    house.scripted.answer("rds", "ModifyDBInstance", Refusal("InvalidParameterCombination"))

    def anothers(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            if "rds:ModifyDBInstance" in house.scripted.changes():
                each["TagList"] = []

    house.scripted.after("rds", "DescribeDBInstances", anothers)
    run, _ = restored(house, database)
    assert "rds:DeleteDBInstance" not in house.scripted.changes()
    (left,) = house.closing(run)["not_undone"]
    assert "was not made by" in left["words"]


@pytest.mark.parametrize(
    ("operation", "before", "title"),
    [
        ("RestoreDBInstanceToPointInTime", 0, "restore it beside the old one"),
        ("ModifyDBInstance", 0, "set what a restore loses"),
        ("ModifyDBInstance", 1, "protect it from deletion"),
        ("ModifyDBInstance", 2, "rename {0} to {0}-aside"),
        ("ModifyDBInstance", 3, "rename {0}-again to {0}"),
    ],
)
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, operation: str, before: int, title: str) -> None:
    """A second rename would find nothing by that name, or rename what it should not."""
    database, seen = a_furnished_database(house), [0]

    def count(_: Any) -> None:
        if seen[0] == before:
            house.scripted.lose_reply("rds", operation)
        seen[0] += 1

    house.scripted.script("rds", operation, count)
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    found = hows(house, run)
    assert found.pop(title.format(database)) == "looked: it had taken effect"
    assert set(found.values()) == {"once"}
    assert len(house.scripted.changes()) == 5
