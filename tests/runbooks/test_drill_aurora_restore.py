"""drill-aurora-restore: a cluster and its writer in isolation, measured, and never left behind."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.clusters_to_restore import a_cluster, a_furnished_cluster, described, edited
from tests.runbooks.drilling import PROBE, changed, drilled_name, drills_left, isolation, measured, probe_says

NAME = "drill-aurora-restore"


def drill(house: House, cluster: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A drill in isolation, waited for one minute."""
    given = {**isolation(house), "within": "1m", **more}
    return house.start(NAME, cluster=cluster, **given)


def tour(house: House) -> None:
    """One run sends every call that it declares."""
    probe_says(house)
    assert drill(house, a_cluster(house), probe=PROBE)[1]["outcome"] == "succeeded"


def ends_without_a_trace(house: House, outcome: str, words: str, ended: dict[str, Any]) -> None:
    """So it ended, and nothing that a drill made is there."""
    assert ended["outcome"] == outcome, ended["words"]
    assert words in ended["words"]
    assert drills_left(house) == []


def sent(house: House, operation: str) -> Any:
    """What the first request of that name said."""
    return next(each.parameters for each in house.scripted.sent if each.operation == operation)


def test_it_restores_a_full_copy_with_one_writer_in_isolation_and_deletes_both(house: House) -> None:
    """The instance first: a cluster with instances cannot be deleted."""
    cluster, where = a_furnished_cluster(house), isolation(house)
    before = described(house, cluster)
    run, ended = drill(house, cluster, rto="1h", rpo="1h", **where)
    ends_without_a_trace(house, "succeeded", "(target 1 h)", ended)
    assert changed(house, run) == [
        "restore it in isolation",
        "add an instance that writes",
        "delete the drill's instance",
        "delete the drill's cluster",
    ]
    restore, made = sent(house, "RestoreDBClusterToPointInTime"), sent(house, "CreateDBInstance")
    assert restore["RestoreType"] == "full-copy"
    assert restore["DBSubnetGroupName"] == where["subnet_group"]
    assert restore["VpcSecurityGroupIds"] == [where["security_group"]]
    assert restore["DeletionProtection"] is False
    assert "BacktrackWindow" not in restore
    wanted = {"nightcrew:run": run, "nightcrew:drill": cluster}
    assert {tag["Key"]: tag["Value"] for tag in restore["Tags"]} == wanted
    assert {tag["Key"]: tag["Value"] for tag in made["Tags"]} == wanted
    assert (made["DBInstanceIdentifier"], made["PubliclyAccessible"]) == (f"{drilled_name(cluster, run)}-1", False)
    assert sent(house, "DeleteDBCluster")["SkipFinalSnapshot"] is True
    assert measured(house, run)["rto"] < 60
    after = described(house, cluster)
    assert {**after, "LatestRestorableTime": None} == {**before, "LatestRestorableTime": None}


def test_an_instance_that_is_refused_takes_the_cluster_with_it(house: House) -> None:
    """As where the zone has no room."""
    house.scripted.answer("rds", "CreateDBInstance", Refusal("InsufficientDBInstanceCapacity"))
    ends_without_a_trace(house, "failed", "InsufficientDBInstanceCapacity", drill(house, a_cluster(house))[1])


def test_data_that_the_teams_function_finds_wrong_fail_it_and_both_go(house: House) -> None:
    probe_says(house, "Unhandled")
    _, ended = drill(house, a_cluster(house), probe=PROBE)
    ends_without_a_trace(house, "failed", f"{PROBE} finds the data right", ended)


def test_a_lost_reply_to_either_is_looked_at(house: House) -> None:
    """By the run's tag: each is made once."""
    house.scripted.lose_reply("rds", "RestoreDBClusterToPointInTime")
    house.scripted.lose_reply("rds", "CreateDBInstance")
    ends_without_a_trace(house, "succeeded", "deleted again", drill(house, a_cluster(house))[1])
    assert house.scripted.changes().count("rds:RestoreDBClusterToPointInTime") == 1
    assert house.scripted.changes().count("rds:CreateDBInstance") == 1


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"EngineMode": "serverless"}, "not Serverless v1"),
        ({"ClusterScalabilityType": "limitless"}, "not Limitless"),
        ({"DBClusterMembers": []}, "an instance of it writes"),
        ({"LatestRestorableTime": None}, "it has restorable times"),
    ],
)
def test_it_is_left_alone_where_a_drill_knows_too_little(house: House, members: dict[str, Any], words: str) -> None:
    cluster = a_cluster(house)
    edited(house, cluster, **members)
    ends_without_a_trace(house, "not_applicable", words, drill(house, cluster)[1])
    assert house.scripted.changes() == []


def test_where_the_drilled_one_stands_is_not_isolation(house: House) -> None:
    where = isolation(house)
    cluster = a_cluster(house, VpcSecurityGroupIds=[where["security_group"]])
    _, ended = drill(house, cluster, **where)
    ends_without_a_trace(house, "not_applicable", "none of those that the drilled one has", ended)


def test_bad_input_names_the_field(house: House) -> None:
    given = {"cluster": "orders", "subnet_group": "drills", "security_group": "sg-0abc1234"}
    for name, value in (("cluster", "-"), ("security_group", "default"), ("rpo", "soon")):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{**given, name: value})
