"""add-elasticache-replicas: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.caches import a_group, alter, described, modifying
from tests.runbooks.follow_ups import left_for_later

NAME = "add-elasticache-replicas"
INCREASE, DECREASE = "elasticache:IncreaseReplicaCount", "elasticache:DecreaseReplicaCount"


def start(house: House, group: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run by hand."""
    return house.start(NAME, **{"group": group, "within": "1m", **given})


def nodes(house: House, group: str) -> list[int]:
    """How many nodes each shard has, in the cloud itself."""
    return [len(shard["NodeGroupMembers"]) for shard in described(house, group)["NodeGroups"]]


def slow(house: House) -> None:
    """The first new replicas are there and do not become available, until the run gives up on them."""

    def busy(_: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes() == [INCREASE] and not gave_up(house):
            answer["ReplicationGroups"][0]["Status"] = "modifying"

    house.scripted.after("elasticache", "DescribeReplicationGroups", busy)


def gave_up(house: House) -> bool:
    """Whether the run has begun to undo what it did."""
    return any(kind == "wait" and what.get("undoing") for kind, what in house.told)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    slow(house)
    assert start(house, a_group(house))[1]["outcome"] == "failed"
    assert start(house, a_group(house))[1]["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("given", "wanted"), [({}, 3), ({"more": 2}, 4), ({"more": 9}, 5), ({"more": 9, "at_most": 3}, 3)]
)
def test_it_adds_replicas_and_proves_that_they_are_there(house: House, given: dict[str, int], wanted: int) -> None:
    """As many as asked for, never above the cap, nor above the five that AWS allows."""
    group = a_group(house)
    run, ended = start(house, group, **given)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [INCREASE]
    assert nodes(house, group) == [wanted + 1]
    proofs = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proofs == [f"its {wanted} replicas are available"]


def test_the_new_ones_are_taken_away_later(house: House) -> None:
    """They, and none that was there before."""
    group = a_group(house)
    run, _ = start(house, group, keep="8h")
    ((runbook, parameters, after),) = left_for_later(house, run)
    kept = ",".join(f"{group}-00{number}" for number in (1, 2, 3))
    assert (runbook, parameters) == ("remove-elasticache-replicas", {"group": group, "kept": kept, "raised": 3})
    house.crew.installation.clock.sleep(after.total_seconds())
    assert house.start(runbook, **parameters)[1]["outcome"] == "succeeded"
    assert nodes(house, group) == [3]


def test_with_cluster_mode_on_each_shard_gets_them(house: House) -> None:
    group = a_group(house, zones="ab", mode="enabled")
    assert start(house, group)[1]["outcome"] == "succeeded"
    assert nodes(house, group) == [3, 3]


def test_it_waits_until_the_group_is_available_again(house: House) -> None:
    """It says "modifying" while replicas are made (API reference, ReplicationGroup: Status)."""
    modifying(house, 2)
    run, ended = start(house, a_group(house))
    assert ended["outcome"] == "succeeded"
    (tries,) = [fact["tries"] for fact in house.facts(run) if "waited" in fact]
    assert tries == 3


def test_a_plan_changes_nothing_and_shows_how_many(house: House) -> None:
    group = a_group(house)
    planned = house.plan(NAME, group=group)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"ReplicationGroupId": group, "NewReplicaCount": 3, "ApplyImmediately": True}
    assert line["undo"] != "none"
    assert house.scripted.changes() == []


def not_applicable(house: House, group: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_group_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the group")


def test_a_group_that_has_them_already_is_left_alone(house: House) -> None:
    not_applicable(house, a_group(house), "fewer replicas than at_most (2)", at_most=2)
    not_applicable(house, a_group(house), "more is above 0", more=0)


def test_a_group_that_is_being_changed_is_left_alone(house: House) -> None:
    alter(house, Status="modifying")
    not_applicable(house, a_group(house), "nothing about it is being changed")


def test_shards_with_different_numbers_are_left_to_a_person(house: House) -> None:
    members = [{"CacheClusterId": f"node-{number}"} for number in range(3)]
    shards = [{"Status": "available", "NodeGroupMembers": members[:many]} for many in (2, 3)]
    alter(house, NodeGroups=shards)
    not_applicable(house, a_group(house), "as many replicas")


def test_replicas_that_scale_by_themselves_are_left_alone(house: House) -> None:
    """Their policy would take the new ones back."""
    dimension = "elasticache:replication-group:Replicas"
    target = {"ResourceId": "sessions", "ScalableDimension": dimension, "MinCapacity": 1, "MaxCapacity": 4}
    house.scripted.script("application-autoscaling", "DescribeScalableTargets", lambda _: {"ScalableTargets": [target]})
    not_applicable(house, a_group(house), "they do not scale by themselves")


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    """API reference, IncreaseReplicaCount, errors."""
    group = a_group(house)
    house.scripted.answer("elasticache", "IncreaseReplicaCount", Refusal("InsufficientCacheClusterCapacity"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InsufficientCacheClusterCapacity"
    assert "undone" not in house.closing(run)
    assert nodes(house, group) == [3]


def test_new_replicas_that_are_not_through_in_time_are_taken_away_and_none_that_was_there(house: House) -> None:
    group = a_group(house)
    slow(house)
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert "it has 3 replicas: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["go from 2 replicas to 3"]
    (away,) = [each.parameters for each in house.scripted.sent if each.operation == "DecreaseReplicaCount"]
    assert away["ReplicasToRemove"] == [f"{group}-004"]
    assert nodes(house, group) == [3]


def test_a_group_that_never_settles_calls_a_person(house: House) -> None:
    modifying(house, 10_000)
    run, ended = start(house, a_group(house))
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert left["words"] == "it can be changed again: not within 1 min"


def test_a_replica_that_does_not_serve_is_no_cure(house: House) -> None:
    """It is there, the group is available, and its role is not known: a person looks."""
    group = a_group(house)

    def odd(_: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes():
            answer["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"][-1].pop("CurrentRole")

    house.scripted.after("elasticache", "DescribeReplicationGroups", odd)
    _, ended = start(house, group)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [INCREASE]
    assert nodes(house, group) == [4]


@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, on_its_way: bool) -> None:
    if on_its_way:
        modifying(house, 2)
    house.scripted.lose_reply("elasticache", "IncreaseReplicaCount")
    run, ended = start(house, a_group(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [INCREASE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_nodes_alarm_finds_it(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """ElastiCache's metrics name a node, from which the group does not follow: a team binds the alarm."""
    assert house.crew.installation.catalog[NAME].triggers == ()
    sent = event("dynamodb-orders-missing")
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/ElastiCache", "name": "EngineCPUUtilization", "dimensions": {}}
    answer, _ = house.crew.event(house.alarmed(sent, {"CacheClusterId": f"{a_group(house)}-001"}))
    assert answer.kind == "left"
