"""promote-read-replica: what it promises at night."""

import itertools
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import a_database, a_replica, described, measured, now_of, seems

NAME = "promote-read-replica"


def with_lag(house: House, *seconds: float) -> tuple[str, str]:
    """A database and its replica, of which CloudWatch has this lag."""
    source, replica = a_replica(house)
    measured(house, "ReplicaLag", replica, *(seconds or (0.0,)))
    return source, replica


def not_applicable(house: House, why: str, **given: Any) -> None:
    """It ends so, says why, asks nobody, and sent no change."""
    run, ended = house.start(NAME, **{"fenced": True, **given})
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert not [fact for fact in house.facts(run) if "asked" in fact]
    assert house.scripted.changes() == []


def promote(house: House, **given: Any) -> tuple[str, dict[str, Any]]:
    """Started and agreed to; the old primary is fenced, unless said otherwise."""
    return start_decided(house, NAME, **{"fenced": True, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = promote(house, replica=with_lag(house)[1])
    assert ended["outcome"] == "succeeded"


def test_two_people_agree_to_the_plan_and_one_to_what_nobody_can_undo(house: House) -> None:
    """Then one change, and it follows nobody."""
    source, replica = with_lag(house)
    run, ended = promote(house, replica=replica)
    assert ended["outcome"] == "succeeded"
    assert ended["words"] == f"{replica} is a database of its own; it followed {source}, 0 s behind"
    asked = [(fact["asked"], len(fact["by"])) for fact in house.facts(run) if "asked" in fact]
    assert asked == [("approve the plan", 2), (f"approve: promote it: it follows {source} no more", 1)]
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert dict(sent.parameters) == {"DBInstanceIdentifier": replica, "BackupRetentionPeriod": 7}
    assert "ReadReplicaSourceDBInstanceIdentifier" not in now_of(house, replica)
    assert now_of(house, source)["ReadReplicaDBInstanceIdentifiers"] == []


def test_nobody_agrees_and_it_goes_on_following(house: House) -> None:
    source, replica = with_lag(house)
    _, ended = promote(house, approve=False, replica=replica)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert now_of(house, replica)["ReadReplicaSourceDBInstanceIdentifier"] == source


def test_available_alone_proves_nothing(house: House) -> None:
    """For a while it looks as before: only that it follows nobody is news."""
    _, replica = with_lag(house)
    before, looks = described(house, replica), itertools.count()
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: before if house.scripted.changes() and next(looks) < 2 else None
    )
    run, ended = promote(house, replica=replica)
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "it follows nobody"] == [3]


def test_a_database_without_backups_is_no_proof(house: House) -> None:
    """Nobody could restore it."""
    _, replica = with_lag(house)
    answer = described(house, replica, BackupRetentionPeriod=0)
    del answer["DBInstances"][0]["ReadReplicaSourceDBInstanceIdentifier"]
    house.scripted.script("rds", "DescribeDBInstances", lambda _: answer if house.scripted.changes() else None)
    _, ended = promote(house, replica=replica)
    assert ended["outcome"] == "ineffective"
    assert "with backups" in ended["words"]


def test_a_plan_changes_nothing_and_says_that_it_cannot_be_taken_back(house: House) -> None:
    _, replica = with_lag(house)
    planned = house.plan(NAME, replica=replica, fenced=True)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"DBInstanceIdentifier": replica, "BackupRetentionPeriod": 7}
    assert (line["undo"], line["unknown"]) == ("irreversible", "looked at")
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "find the replica", replica="nobody-made-this")


def test_one_that_stands_on_its_own_already_is_left_alone(house: House) -> None:
    not_applicable(house, "it is a replica", replica=a_database(house))


def test_a_reader_of_aurora_is_not_promoted_so(house: House) -> None:
    not_applicable(house, "no cluster contains it", replica=f"{a_cluster(house)}-b")


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"DBInstanceStatus": "backing-up"}, "not in a backup either"),
        ({"DBInstanceStatus": "modifying"}, "it is available"),
        ({"PendingModifiedValues": {"DBInstanceClass": "db.m6g.xlarge"}}, "no change of it is pending"),
    ],
    ids=["in a backup", "being promoted, perhaps", "a change comes"],
)
def test_one_in_another_state_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    """API reference, PromoteReadReplica."""
    _, replica = with_lag(house)
    seems(house, replica, **otherwise)
    not_applicable(house, why, replica=replica)


def test_one_that_lags_would_lose_data_and_is_left_alone(house: House) -> None:
    _, replica = with_lag(house, 0.0, 31.0)
    not_applicable(house, "0 s behind at most, as far as is known (31.0)", replica=replica)


def test_how_much_may_be_lost_is_the_callers_to_say(house: House) -> None:
    """The lag stands in the ledger: that much was at stake."""
    _, replica = with_lag(house, 31.0)
    run, ended = promote(house, replica=replica, lag="45s")
    assert ended["outcome"] == "succeeded"
    assert "31 s behind" in ended["words"]
    (seen,) = [fact for fact in house.facts(run) if fact.get("read") == "see how far it is behind"]
    assert seen["value"] == 31.0


@pytest.mark.parametrize("figures", [(), (-1.0,)], ids=["no figure", "replication stopped"])
def test_a_lag_that_nobody_knows_must_be_accepted(house: House, figures: tuple[float, ...]) -> None:
    """ReplicaLag -1: RDS user guide, "Monitoring replication lag for MySQL read replicas"."""
    _, replica = a_replica(house)
    measured(house, "ReplicaLag", replica, *figures)
    not_applicable(house, "its lag is known, or lag_unknown was given", replica=replica)
    _, ended = promote(house, replica=replica, lag_unknown=True)
    assert ended["outcome"] == "succeeded"
    assert "nobody knows how far behind" in ended["words"]


def primary_seems(house: House, source: str, answer: Any) -> None:
    """Its primary looks so; the replica is as it is."""
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda asked: answer if asked["DBInstanceIdentifier"] == source else None
    )


def test_while_its_primary_is_up_it_takes_somebodys_word_that_nothing_writes_to_it(house: House) -> None:
    """Two primaries take writes that nobody can merge."""
    _, replica = with_lag(house)
    not_applicable(house, "its primary is gone (available), or fenced was given", replica=replica, fenced=False)


@pytest.mark.parametrize("status", ["stopped", "failed", "deleting"])
def test_a_primary_that_takes_no_writes_needs_no_word(house: House, status: str) -> None:
    """Nor does it come back by itself."""
    source, replica = with_lag(house)
    primary_seems(house, source, described(house, source, DBInstanceStatus=status))
    assert promote(house, replica=replica, fenced=False)[1]["outcome"] == "succeeded"


def test_a_primary_that_reboots_may_come_back(house: House) -> None:
    source, replica = with_lag(house)
    primary_seems(house, source, described(house, source, DBInstanceStatus="rebooting"))
    not_applicable(house, "its primary is gone (rebooting)", replica=replica, fenced=False)


def test_a_primary_that_was_deleted_needs_no_word(house: House) -> None:
    source, replica = with_lag(house)
    primary_seems(house, source, Refusal("DBInstanceNotFound", status=404))
    run, ended = promote(house, replica=replica, fenced=False)
    assert ended["outcome"] == "succeeded"
    assert [fact["value"] for fact in house.facts(run) if fact.get("read") == "look at its primary"] == [
        "there is none"
    ]


def test_a_primary_in_another_region_is_out_of_sight(house: House) -> None:
    """Named by its ARN (RDS API reference, DBInstance, ReadReplicaSourceDBInstanceIdentifier)."""
    _, replica = with_lag(house)
    seems(house, replica, ReadReplicaSourceDBInstanceIdentifier="arn:aws:rds:us-east-1:123456789012:db:main")
    not_applicable(house, "its primary is gone (out of sight)", replica=replica, fenced=False)


@pytest.mark.parametrize("days", [0, 36])
def test_without_backups_it_is_not_promoted(house: House, days: int) -> None:
    not_applicable(house, "backups is 1 to 35 days", replica=with_lag(house)[1], backups=days)


def test_a_refused_promotion_is_failed(house: House) -> None:
    _, replica = with_lag(house)
    house.scripted.answer("rds", "PromoteReadReplica", Refusal("InvalidDBInstanceState"))
    run, ended = promote(house, replica=replica)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidDBInstanceState"
    assert "undone" not in house.closing(run)


def test_one_that_goes_on_following_is_failed(house: House) -> None:
    """The deadline passed. There is nothing to take back, and nothing is tried again."""
    _, replica = with_lag(house)
    seems(house, replica, after_a_change=True)
    _, ended = promote(house, replica=replica)
    assert ended["outcome"] == "failed"
    assert "it follows nobody: not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["rds:PromoteReadReplica"]


@pytest.mark.parametrize("seen", [{"DBInstanceStatus": "modifying"}, None], ids=["on its way", "done"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, seen: dict[str, str] | None) -> None:
    _, replica = with_lag(house)
    looks = iter([described(house, replica, **seen)] if seen else [])
    house.scripted.script(
        "rds", "DescribeDBInstances", lambda _: next(looks, None) if house.scripted.changes() else None
    )
    house.scripted.lose_reply("rds", "PromoteReadReplica")
    run, ended = promote(house, replica=replica)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:PromoteReadReplica"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    """Two people must want it: nothing promotes a replica by itself."""
    assert house.crew.installation.catalog[NAME].triggers == ()
