"""switch-over-aurora-global: what it promises."""

from collections.abc import Mapping
from typing import Any

import pytest

from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.global_clusters import FAR, World, a_world

NAME = "switch-over-aurora-global"
SWITCH = "rds:SwitchoverGlobalCluster"


def start(world: World, **given: Any) -> tuple[str, dict[str, Any]]:
    """A person starts it, where the global cluster is written from here."""
    return world.house.start(NAME, **{"cluster": world.cluster, "to": FAR, **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(a_world(house, writes=REGION))[1]["outcome"] == "succeeded"


def test_the_other_region_writes_and_this_one_is_its_secondary(house: House) -> None:
    """One change; that another cluster writes is seen by its identity."""
    world = a_world(house, writes=REGION)
    run, ended = start(world)
    assert ended["outcome"] == "succeeded"
    assert world.writes == FAR
    assert house.scripted.changes() == [SWITCH]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        f"{world.name} is available, and nothing moves",
        f"{world.cluster} is an available secondary",
    ]
    found = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "find its global cluster")
    assert found["writer"] == world.arn()


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    world = a_world(house, writes=REGION)
    planned = house.plan(NAME, cluster=world.cluster, to=FAR)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["TargetDbClusterIdentifier"] == world.arn(FAR)
    assert line["undo"][0]["title"] == "nothing moves any more"
    assert (house.scripted.changes(), world.writes) == ([], REGION)


def not_applicable(world: World, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = start(world, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert world.house.scripted.changes() == []


def test_what_is_written_elsewhere_is_left_alone(house: House) -> None:
    """It was switched over already, or the run is in the wrong Region."""
    world = a_world(house)
    not_applicable(world, f"is written by {world.cluster}")


def test_what_moves_already_is_left_alone(house: House) -> None:
    world = a_world(house, writes=REGION)
    world.moving, world.stuck = "failing-over", True
    not_applicable(world, "nothing moves")


@pytest.mark.parametrize("to", ["ap-south-1", REGION])
def test_a_region_without_another_member_is_no_target(house: House, to: str) -> None:
    not_applicable(a_world(house, writes=REGION), f"it has one member in {to}", to=to)


def described(world: World, edit: Mapping[str, Any], member: Mapping[str, Any]) -> None:
    """Let the global cluster, and its member far away, be different in this."""
    answer = world.described()
    found = answer["GlobalClusters"][0]
    found |= edit
    found["GlobalClusterMembers"][1] |= member
    world.house.scripted.script("rds", "DescribeGlobalClusters", lambda _: answer)


def test_a_member_that_is_out_of_step_is_no_target(house: House) -> None:
    world = a_world(house, writes=REGION)
    described(world, {}, {"SynchronizationStatus": "pending-resync"})
    not_applicable(world, f"{FAR} is connected")


def test_a_version_in_between_is_left_alone(house: House) -> None:
    """An upgrade of the global cluster is half done."""
    world = a_world(house, writes=REGION)
    described(world, {"EngineVersion": "0.0"}, {})
    not_applicable(world, "at the version of the global cluster")


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [({"GlobalClusterIdentifier": None}, "it is in a global cluster"), ({"Status": "upgrading"}, "it is available")],
)
def test_a_cluster_that_is_no_member_or_not_available_is_left_alone(
    house: House, otherwise: dict[str, Any], why: str
) -> None:
    world = a_world(house, writes=REGION)
    found = {**world.here({})["DBClusters"][0], **otherwise}
    answer = {key: value for key, value in found.items() if value is not None}
    house.scripted.script("rds", "DescribeDBClusters", lambda _: {"DBClusters": [answer]})
    not_applicable(world, why)


def test_a_refused_switchover_leaves_nothing_to_undo(house: House) -> None:
    """Aurora refuses where versions do not match."""
    world = a_world(house, writes=REGION)
    house.scripted.answer("rds", "SwitchoverGlobalCluster", Refusal("InvalidGlobalClusterStateFault"))
    run, ended = start(world)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidGlobalClusterStateFault"
    assert "undone" not in house.closing(run)


def test_a_switchover_that_aurora_gave_up_needs_no_way_back(house: House) -> None:
    """The deadline passed; it was cancelled, and this Region writes as before."""
    world = a_world(house, writes=REGION)
    house.scripted.script(
        "rds", "SwitchoverGlobalCluster", lambda _: {"GlobalCluster": world.described()["GlobalClusters"][0]}
    )
    run, ended = start(world, within="1m")
    assert ended["outcome"] == "failed"
    assert f"{FAR} writes: not within 1 min" in ended["words"]
    assert house.scripted.changes() == [SWITCH]
    assert house.closing(run)["undone"] == [f"switch {world.name} over from {REGION} to {FAR}"]


def late(world: World) -> None:
    """The switchover comes through only after the run has given up on it."""
    looks = [0]

    def slow(asked: Any) -> Any:
        looks[0] += len(world.house.scripted.changes())
        world.stuck = looks[0] < 12
        return world.everywhere(asked)

    world.house.scripted.script("rds", "DescribeGlobalClusters", slow)


def test_one_that_comes_through_too_late_is_switched_back(house: House) -> None:
    """Not while it moves: first the run waits until it is over."""
    world = a_world(house, writes=REGION)
    late(world)
    run, ended = start(world, within="1m")
    assert ended["outcome"] == "failed"
    assert [fact["changed"] for fact in house.facts(run) if "changed" in fact][-1] == f"switch {world.name} back"
    assert (world.writes, house.scripted.changes()) == (REGION, [SWITCH, SWITCH])
    assert "not_undone" not in house.closing(run)


def test_a_way_back_that_is_refused_calls_a_person(house: House) -> None:
    """From the Region that no longer writes AWS may not take it."""
    world = a_world(house, writes=REGION)
    late(world)
    house.scripted.script(
        "rds",
        "SwitchoverGlobalCluster",
        lambda asked: Refusal("InvalidDBClusterStateFault") if house.scripted.changes() else world.switch_over(asked),
    )
    run, ended = start(world, within="1m")
    assert f"{FAR} writes" in ended["words"]
    (left,) = house.closing(run)["not_undone"]
    assert "InvalidDBClusterStateFault" in left["words"]


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    world, sent = a_world(house, writes=REGION), []

    def loses(asked: Any) -> Any:
        sent.append(world.switch_over(asked))
        return Refusal("InternalFailure", status=500)

    house.scripted.script("rds", "SwitchoverGlobalCluster", loses)
    run, ended = start(world)
    assert ended["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert len(sent) == 1


def test_a_cluster_that_does_not_become_a_secondary_is_no_proof_and_nobody_switches_back(house: House) -> None:
    world = a_world(house, writes=REGION)
    before = world.here({})
    house.scripted.script("rds", "DescribeDBClusters", lambda _: before)
    _, ended = start(world, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "is an available secondary" in ended["words"]
    assert (world.writes, house.scripted.changes()) == (FAR, [SWITCH])


def test_no_alarm_finds_it(house: House) -> None:
    """A Region is changed when people say so."""
    assert house.crew.installation.catalog[NAME].triggers == ()


def test_a_run_holds_the_global_cluster_too(house: House) -> None:
    """So the two Regions of one global cluster share a lock, where they share a ledger."""
    run, _ = start(a_world(house, writes=REGION))
    (held,) = [fact["held"] for fact in house.facts(run) if "held" in fact and "require" not in fact]
    assert held[0].startswith(f"arn:aws:rds::{ACCOUNT}:global-cluster:far-")
