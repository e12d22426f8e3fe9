"""restore-dynamodb-table: what it promises when AWS refuses, is slow, loses a reply, or restores something else."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.tables import ITEM, a_furnished_table, a_table, creating, exists, start


def ineffective(house: House, run: str, ended: dict[str, Any], new: str) -> None:
    """The new table stays as it is, and the ledger says so."""
    assert ended["outcome"] == "ineffective"
    assert exists(house, new), "a person looks at it"
    assert "dynamodb:DeleteTable" not in house.scripted.changes()
    left = [each["title"] for each in house.closing(run)["not_undone"]]
    assert left == ["restore it beside the old one"]


def test_a_restore_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    """Fifty restores at one time, for instance."""
    table = a_table(house)
    house.scripted.answer("dynamodb", "RestoreTableToPointInTime", Refusal("LimitExceededException"))
    run, ended, new = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "LimitExceededException"
    assert house.scripted.changes() == ["dynamodb:RestoreTableToPointInTime"]
    assert not exists(house, new)


def test_a_setting_that_aws_refuses_deletes_the_new_table(house: House) -> None:
    """The last of all: what would outlive the table goes first, its protection comes off, then it is deleted."""
    furnished = a_furnished_table(house)
    house.scripted.answer("application-autoscaling", "PutScheduledAction", Refusal("ValidationException"))
    run, ended, new = start(house, furnished)
    assert ended["outcome"] == "failed"
    assert not exists(house, new)
    assert exists(house, furnished)
    assert house.scripted.changes()[-4:] == [
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:DeregisterScalableTarget",
        "dynamodb:UpdateTable",
        "dynamodb:DeleteTable",
    ]
    closing = house.closing(run)
    assert closing["undone"] == [
        "let the read capacity of by-day scale",
        f"let the read capacity of {new} scale",
        "protect it from deletion",
        "restore it beside the old one",
    ]
    scaling = house.crew.client("application-autoscaling")
    left = scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[f"table/{new}"])
    assert left["ScalableTargets"] == []


def test_a_restore_that_takes_its_time_is_waited_for(house: House) -> None:
    """No setting is touched while the table is being created."""
    table = a_table(house)
    creating(house, f"{table}-again", polls=4)
    run, ended, _ = start(house, table)
    assert ended["outcome"] == "succeeded"
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "the restore is through")
    assert waited["tries"] == 5
    assert waited["value"] == {"status": "ACTIVE", "ready": True}


def test_a_restore_that_is_not_through_in_time_is_undone_when_it_is(house: House) -> None:
    """AWS deletes no table that is being created: the undo waits for it."""
    table = a_table(house)
    creating(house, f"{table}-again", polls=12)
    run, ended, new = start(house, table)
    assert ended["outcome"] == "failed"
    assert "not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["dynamodb:RestoreTableToPointInTime", "dynamodb:DeleteTable"]
    assert house.closing(run)["undone"] == ["restore it beside the old one"]
    assert not exists(house, new)


def test_the_undo_deletes_no_table_but_the_one_that_was_restored(house: House) -> None:
    """Somebody else's table has the name by now: the undo gives up at once, and a person is called."""
    table = a_table(house)

    def another(asked: Any, answer: dict[str, Any]) -> None:
        if asked["TableName"] == f"{table}-again":
            answer["Table"].pop("RestoreSummary")

    house.scripted.answer("dynamodb", "TagResource", Refusal("ValidationException"))
    house.scripted.after("dynamodb", "DescribeTable", another)
    run, ended, new = start(house, table)
    assert ended["outcome"] == "failed"
    assert exists(house, new)
    assert "dynamodb:DeleteTable" not in house.scripted.changes()
    (left,) = house.closing(run)["not_undone"]
    assert left["title"] == "restore it beside the old one"
    assert "was not restored from" in left["words"]


@pytest.mark.parametrize(
    ("service", "operation", "title"),
    [
        ("dynamodb", "RestoreTableToPointInTime", "restore it beside the old one"),
        ("dynamodb", "UpdateTimeToLive", "let its items expire by expires"),
        ("dynamodb", "UpdateContributorInsights", "turn Contributor Insights of index by-day on"),
        ("dynamodb", "EnableKinesisStreamingDestination", "send its changes to orders-changes"),
        ("dynamodb", "UpdateTable", "turn its stream on"),
    ],
)
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, service: str, operation: str, title: str) -> None:
    """AWS refuses each of these a second time."""
    furnished = a_furnished_table(house)
    house.scripted.lose_reply(service, operation)
    run, ended, _ = start(house, furnished)
    assert ended["outcome"] == "succeeded", ended["words"]
    hows = {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
    assert hows.pop(title) == "looked: it had taken effect"
    assert set(hows.values()) == {"once"}
    assert len(house.scripted.changes()) == len(hows) + 1


def test_a_lost_reply_to_what_is_absolute_is_repeated(house: House) -> None:
    """To tag a table once more does no harm."""
    table = a_table(house)
    house.scripted.lose_reply("dynamodb", "TagResource")
    run, ended, _ = start(house, table)
    assert ended["outcome"] == "succeeded"
    hows = {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
    assert hows["set its tags"] == "repeated"


def test_settings_wait_for_a_table_that_is_still_updating(house: House) -> None:
    """Between its stream and its protection the table is UPDATING: AWS would refuse the second."""
    furnished = a_furnished_table(house)
    busy = [0]

    def updating(asked: Any, answer: dict[str, Any]) -> None:
        streams = any("StreamSpecification" in sent.parameters for sent in house.scripted.sent)
        if asked["TableName"] == f"{furnished}-again" and streams and busy[0] < 2:
            busy[0] += 1
            answer["Table"]["TableStatus"] = "UPDATING"

    house.scripted.after("dynamodb", "DescribeTable", updating)
    run, ended, _ = start(house, furnished)
    assert ended["outcome"] == "succeeded"
    waits = [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "the new table can be updated"]
    assert waits == [1, 3]


def test_recovery_is_turned_on_only_once_backups_have_begun(house: House) -> None:
    """AWS refuses it in the first moments of a table, when ContinuousBackupsStatus still says DISABLED."""
    table = a_table(house)
    polls = [2]

    def not_yet(asked: Any, answer: dict[str, Any]) -> None:
        if asked["TableName"] == f"{table}-again" and polls[0]:
            polls[0] -= 1
            answer["ContinuousBackupsDescription"]["ContinuousBackupsStatus"] = "DISABLED"

    house.scripted.after("dynamodb", "DescribeContinuousBackups", not_yet)
    run, ended, _ = start(house, table)
    assert ended["outcome"] == "succeeded"
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "its continuous backups have begun")
    assert waited["tries"] == 3


def test_a_table_that_lost_an_index_is_ineffective(house: House) -> None:
    """The fact says which one; nothing more is changed."""
    table = a_table(house)

    def lost(asked: Any, answer: dict[str, Any]) -> None:
        if asked["TableName"] == f"{table}-again":
            answer["Table"]["GlobalSecondaryIndexes"] = []

    house.scripted.after("dynamodb", "DescribeTable", lost)
    run, ended, new = start(house, table)
    ineffective(house, run, ended, new)
    missed = next(fact for fact in house.facts(run) if "proved" in fact)
    assert "index by-day" in missed["seen"]


def test_a_setting_that_did_not_take_is_ineffective(house: House) -> None:
    """AWS took the request, and the items still do not expire."""
    furnished = a_furnished_table(house)

    def disabled(asked: Any, answer: dict[str, Any]) -> None:
        if asked["TableName"] == f"{furnished}-again":
            answer["TimeToLiveDescription"] = {"TimeToLiveStatus": "DISABLED"}

    house.scripted.after("dynamodb", "DescribeTimeToLive", disabled)
    _, ended, _ = start(house, furnished)
    assert ended["outcome"] == "ineffective"
    assert "its items expire by" in ended["words"]


def test_a_new_table_without_items_is_ineffective(house: House) -> None:
    """An empty restore is a success to AWS."""
    table = a_table(house)
    house.crew.client("dynamodb").delete_item(TableName=table, Key=ITEM)
    run, ended, new = start(house, table)
    ineffective(house, run, ended, new)
    assert "it holds items" in ended["words"]
