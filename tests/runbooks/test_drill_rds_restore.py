"""drill-rds-restore: in isolation, measured, and never left behind."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import stamp
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.databases_to_restore import a_database, a_furnished_database, described, edited
from tests.runbooks.drilling import PROBE, drilled_name, drills_left, isolation, measured, probe_says

NAME = "drill-rds-restore"


def drill(house: House, database: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A drill in isolation, waited for one minute."""
    given = {**isolation(house), "within": "1m", **more}
    return house.start(NAME, instance=database, **given)


def tour(house: House) -> None:
    """One run sends every call that it declares."""
    probe_says(house)
    assert drill(house, a_database(house), probe=PROBE)[1]["outcome"] == "succeeded"


def ends_without_a_trace(house: House, outcome: str, words: str, ended: dict[str, Any]) -> None:
    """So it ended, and nothing that a drill made is there."""
    assert ended["outcome"] == outcome, ended["words"]
    assert words in ended["words"]
    assert drills_left(house) == []


def test_it_restores_in_isolation_and_deletes(house: House) -> None:
    """Nothing of the drilled one's but class and parameters: no groups, tags, zones or backups."""
    database, where = a_furnished_database(house), isolation(house)
    before = described(house, database)
    run, ended = drill(house, database, **where)
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    assert house.scripted.changes() == ["rds:RestoreDBInstanceToPointInTime", "rds:DeleteDBInstance"]
    sent = next(each.parameters for each in house.scripted.sent if each.operation == "RestoreDBInstanceToPointInTime")
    assert sent["DBSubnetGroupName"] == where["subnet_group"]
    assert sent["VpcSecurityGroupIds"] == [where["security_group"]]
    assert (sent["PubliclyAccessible"], sent["MultiAZ"], sent["DeletionProtection"]) == (False, False, False)
    assert sent["DBParameterGroupName"] == before["DBParameterGroups"][0]["DBParameterGroupName"]
    assert {tag["Key"]: tag["Value"] for tag in sent["Tags"]} == {"nightcrew:run": run, "nightcrew:drill": database}
    assert "EnableCloudwatchLogsExports" not in sent
    deleted = next(each.parameters for each in house.scripted.sent if each.operation == "DeleteDBInstance")
    assert deleted == {
        "DBInstanceIdentifier": drilled_name(database, run),
        "SkipFinalSnapshot": True,
        "DeleteAutomatedBackups": True,
    }
    assert unmoved(described(house, database)) == unmoved(before)


def unmoved(found: dict[str, Any]) -> dict[str, Any]:
    """Without the time that moves by itself."""
    return {name: value for name, value in found.items() if name != "LatestRestorableTime"}


def test_rpo_is_the_age_of_the_last_restorable_time(house: House) -> None:
    """A target that it misses fails the run; all is deleted."""
    database, now = a_database(house), house.crew.installation.clock.now()
    edited(house, database, LatestRestorableTime=now - timedelta(minutes=20))
    run, ended = drill(house, database, rto="2h", rpo="10m")
    ends_without_a_trace(house, "failed", "its targets are met", ended)
    assert "(target 10 min) lost" in ended["words"]
    assert 1200 <= measured(house, run)["rpo"] < 1260
    database, now = a_database(house), house.crew.installation.clock.now()
    edited(house, database, LatestRestorableTime=now)
    run, ended = drill(house, database, to=stamp(now - timedelta(minutes=5)), rpo="10m")
    ends_without_a_trace(house, "succeeded", "", ended)
    assert 300 <= measured(house, run)["rpo"] < 360


def test_the_teams_own_function_looks_at_the_data(house: House) -> None:
    """It is told where; what it finds wrong fails the drill, and the instance goes."""
    asked = probe_says(house)
    run, ended = drill(house, a_database(house), probe=PROBE, qualifier="live")
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    assert (asked[0]["FunctionName"], asked[0]["Qualifier"]) == (PROBE, "live")
    assert run in str(asked[0]["Payload"])
    probe_says(house, "Unhandled")
    _, ended = drill(house, a_database(house), probe=PROBE)
    ends_without_a_trace(house, "failed", f"{PROBE} finds the data right", ended)


@pytest.mark.parametrize("way", ["IpPermissions", "IpPermissionsEgress"])
def test_a_security_group_that_lets_an_address_in_or_out_is_not_isolation(house: House, way: str) -> None:
    """A restored database may have jobs that write to others."""
    where, ec2 = isolation(house), house.crew.client("ec2")
    rule = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    opened = ec2.authorize_security_group_ingress if way == "IpPermissions" else ec2.authorize_security_group_egress
    opened(GroupId=where["security_group"], IpPermissions=rule)
    _, ended = drill(house, a_database(house), **where)
    ends_without_a_trace(house, "not_applicable", "lets no address in, and nobody out", ended)
    assert house.scripted.changes() == []


def test_where_the_drilled_one_stands_is_not_isolation(house: House) -> None:
    """Neither its subnet group nor one of its security groups."""
    where = isolation(house)
    database = a_database(house, DBSubnetGroupName=where["subnet_group"], VpcSecurityGroupIds=[where["security_group"]])
    _, ended = drill(house, database, **where)
    ends_without_a_trace(house, "not_applicable", "its subnet group is not the drilled one's", ended)
    _, ended = drill(house, database, **{**isolation(house), "security_group": where["security_group"]})
    ends_without_a_trace(house, "not_applicable", "none of those that the drilled one has", ended)


def test_one_that_comes_back_unlike_what_was_told_is_ineffective_and_goes(house: House) -> None:
    """As where it got a public address all the same."""
    database = a_database(house)

    def public(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        for each in answer["DBInstances"]:
            each["PubliclyAccessible"] = "-restored-drill-" in each["DBInstanceIdentifier"]

    house.scripted.after("rds", "DescribeDBInstances", public)
    ends_without_a_trace(house, "ineffective", "stands alone", drill(house, database)[1])


@pytest.mark.parametrize(("status", "times"), [("creating", 8), ("incompatible-restore", 100)])
def test_one_that_hangs_is_deleted_once_it_can_be(house: House, status: str, times: int) -> None:
    """And one that AWS gives up on."""
    left = [times]

    def hangs(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        for each in answer["DBInstances"]:
            if "-restored-drill-" in each["DBInstanceIdentifier"] and left[0]:
                left[0] -= 1
                each["DBInstanceStatus"] = status

    house.scripted.after("rds", "DescribeDBInstances", hangs)
    _, ended = drill(house, a_database(house))
    ends_without_a_trace(house, "failed", "the restore is through: not within", ended)


def test_a_lost_reply_to_the_restore_is_looked_at(house: House) -> None:
    """By the run's tag; it is restored once."""
    house.scripted.lose_reply("rds", "RestoreDBInstanceToPointInTime")
    ends_without_a_trace(house, "succeeded", "deleted again", drill(house, a_database(house))[1])
    assert house.scripted.changes().count("rds:RestoreDBInstanceToPointInTime") == 1


def test_a_refused_restore_leaves_nothing(house: House) -> None:
    house.scripted.answer("rds", "RestoreDBInstanceToPointInTime", Refusal("InstanceQuotaExceeded"))
    ends_without_a_trace(house, "failed", "InstanceQuotaExceeded", drill(house, a_database(house))[1])


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"DBClusterIdentifier": "shop"}, "no cluster owns it"),
        ({"ReadReplicaSourceDBInstanceIdentifier": "other"}, "no read replica"),
        ({"Engine": "custom-oracle-ee"}, "not RDS Custom"),
        ({"DomainMemberships": [{"Domain": "d-1"}]}, "joined to no directory"),
        ({"BackupRetentionPeriod": 0}, "keeps automated backups"),
    ],
)
def test_it_is_left_alone_where_a_drill_knows_too_little(house: House, members: dict[str, Any], words: str) -> None:
    database = a_database(house)
    edited(house, database, **members)
    ends_without_a_trace(house, "not_applicable", words, drill(house, database)[1])
    assert house.scripted.changes() == []


def test_bad_input_names_the_field(house: House) -> None:
    given = {"instance": "orders", "subnet_group": "drills", "security_group": "sg-0abc1234"}
    for name, value in (("instance", "-"), ("security_group", "default"), ("rto", "soon"), ("subnet_group", "a b")):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{**given, name: value})
    with pytest.raises(BadParameter, match="subnet_group"):
        house.crew.person(NAME, instance="orders", security_group="sg-0abc1234")


def test_a_name_that_is_too_long_is_cut(house: House) -> None:
    """63 characters at most, and the run's id is whole."""
    long = "a" * 60
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=long,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=20,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=1,
    )
    run, ended = drill(house, long)
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    sent = next(each.parameters for each in house.scripted.sent if each.operation == "RestoreDBInstanceToPointInTime")
    assert len(sent["TargetDBInstanceIdentifier"]) <= 61
    assert sent["TargetDBInstanceIdentifier"].endswith(f"-restored-drill-{run}")
