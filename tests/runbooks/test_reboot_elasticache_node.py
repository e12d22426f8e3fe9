"""reboot-elasticache-node: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.caches import a_group, alter

NAME = "reboot-elasticache-node"
REBOOT = "elasticache:RebootCacheCluster"

Event = Callable[[str], dict[str, Any]]


def start(house: House, node: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run by hand."""
    return house.start(NAME, **{"node": node, "within": "1m", **given})


def status(house: House, shown: Callable[[int], str | None]) -> None:
    """What the node says of itself at each look after the reboot was sent, counted from 0; None is the truth."""
    looks = [0]

    def odd(_: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes():
            said = shown(looks[0])
            looks[0] += 1
            if said:
                found = answer["CacheClusters"][0]
                found["CacheClusterStatus"] = said
                found["CacheNodes"][0]["CacheNodeStatus"] = said.split()[0]

    house.scripted.after("elasticache", "DescribeCacheClusters", odd)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, f"{a_group(house)}-002")[1]["outcome"] == "succeeded"


def test_it_reboots_the_replica_sees_it_leave_and_come_back(house: House) -> None:
    """Available before it left is no proof (API reference, CacheCluster: "rebooting cluster nodes")."""
    group = a_group(house)
    run, ended = start(house, f"{group}-002")
    assert ended["outcome"] == "succeeded"
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert sent.parameters == {"CacheClusterId": f"{group}-002", "CacheNodeIdsToReboot": ["0001"]}
    assert [fact.get("waited") or fact["proved"] for fact in house.facts(run) if {"waited", "proved"} & set(fact)] == [
        "it has left",
        "it is available again",
        "it is a replica still, and its group is available",
    ]


def test_it_waits_while_available_is_stale(house: House) -> None:
    status(house, lambda look: "available" if look < 2 else "rebooting cluster nodes" if look < 4 else "available")
    run, ended = start(house, f"{a_group(house)}-002")
    assert ended["outcome"] == "succeeded", ended["words"]
    tries = {fact["waited"]: fact["tries"] for fact in house.facts(run) if "waited" in fact}
    assert tries == {"it has left": 3}


def test_a_plan_changes_nothing_and_shows_the_reboot(house: House) -> None:
    planned = house.plan(NAME, node=f"{a_group(house)}-002")
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["title"] for line in planned.changes] == ["reboot it"]
    assert house.scripted.changes() == []


def not_applicable(house: House, node: str, why: str) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, node)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_node_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the node")


def test_a_primary_is_left_alone(house: House) -> None:
    """What it holds would be lost: fail it over first."""
    not_applicable(house, f"{a_group(house)}-001", "it is a replica")


def test_a_node_that_stands_alone_is_left_alone(house: House) -> None:
    """Memcached, or Redis without a replica: nobody could fill it again."""
    house.crew.client("elasticache").create_cache_cluster(
        CacheClusterId="lonely", Engine="memcached", CacheNodeType="cache.t4g.micro", NumCacheNodes=1
    )
    not_applicable(house, "lonely", "it belongs to a replication group")


def test_a_group_with_cluster_mode_on_is_left_alone(house: House) -> None:
    """AWS reboots none of its nodes by itself (API reference, RebootCacheCluster)."""
    not_applicable(house, f"{a_group(house, mode='enabled')}-0001-002", "cluster mode is off")


def test_a_group_that_is_being_changed_is_left_alone(house: House) -> None:
    alter(house, Status="modifying")
    not_applicable(house, f"{a_group(house)}-002", "the group is available")


def test_a_node_that_reboots_already_is_left_alone(house: House) -> None:
    """Somebody was quicker."""

    def rebooting(_: Any, answer: dict[str, Any]) -> None:
        answer["CacheClusters"][0]["CacheClusterStatus"] = "rebooting cluster nodes"

    house.scripted.after("elasticache", "DescribeCacheClusters", rebooting)
    not_applicable(house, f"{a_group(house)}-002", "the node is available")


def test_a_refused_reboot_leaves_nothing_to_undo(house: House) -> None:
    house.scripted.answer("elasticache", "RebootCacheCluster", Refusal("InvalidCacheClusterState"))
    run, ended = start(house, f"{a_group(house)}-002")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidCacheClusterState"
    assert "undone" not in house.closing(run)


def test_a_node_that_never_left_was_not_rebooted(house: House) -> None:
    """Available all the time: that is no proof, and there is nothing to wait for."""
    status(house, lambda _: "available")
    run, ended = start(house, f"{a_group(house)}-002")
    assert ended["outcome"] == "failed"
    assert "it has left: not within 4 min" in ended["words"]
    assert house.closing(run)["undone"] == ["reboot it"]
    assert house.scripted.changes() == [REBOOT]


def test_a_node_that_does_not_come_back_in_time_is_no_cure(house: House) -> None:
    status(house, lambda _: "rebooting cluster nodes")
    _, ended = start(house, f"{a_group(house)}-002")
    assert ended["outcome"] == "ineffective"
    assert "no proof that it is available again within 1 min" in ended["words"]
    assert house.scripted.changes() == [REBOOT]


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """It reboots, though nobody said so: a second reboot would begin anew."""
    house.scripted.lose_reply("elasticache", "RebootCacheCluster")
    run, ended = start(house, f"{a_group(house)}-002")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REBOOT]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


@pytest.mark.parametrize("name", ["ReplicationLag", "EngineCPUUtilization"])
def test_the_alarm_on_a_nodes_lag_finds_it_and_no_other(house: House, event: Event, name: str) -> None:
    """A busy node is not cured by a reboot: its load comes back."""
    node, sent = f"{a_group(house)}-002", event("dynamodb-orders-missing")
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/ElastiCache", "name": name, "dimensions": {}}
    answer, ended = house.crew.event(house.alarmed(sent, {"CacheClusterId": node}))
    if name != "ReplicationLag":
        assert answer.kind == "left"
        return
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
