"""fail-over-elasticache-primary: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.caches import a_group, alter, described, modifying, primary
from tests.runbooks.throughputs import figures, seen_by_cloudwatch

NAME = "fail-over-elasticache-primary"
MODIFY = "elasticache:ModifyReplicationGroup"


def start(house: House, group: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run on a group whose replicas lag a tenth of a second."""
    figures(house, ReplicationLag=0.1)
    return house.start(NAME, **{"group": group, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    group = a_group(house)
    seen_by_cloudwatch(house, "AWS/ElastiCache", "ReplicationLag", {"CacheClusterId": f"{group}-002"})
    assert house.start(NAME, group=group, lag="10s")[1]["outcome"] == "succeeded"


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def settings(house: House, group: str) -> tuple[str, str]:
    """Automatic failover and Multi-AZ, in the cloud itself."""
    found = described(house, group)
    return found["AutomaticFailover"], found["MultiAZ"]


def test_it_promotes_a_replica_in_another_zone_and_leaves_all_else_as_it_was(house: House) -> None:
    """AWS promotes nothing while automatic failover is on: off, promote, on again."""
    group = a_group(house, zones="aab")
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded"
    assert changed(house, run) == [
        "stop it from failing over by itself",
        f"promote {group}-003",
        "let it fail over by itself again",
    ]
    assert primary(house, group) == "003"
    assert settings(house, group) == ("enabled", "enabled")
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        f"{group}-003 leads, and all else is as before"
    ]


def test_a_group_that_does_not_fail_over_by_itself_stays_so(house: House) -> None:
    group = a_group(house, failover=False)
    assert start(house, group)[1]["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert settings(house, group) == ("disabled", "disabled")
    assert primary(house, group) == "002"


def test_each_step_waits_until_the_group_has_settled(house: House) -> None:
    """Modifying, it takes no other change (API reference: InvalidReplicationGroupState)."""
    group = a_group(house)
    modifying(house, 2)
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded", ended["words"]
    tries = {fact["waited"]: fact["tries"] for fact in house.facts(run) if "waited" in fact}
    assert tries == {"it does not fail over by itself": 3, f"{group}-002 is the primary": 3}


def test_a_plan_changes_nothing_and_shows_the_three_steps_and_the_way_back(house: House) -> None:
    figures(house, ReplicationLag=0.1)
    group = a_group(house)
    planned = house.plan(NAME, group=group)
    assert (planned.outcome, planned.ends) == ("planned", None)
    off, promote, on = planned.changes
    assert promote["parameters"]["PrimaryClusterId"] == f"{group}-002"
    assert (off["parameters"]["AutomaticFailoverEnabled"], on["parameters"]["AutomaticFailoverEnabled"]) == (
        False,
        True,
    )
    assert all(line["undo"] != "none" for line in planned.changes)
    assert house.scripted.changes() == []


def not_applicable(house: House, group: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_group_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the group")


def test_a_group_with_cluster_mode_on_is_left_alone(house: House) -> None:
    not_applicable(house, a_group(house, mode="enabled"), "cluster mode is off")


def test_a_group_without_a_replica_is_left_alone(house: House) -> None:
    not_applicable(house, a_group(house, zones="a", failover=False), "it has a replica")


@pytest.mark.parametrize(
    "shown", [{"Status": "modifying"}, {"AutomaticFailover": "enabling"}, {"NodeGroups": [{"Status": "modifying"}]}]
)
def test_a_group_that_is_being_changed_is_left_alone(house: House, shown: dict[str, Any]) -> None:
    """A failover of its own is on its way, perhaps."""
    alter(house, **shown)
    not_applicable(house, a_group(house), "nothing about it is being changed")


def test_a_secondary_of_a_global_datastore_is_left_alone(house: House) -> None:
    alter(house, GlobalReplicationGroupInfo={"GlobalReplicationGroupMemberRole": "SECONDARY"})
    not_applicable(house, a_group(house), "no secondary")


def test_a_replica_that_lags_or_whose_lag_nobody_knows_is_not_promoted(house: House) -> None:
    """What is not replicated would be lost."""
    group = a_group(house)
    not_applicable(house, group, "0.1 s", lag="0s")
    figures(house)
    _, ended = house.start(NAME, group=a_group(house))
    assert ended["outcome"] == "not_applicable"
    assert "not known" in ended["words"]
    assert house.scripted.changes() == []


def test_a_refused_promotion_turns_failover_on_again(house: House) -> None:
    group = a_group(house)
    house.scripted.answer("elasticache", "ModifyReplicationGroup", None, Refusal("InvalidReplicationGroupState"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidReplicationGroupState"
    assert house.closing(run)["undone"] == ["stop it from failing over by itself"]
    assert settings(house, group) == ("enabled", "enabled")
    assert primary(house, group) == "001"


def test_when_failover_cannot_be_turned_on_again_at_first_the_old_primary_leads_and_it_is_tried_again(
    house: House,
) -> None:
    group = a_group(house)
    house.scripted.answer("elasticache", "ModifyReplicationGroup", None, None, Refusal("InvalidReplicationGroupState"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == [f"promote {group}-002", "stop it from failing over by itself"]
    assert settings(house, group) == ("enabled", "enabled")
    assert primary(house, group) == "001"


def test_a_promotion_that_is_not_through_in_time_is_undone_in_reverse(house: House) -> None:
    """AWS took the request and nothing moved: the old one leads still, and is not promoted again."""
    group = a_group(house)
    taken = {"ReplicationGroup": {"ReplicationGroupId": group, "Status": "modifying"}}
    house.scripted.answer("elasticache", "ModifyReplicationGroup", None, taken)
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert f"{group}-002 is the primary: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == [f"promote {group}-002", "stop it from failing over by itself"]
    assert len(house.scripted.changes()) == 3
    assert settings(house, group) == ("enabled", "enabled")


def test_a_missing_proof_changes_nothing_more(house: House) -> None:
    """Multi-AZ did not come back: a person looks, and the new primary stays."""
    group = a_group(house)

    def single(_: Any, answer: dict[str, Any]) -> None:
        if len(house.scripted.changes()) > 2:
            answer["ReplicationGroups"][0]["MultiAZ"] = "disabled"

    house.scripted.after("elasticache", "DescribeReplicationGroups", single)
    run, ended = start(house, group)
    assert ended["outcome"] == "ineffective"
    assert "all else is as before within 1 min" in ended["words"]
    assert len(changed(house, run)) == 3
    assert primary(house, group) == "002"


@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, on_its_way: bool) -> None:
    group = a_group(house, failover=False)
    if on_its_way:
        modifying(house, 2)
    house.scripted.lose_reply("elasticache", "ModifyReplicationGroup")
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_it_answers_no_alarm_unless_it_is_bound(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """ElastiCache's metrics name a node; a team binds the alarm to the group."""
    catalog, group = house.crew.installation.catalog, a_group(house)
    assert catalog[NAME].triggers == ()
    bound = load(
        "defaults: {breaker: 10000}\n"
        "rules: [{when: {family: failover}, autonomy: auto}]\n"
        f"bindings: [{{alarm: 'alarm-{group}-001', runbook: {NAME}, parameters: {{group: {group}}}}}]\n"
    )
    built = House.build(house.crew.clients, house.scripted, catalog, bound, SkippingClock())
    sent = event("dynamodb-orders-missing")
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/ElastiCache", "name": "EngineCPUUtilization", "dimensions": {}}
    answer = built.crew.dispatcher.event(built.alarmed(sent, {"CacheClusterId": f"{group}-001"}))
    assert (answer.kind, answer.runbook) == ("admitted", NAME)
