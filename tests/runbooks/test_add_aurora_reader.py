"""add-aurora-reader: what it promises at night."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.aws.tags import listed as listed_tags
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster, described
from tests.runbooks.clusters import listed as members
from tests.runbooks.databases import Event, about_rds, not_applicable, now_of
from tests.runbooks.follow_ups import left_for_later

NAME = "add-aurora-reader"


def instances(house: House, cluster: str) -> list[str]:
    """What the cluster has, in the cloud itself."""
    return sorted(each["DBInstanceIdentifier"] for each in members(house, cluster)["DBInstances"])


def tagged(house: House, name: str, **tags: str) -> None:
    """An instance has these tags."""
    house.crew.client("rds").add_tags_to_resource(
        ResourceName=now_of(house, name)["DBInstanceArn"], Tags=listed_tags(tags)
    )


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    _, ended = house.start(NAME, cluster=a_cluster(house), within="1m")
    assert ended["outcome"] == "succeeded"
    cluster = a_cluster(house)
    never_available(house, cluster)
    _, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"


def never_available(house: House, cluster: str) -> None:
    """The new one is made, and has the wrong network until somebody deletes it."""
    name = f"{cluster}-extra-1"

    def broken(asked: Any) -> Any:
        if asked.get("DBInstanceIdentifier") != name or not house.scripted.changes():
            return None
        return {"DBInstances": [{**now_of(house, name), "DBInstanceStatus": "incompatible-network"}]}

    house.scripted.script("rds", "DescribeDBInstances", broken)


def test_it_adds_one_reader_like_the_others_and_proves_that_it_reads(house: House) -> None:
    """Of the readers' class and with their tags, the last to be promoted, and tagged as ours."""
    cluster = a_cluster(house)
    tagged(house, f"{cluster}-b", stage="prod")
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:CreateDBInstance"]
    made = now_of(house, f"{cluster}-extra-1")
    assert (made["DBClusterIdentifier"], made["DBInstanceClass"], made["PromotionTier"]) == (
        cluster,
        "db.r6g.large",
        15,
    )
    assert made["TagList"] == [{"Key": "stage", "Value": "prod"}, {"Key": "nightcrew:run", "Value": run}]
    (proof,) = [fact for fact in house.facts(run) if "proved" in fact]
    assert proof["value"] == [f"{cluster}-b", f"{cluster}-c", f"{cluster}-extra-1"]


def test_its_end_is_due_the_next_day(house: House) -> None:
    """By a run of its own, through all gates."""
    cluster = a_cluster(house)
    run, _ = house.start(NAME, cluster=cluster, within="1m", keep="8h")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert runbook == "remove-aurora-reader"
    assert parameters == {"instance": f"{cluster}-extra-1"}
    assert timedelta(hours=7, minutes=50) < after <= timedelta(hours=8)


def test_a_second_one_has_a_number_of_its_own(house: House) -> None:
    cluster = a_cluster(house)
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=f"{cluster}-extra-1",
        DBClusterIdentifier=cluster,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    house.start(NAME, cluster=cluster, within="1m")
    assert f"{cluster}-extra-2" in instances(house, cluster)


def test_available_comes_first_and_then_the_reader_endpoint(house: House) -> None:
    """It is being made for a while (Aurora user guide, "Viewing DB instance status")."""
    cluster, looks = a_cluster(house), itertools.count()
    name = f"{cluster}-extra-1"

    def slow(asked: Any) -> Any:
        if asked.get("DBInstanceIdentifier") != name or next(looks) >= 2:
            return None
        return {"DBInstances": [{**now_of(house, name), "DBInstanceStatus": "creating"}]}

    house.scripted.script("rds", "DescribeDBInstances", slow)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == f"{name} is available"] == [3]


def test_a_plan_changes_nothing_and_shows_what_is_made_and_when_it_goes(house: House) -> None:
    cluster = a_cluster(house)
    planned = house.plan(NAME, cluster=cluster)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["DBInstanceIdentifier"] == f"{cluster}-extra-1"
    assert line["unknown"] == "looked at"
    assert line["undo"][1]["call"] == "rds:DeleteDBInstance"
    (later,) = [each for each in planned.lines if each["verb"] == "later"]
    assert (later["call"], later["within"]) == ("remove-aurora-reader", "1 d")
    assert house.scripted.changes() == []
    assert len(instances(house, cluster)) == 3


ODD = {
    "serverless v1": ({"EngineMode": "serverless"}, "not Serverless v1"),
    "busy": ({"Status": "failing-over"}, "it is available"),
}


@pytest.mark.parametrize(("otherwise", "why"), ODD.values(), ids=ODD)
def test_a_cluster_in_another_state_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    cluster = a_cluster(house)
    house.scripted.script("rds", "DescribeDBClusters", lambda _: described(house, cluster, **otherwise))
    not_applicable(house, NAME, why, cluster=cluster)


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the cluster", cluster="nobody-made-this")


def test_a_multi_az_cluster_is_left_alone(house: House) -> None:
    """It has two readers, and cannot have more."""
    not_applicable(house, NAME, "it is Aurora", cluster=a_cluster(house, engine="mysql"))


def test_a_cluster_that_just_gets_an_instance_is_left_alone(house: House) -> None:
    """By Aurora's own auto scaling, perhaps: what comes may be enough."""
    cluster = a_cluster(house)
    house.scripted.script("rds", "DescribeDBInstances", lambda _: members(house, cluster, c="creating"))
    not_applicable(house, NAME, "no instance of it is being made", cluster=cluster)


def test_a_reader_that_could_not_be_told_from_the_teams_own_is_not_made(house: House) -> None:
    """The others have all the tags that AWS allows: without ours it would never be taken away."""
    cluster = a_cluster(house)
    tagged(house, f"{cluster}-b", **{f"tag-{number}": "" for number in range(50)})
    not_applicable(house, NAME, "room for one more tag", cluster=cluster)


def test_fifteen_readers_are_all_that_aurora_has(house: House) -> None:
    cluster = a_cluster(house, zones="a")
    writer = members(house, cluster)["DBInstances"]
    more = [{**writer[0], "DBInstanceIdentifier": f"{cluster}-{number}"} for number in range(15)]
    house.scripted.script("rds", "DescribeDBInstances", lambda _: {"DBInstances": writer + more})
    not_applicable(house, NAME, "fewer than 15 readers", cluster=cluster)


def test_a_refused_one_leaves_nothing_to_undo(house: House) -> None:
    """Errors of CreateDBInstance, RDS API reference."""
    cluster = a_cluster(house)
    house.scripted.answer("rds", "CreateDBInstance", Refusal("InsufficientDBInstanceCapacity"))
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InsufficientDBInstanceCapacity"
    assert "undone" not in house.closing(run)
    assert len(instances(house, cluster)) == 3


def test_one_that_does_not_become_available_is_deleted_again(house: House) -> None:
    """The deadline passed; nobody pays for what serves nobody."""
    cluster = a_cluster(house)
    never_available(house, cluster)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"
    assert f"{cluster}-extra-1 is available: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == [f"add {cluster}-extra-1"]
    assert instances(house, cluster) == [f"{cluster}-{zone}" for zone in "abc"]


def test_one_that_the_endpoint_does_not_reach_is_no_cure_and_its_end_is_due(house: House) -> None:
    cluster = a_cluster(house)
    before = described(house, cluster)
    house.scripted.script("rds", "DescribeDBClusters", lambda _: before)
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "ineffective"
    assert f"no proof that the reader endpoint reaches {cluster}-extra-1" in ended["words"]
    assert f"{cluster}-extra-1" in instances(house, cluster)
    assert [fact for fact in house.facts(run) if "later" in fact]


def test_a_lost_reply_is_looked_at_and_no_second_one_is_made(house: House) -> None:
    cluster = a_cluster(house)
    house.scripted.lose_reply("rds", "CreateDBInstance")
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["rds:CreateDBInstance"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert len(instances(house, cluster)) == 4


def test_one_of_that_name_that_somebody_else_made_meanwhile_is_not_ours(house: House) -> None:
    """AWS refuses the second of a name; nobody deletes the other's."""
    cluster = a_cluster(house)
    house.scripted.answer("rds", "CreateDBInstance", Refusal("DBInstanceAlreadyExists"))
    run, ended = house.start(NAME, cluster=cluster, within="1m")
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["rds:CreateDBInstance"]
    assert "undone" not in house.closing(run)


def test_the_readers_alarm_finds_it_and_its_ok_is_the_last_proof(house: House, event: Event) -> None:
    cluster = a_cluster(house)
    sent = house.alarmed(
        about_rds(event("asg-cpu-high"), "CPUUtilization"), {"DBClusterIdentifier": cluster, "Role": "READER"}
    )
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"


def test_a_busy_writer_does_not_find_it(house: House, event: Event) -> None:
    """Another reader takes nothing off the writer."""
    dimensions = {"DBClusterIdentifier": a_cluster(house), "Role": "WRITER"}
    sent = house.alarmed(about_rds(event("asg-cpu-high"), "CPUUtilization"), dimensions)
    assert house.crew.event(sent)[0].kind == "left"
