"""remove-elasticache-replicas: what it promises when the load is gone."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.caches import a_group, alter, described, modifying
from tests.runbooks.follow_ups import left_for_later

NAME = "remove-elasticache-replicas"
INCREASE, DECREASE = "elasticache:IncreaseReplicaCount", "elasticache:DecreaseReplicaCount"


def grown(house: House, **given: Any) -> str:
    """A group of two nodes that a run gave two more replicas: ``<group>-003`` and ``-004`` are new."""
    return a_group(house, zones="abca", **given)


def start(house: House, group: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that leaves the first two."""
    usual = {"group": group, "kept": f"{group}-001,{group}-002", "raised": 3, "within": "1m"}
    return house.start(NAME, **{**usual, **given})


def nodes(house: House, group: str) -> list[list[str]]:
    """The numbers of each shard's nodes, in the cloud itself."""
    shards = described(house, group)["NodeGroups"]
    return [[each["CacheClusterId"][-3:] for each in shard["NodeGroupMembers"]] for shard in shards]


def busy(house: House, percent: float) -> None:
    """CloudWatch has seen the nodes so busy."""
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": percent}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def slow(house: House) -> None:
    """AWS works on it until the run gives up; then it has what it had, and two replicas fewer."""

    def hangs(_: Any, answer: dict[str, Any]) -> None:
        undoing = any(kind == "wait" and what.get("undoing") for kind, what in house.told)
        if house.scripted.changes() == [DECREASE] and not undoing:
            answer["ReplicationGroups"][0]["Status"] = "modifying"

    house.scripted.after("elasticache", "DescribeReplicationGroups", hangs)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    slow(house)
    assert start(house, grown(house))[1]["outcome"] == "failed"
    assert start(house, grown(house))[1]["outcome"] == "succeeded"


def test_it_takes_the_added_ones_away_and_proves_that_the_others_stayed(house: House) -> None:
    modifying(house, 2)
    group = grown(house)
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [DECREASE]
    assert nodes(house, group) == [["001", "002"]]
    assert [fact["tries"] for fact in house.facts(run) if "waited" in fact] == [3]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it is available with those that stay"]


def test_with_cluster_mode_on_each_shard_loses_its_own(house: House) -> None:
    group = a_group(house, zones="ab", mode="enabled")
    first = [each["NodeGroupMembers"][0]["CacheClusterId"] for each in described(house, group)["NodeGroups"]]
    assert start(house, group, kept=",".join(first), raised=1)[1]["outcome"] == "succeeded"
    assert [len(each) for each in nodes(house, group)] == [1, 1]


def test_a_plan_changes_nothing_and_names_those_that_go(house: House) -> None:
    group = grown(house)
    planned = house.plan(NAME, group=group, kept=f"{group}-001,{group}-002", raised=3)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["ReplicasToRemove"] == [f"{group}-003", f"{group}-004"]
    assert line["undo"][0]["title"] == "it can be changed again"
    assert house.scripted.changes() == []


def not_applicable(house: House, group: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


def test_a_group_that_is_gone_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the group")


def test_a_group_that_is_being_changed_is_left_alone(house: House) -> None:
    alter(house, Status="modifying")
    not_applicable(house, grown(house), "nothing about it is being changed")


def test_a_number_that_somebody_changed_is_left_alone(house: House) -> None:
    """Put back already, or more of them."""
    not_applicable(house, a_group(house, zones="ab"), "still has 3 replicas")
    not_applicable(house, a_group(house, zones="abcab"), "still has 3 replicas")


def test_nodes_that_are_not_the_ones_that_were_there_are_left_alone(house: House) -> None:
    group = grown(house)
    not_applicable(house, group, "all nodes that are to stay are there", kept=f"{group}-001,{group}-009")
    all_of_them = ",".join(f"{group}-00{number}" for number in (1, 2, 3, 4))
    not_applicable(house, grown(house), "all nodes that are to stay", kept=all_of_them)


def test_nothing_goes_where_all_are_to_stay(house: House) -> None:
    group = grown(house)
    kept = ",".join(f"{group}-00{number}" for number in (1, 2, 3, 4))
    not_applicable(house, group, "the others are as many in each shard", kept=kept)


def test_an_added_one_that_leads_by_now_is_left_alone(house: House) -> None:
    """A failover made it the primary."""
    group = grown(house)
    client = house.crew.client("elasticache")
    client.modify_replication_group(ReplicationGroupId=group, AutomaticFailoverEnabled=False, MultiAZEnabled=False)
    client.modify_replication_group(ReplicationGroupId=group, PrimaryClusterId=f"{group}-004")
    not_applicable(house, group, "none of those that go is the primary")


def test_while_the_others_would_be_too_busy_it_waits_six_hours_more(house: House) -> None:
    """25 % on three replicas are 75 % on one."""
    busy(house, 25)
    group = grown(house)
    run = not_applicable(house, group, "and not 75 %")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert (runbook, parameters["kept"], parameters["busy"]) == (NAME, f"{group}-001,{group}-002", 70)
    assert timedelta(hours=5) < after <= timedelta(hours=6)
    house.crew.installation.catalog[runbook].form.validate(parameters)


def test_a_load_that_fewer_can_carry_does_not_hold_it_up(house: House) -> None:
    busy(house, 23)
    assert start(house, grown(house))[1]["outcome"] == "succeeded"


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    """API reference, DecreaseReplicaCount, errors."""
    group = grown(house)
    house.scripted.answer("elasticache", "DecreaseReplicaCount", Refusal("InvalidCacheClusterState"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidCacheClusterState"
    assert "undone" not in house.closing(run)
    assert nodes(house, group) == [["001", "002", "003", "004"]]


def test_those_that_are_not_gone_in_time_are_made_up_for(house: House) -> None:
    group = grown(house)
    slow(house)
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert "they are gone: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["take 2 replicas away"]
    assert house.scripted.changes() == [DECREASE, INCREASE]
    assert len(nodes(house, group)[0]) == 4


def test_another_one_that_went_is_no_proof(house: House) -> None:
    """The number is right, and the nodes are not: a person looks."""
    group = grown(house)

    def odd(_: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes():
            answer["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"][1]["CacheClusterId"] = f"{group}-003"

    house.scripted.after("elasticache", "DescribeReplicationGroups", odd)
    _, ended = start(house, group)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [DECREASE]


@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, on_its_way: bool) -> None:
    if on_its_way:
        modifying(house, 2)
    house.scripted.lose_reply("elasticache", "DecreaseReplicaCount")
    run, ended = start(house, grown(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [DECREASE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    assert house.crew.installation.catalog[NAME].triggers == ()
