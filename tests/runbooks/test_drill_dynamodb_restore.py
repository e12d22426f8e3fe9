"""drill-dynamodb-restore: what it promises, and that nothing is ever left of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.follow_ups import listed
from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from nightcrew.demo.house import EVERYTHING_RUNS
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.drilling import drilled_name, drills_left, measured
from tests.runbooks.tables import ARN, ITEM, a_furnished_table, a_table, creating, exists, window

NAME = "drill-dynamodb-restore"


def drill(house: House, table: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A drill that waits for one minute at most."""
    return house.start(NAME, table=table, **{"within": "1m", **more})


def tour(house: House) -> None:
    """One run sends every call that it declares."""
    assert drill(house, a_table(house), key=json.dumps(ITEM))[1]["outcome"] == "succeeded"


def ends_without_a_trace(house: House, outcome: str, words: str, ended: dict[str, Any]) -> None:
    """So it ended, and nothing that a drill made is there."""
    assert ended["outcome"] == outcome, ended["words"]
    assert words in ended["words"]
    assert drills_left(house) == []


def test_it_restores_looks_measures_and_deletes(house: House) -> None:
    """A furnished table, protected from deletion: the drill's own is not, and has none of its settings."""
    table = a_furnished_table(house)
    before = house.crew.client("dynamodb").describe_table(TableName=table)["Table"]
    run, ended = drill(house, table, key=json.dumps(ITEM))
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    assert house.scripted.changes() == [
        "dynamodb:RestoreTableToPointInTime",
        "dynamodb:TagResource",
        "dynamodb:DeleteTable",
    ]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "it has the same keys, indexes, billing and encryption",
        "it holds 1 items or more",
        "the item of the key is there",
        "nothing is left of it",
    ]
    assert house.crew.client("dynamodb").describe_table(TableName=table)["Table"] == before


def test_rto_and_rpo_are_facts_of_the_run_and_stand_in_its_words(house: House) -> None:
    """RTO from the start to the last proof of the data; RPO from what the table itself says that it is from."""
    table = a_table(house)
    run, ended = drill(house, table, rto="1h", rpo="1h")
    found = measured(house, run)
    assert found["state"] == "gone"
    assert 0 <= found["rto"] < 60
    assert found["rpo"] >= 0
    assert ended["words"].startswith(f"{table}: restored in ")
    assert "(target 1 h)" in ended["words"]
    assert found["as_of"] in ended["words"]


def test_the_time_that_a_restore_takes_is_its_rto_and_a_missed_target_fails_the_run(house: House) -> None:
    """The clock skips the waits, so half a minute of them is half a minute of RTO. The table goes all the same."""
    table = a_table(house)
    house.scripted.after("dynamodb", "RestoreTableToPointInTime", lambda asked, _: slow(house, asked))
    run, ended = drill(house, table, within="5m", rto="1s")
    ends_without_a_trace(house, "failed", "it does not hold that its targets are met: restored in ", ended)
    assert "(target 1 s)" in ended["words"]
    assert measured(house, run)["rto"] > 1
    assert "not_undone" not in house.closing(run)


def slow(house: House, asked: Any) -> None:
    """The table is being created for the next three looks."""
    creating(house, asked["TargetTableName"], 3)


def test_data_that_is_older_than_its_target_fails_the_run(house: House) -> None:
    """The last restorable time was an hour ago: more would be lost than the team can bear."""
    table, now = a_table(house), house.crew.installation.clock.now()
    house.scripted.answer(
        "dynamodb", "DescribeContinuousBackups", window(now - timedelta(days=1), now - timedelta(hours=1))
    )

    def an_hour_old(asked: Any, answer: dict[str, Any]) -> None:
        if "RestoreSummary" in answer["Table"]:
            answer["Table"]["RestoreSummary"]["RestoreDateTime"] = now - timedelta(hours=1)

    house.scripted.after("dynamodb", "DescribeTable", an_hour_old)
    run, ended = drill(house, table, rpo="10m")
    ends_without_a_trace(house, "failed", "data of the last 1 h", ended)
    assert measured(house, run)["rpo"] >= 3600


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"at_least": 2}, "no proof that it holds 2 items or more"),
        ({"key": json.dumps({**ITEM, "sk": {"N": "9"}})}, "no proof that the item of the key is there"),
    ],
)
def test_data_that_are_not_right_end_it_ineffective_and_the_table_goes(
    house: House, more: dict[str, Any], words: str
) -> None:
    """What a drill is for: a backup that restores well and holds nothing."""
    run, ended = drill(house, a_table(house), **more)
    ends_without_a_trace(house, "ineffective", words, ended)
    assert house.closing(run)["undone"] == ["restore it into a table of the drill's own"]


def test_an_empty_table_may_be_drilled(house: House) -> None:
    """Where it is said that there is nothing to find."""
    table = a_table(house)
    house.crew.client("dynamodb").delete_item(TableName=table, Key=ITEM)
    ends_without_a_trace(house, "succeeded", "deleted again", drill(house, table, at_least=0)[1])


def test_what_fails_half_way_is_deleted(house: House) -> None:
    house.scripted.answer("dynamodb", "TagResource", Refusal("LimitExceededException"))
    ends_without_a_trace(house, "failed", "LimitExceededException", drill(house, a_table(house))[1])


def test_a_restore_that_hangs_is_deleted_once_aws_lets_it(house: House) -> None:
    """Not while it is being created: then AWS deletes none."""
    house.scripted.after(
        "dynamodb", "RestoreTableToPointInTime", lambda asked, _: creating(house, asked["TargetTableName"], 8)
    )
    ends_without_a_trace(house, "failed", "the restore is through: not within 1 min", drill(house, a_table(house))[1])


def test_a_lost_reply_to_the_deletion_is_looked_at(house: House) -> None:
    """It is gone, so it was deleted: nobody is called."""
    house.scripted.lose_reply("dynamodb", "DeleteTable")
    run, ended = drill(house, a_table(house))
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    hows = [fact["how"] for fact in house.facts(run) if fact.get("changed", "").startswith("delete the")]
    assert hows == ["looked: it had taken effect"]


def test_it_is_left_alone_where_it_cannot_be_restored(house: House) -> None:
    """Before anything costs anything."""
    table = a_table(house)
    off = {"PointInTimeRecoveryEnabled": False}
    house.crew.client("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=off)
    for more, words in (({}, "its point-in-time recovery is on"), ({"at_least": 1001}, "from 0 to 1000 items")):
        ends_without_a_trace(house, "not_applicable", words, drill(house, table, **more)[1])
    assert drill(house, "no-such-table")[1]["outcome"] == "not_applicable"
    assert house.scripted.changes() == []


def test_bad_input_names_the_field(house: House) -> None:
    for name, value in (("table", "a"), ("rto", "soon"), ("key", "[]"), ("target", "orders")):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{"table": "orders", name: value})


def test_it_holds_an_arn_of_its_own_so_a_remediation_of_the_table_goes_on(house: House) -> None:
    """Neither its lock nor its cool-down is the table's: while a drill runs, and right after it."""
    table = a_table(house)
    seen: list[str] = []

    def meanwhile(asked: Any, answer: dict[str, Any]) -> None:
        del asked, answer
        lock = house.crew.store.get("state", {"key": f"res#{ARN}/{table}"})
        seen.append(str((lock or {}).get("owner", "free")))

    house.scripted.after("dynamodb", "TagResource", meanwhile)
    run, _ = drill(house, table)
    assert seen == ["free"]
    assert house.entries(run)[0].body["resource"] == f"{ARN}/{table}/drill"
    _, again = house.start("restore-dynamodb-table", table=table, target=f"{table}-again", within="1m")
    assert again["outcome"] == "succeeded", again["words"]
    assert exists(house, f"{table}-again")


def test_how_the_application_is_says_nothing_of_a_drill(house: House) -> None:
    """Policy may name its health URL for all that is its own: nobody asks it here."""
    policy = load("defaults: {health_url: https://checkout.example.com/health}\n" + EVERYTHING_RUNS.partition("\n")[2])
    crew = house.crew
    asking = House.build(crew.clients, house.scripted, crew.installation.catalog, policy, SkippingClock())
    run, ended = drill(asking, a_table(house))
    assert ended["outcome"] == "succeeded", ended["words"]
    assert not [fact for fact in asking.facts(run) if "application" in fact.get("proved", "")]


def test_a_plan_shows_what_is_made_and_that_it_is_deleted(house: House) -> None:
    """Also what would delete it should the run fail, or die."""
    table = a_table(house)
    planned = house.plan(NAME, table=table, rto="1s", rpo="1s")
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    assert [line["call"].split(":")[1] for line in planned.changes] == [
        "RestoreTableToPointInTime",
        "TagResource",
        "DeleteTable",
    ]
    assert [line["call"] for line in planned.changes[0]["undo"] if line["verb"] == "change"] == ["dynamodb:DeleteTable"]
    (later,) = [line for line in planned.lines if line["verb"] == "later"]
    assert later["call"] == "clear-away-drill"
    assert house.plan(NAME, table=table).hash == planned.hash


def test_each_drill_has_it_seen_to_that_nothing_is_left(house: House) -> None:
    """Kept before the first change, so that no kill comes between; due when a dead run's lease is over."""
    table = a_table(house)
    run, _ = drill(house, table)
    (due,) = [each for each in listed(house.crew.store) if each.what["run"] == run]
    assert due.runbook == "clear-away-drill"
    assert due.what["parameters"] == {
        "drilled": f"{ARN}/{table}",
        "kind": "DynamoDB",
        "made": drilled_name(table, run),
        "by": run,
    }
    opened = house.entries(run)[0]
    assert due.due > opened.at + timedelta(hours=14, minutes=15)
