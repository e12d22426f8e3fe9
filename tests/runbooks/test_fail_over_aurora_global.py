"""fail-over-aurora-global: what it promises at night."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.approvals import decide, find
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import Refused
from tests.house import House
from tests.runbooks.global_clusters import FAR, World, a_world

NAME = "fail-over-aurora-global"
ADA, BOB, CYD = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob", "cyd"))


def begun(world: World, **given: Any) -> str:
    """Ada starts it, and it asks; the run's id."""
    crew = world.house.crew
    answer = crew.dispatcher.person(
        NAME, {"cluster": world.cluster, **given}, actor=ADA, account=ACCOUNT, region=REGION
    )
    assert answer.run is not None, answer
    crew.engine.drive(answer.run, until=crew.installation.clock.now())
    return answer.run


def decided(world: World, run: str, *people: str, approve: bool = True) -> None:
    """They decide, one after another."""
    crew = world.house.crew
    for who in people:
        made = decide(crew.store, run, by=who, approve=approve, now=crew.installation.clock.now())
        if made.callback is not None:
            crew.engine.answer(made.callback, made.value)


def ended(world: World, run: str) -> dict[str, Any]:
    """It goes on to its end."""
    end = world.house.crew.engine.drive(run)
    assert end.status == "SUCCEEDED", end
    result: dict[str, Any] = end.result
    return result


def through(world: World, **given: Any) -> tuple[str, dict[str, Any]]:
    """From the start, with two approvals, to the end."""
    run = begun(world, **given)
    decided(world, run, BOB, CYD)
    return run, ended(world, run)


def lags(world: World, milliseconds: float) -> None:
    """What CloudWatch has of its lag."""
    point = {"Timestamp": "2026-11-21T03:00:00Z", "Maximum": milliseconds, "Unit": "Milliseconds"}
    world.house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Label": "lag", "Datapoints": [point]})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert through(a_world(house))[1]["outcome"] == "succeeded"


def test_two_people_are_asked_what_may_be_lost_and_then_this_region_writes(house: House) -> None:
    world = a_world(house)
    lags(world, 850.0)
    run = begun(world)
    asked = find(house.crew.store, run)
    assert asked is not None
    assert asked.wanted == 2
    assert asked.question["lines"][0]["title"].endswith(f"from {FAR} to {REGION}, and lose up to 1 s of writes")
    decided(world, run, BOB)
    assert house.scripted.changes() == []
    decided(world, run, CYD)
    end = ended(world, run)
    assert end["outcome"] == "succeeded"
    assert end["words"].endswith("about 850 ms of writes are lost")
    assert world.writes == REGION
    assert house.scripted.changes() == ["rds:FailoverGlobalCluster"]
    read = {fact["read"]: fact["value"] for fact in house.facts(run) if "read" in fact}
    assert read["the RPO: how far it is behind, in ms"] == 850.0


def test_where_more_would_be_lost_by_then_they_are_asked_again(house: House) -> None:
    """Approvals take their time, and meanwhile the lag grows."""
    world = a_world(house)
    lags(world, 850.0)
    run = begun(world)
    lags(world, 42000.0)
    decided(world, run, BOB, CYD)
    crew = house.crew
    crew.engine.drive(run, until=crew.installation.clock.now())
    assert house.scripted.changes() == []
    asked = find(crew.store, run)
    assert asked is not None
    assert asked.question["lines"][0]["title"].endswith("lose up to 1 min of writes")
    decided(world, run, BOB, CYD)
    assert ended(world, run)["outcome"] == "succeeded"


def test_a_lag_that_grows_by_little_does_not_ask_again(house: House) -> None:
    world = a_world(house)
    lags(world, 15000.0)
    run = begun(world)
    lags(world, 42000.0)
    decided(world, run, BOB, CYD)
    assert ended(world, run)["words"].endswith("about 42000 ms of writes are lost")


@pytest.mark.parametrize(("milliseconds", "said"), [(90_000_000.0, "more than a day"), (None, "nobody knows how much")])
def test_what_nobody_measured_is_said_so(house: House, milliseconds: float | None, said: str) -> None:
    world = a_world(house)
    if milliseconds is not None:
        lags(world, milliseconds)
    planned = house.plan(NAME, cluster=world.cluster)
    assert planned.changes[0]["title"].endswith(f"lose {said} of writes")


def test_who_started_it_and_who_approved_it_already_are_not_the_second_one(house: House) -> None:
    world = a_world(house)
    run = begun(world)
    decided(world, run, BOB)
    for who in (ADA, BOB):
        with pytest.raises(Refused):
            decided(world, run, who)
    assert house.scripted.changes() == []


def test_where_somebody_declines_nothing_is_changed(house: House) -> None:
    world = a_world(house)
    run = begun(world)
    decided(world, run, BOB, approve=False)
    assert ended(world, run)["outcome"] == "declined"
    assert house.scripted.changes() == []


def test_a_plan_changes_nothing(house: House) -> None:
    world = a_world(house)
    planned = house.plan(NAME, cluster=world.cluster)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["AllowDataLoss"] is True
    assert line["undo"] == "none"
    assert house.scripted.changes() == []


def not_applicable(world: World, why: str) -> None:
    """It ends so, says why, and asked nobody."""
    run = begun(world)
    end = ended(world, run)
    assert end["outcome"] == "not_applicable"
    assert why in end["words"]
    assert find(world.house.crew.store, run) is None
    assert world.house.scripted.changes() == []


def test_a_region_that_writes_already_is_left_alone(house: House) -> None:
    world = a_world(house)
    world.writes = REGION
    not_applicable(world, "is written in another Region")


def test_what_moves_already_is_left_alone(house: House) -> None:
    world = a_world(house)
    world.moving, world.stuck = "failing-over", True
    not_applicable(world, "no switchover or failover is under way")


def test_a_member_without_an_instance_cannot_be_promoted(house: House) -> None:
    not_applicable(a_world(house, instances=0), "it has an instance to promote")


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [({"GlobalClusterIdentifier": None}, "it is in a global cluster"), ({"Status": "stopped"}, "it is available")],
)
def test_a_cluster_that_is_no_member_or_not_available_is_left_alone(
    house: House, otherwise: dict[str, Any], why: str
) -> None:
    world = a_world(house)
    found = {**world.here({})["DBClusters"][0], **otherwise}
    answer = {key: value for key, value in found.items() if value is not None}
    house.scripted.script("rds", "DescribeDBClusters", lambda _: {"DBClusters": [answer]})
    not_applicable(world, why)


def test_a_cluster_that_does_not_exist_is_not_applicable(house: House) -> None:
    _, end = house.start(NAME, cluster="nobody-made-this")
    assert end["outcome"] == "not_applicable"


def test_a_failover_that_does_not_end_is_failed_and_nothing_is_taken_back(house: House) -> None:
    """The deadline passed. A second failover on top of the first would be worse: a person looks."""
    world = a_world(house)
    world.stuck = True
    run, end = through(world, within="1m")
    assert end["outcome"] == "failed"
    assert f"{REGION} writes: not within 1 min" in end["words"]
    assert "undone" not in house.closing(run)
    assert house.scripted.changes() == ["rds:FailoverGlobalCluster"]


def test_a_refused_failover_leaves_nothing_to_undo(house: House) -> None:
    world = a_world(house)
    house.scripted.answer("rds", "FailoverGlobalCluster", Refusal("InvalidGlobalClusterStateFault"))
    run, end = through(world)
    assert end["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidGlobalClusterStateFault"
    assert "undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """On its way is enough: a second one would be refused, or worse."""
    world, sent = a_world(house), []

    def loses(asked: Any) -> Any:
        sent.append(world.fail_over(asked))
        return Refusal("InternalFailure", status=500)

    house.scripted.script("rds", "FailoverGlobalCluster", loses)
    run, end = through(world)
    assert end["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert len(sent) == 1


def test_a_cluster_that_writes_and_still_moves_is_no_proof(house: House) -> None:
    world = a_world(house)
    run = begun(world, within="1m")
    decided(world, run, BOB, CYD)

    def half(_: Any) -> Any:
        if house.scripted.changes():
            world.writes, world.moving = REGION, "failing-over"
        return world.described()

    house.scripted.script("rds", "DescribeGlobalClusters", half)
    end = ended(world, run)
    assert end["outcome"] == "ineffective"
    assert "nothing moves" in end["words"]


def test_no_alarm_finds_it_and_its_risk_is_data_loss(house: House) -> None:
    """A Region is lost when people say so."""
    found = house.crew.installation.catalog[NAME]
    assert (found.triggers, found.risk, found.deadline) == ((), "data-loss", timedelta(hours=4))


def test_a_run_holds_the_global_cluster_too(house: House) -> None:
    run, _ = through(a_world(house))
    (held,) = [fact["held"] for fact in house.facts(run) if "held" in fact and "require" not in fact]
    assert held[0].startswith(f"arn:aws:rds::{ACCOUNT}:global-cluster:far-")
