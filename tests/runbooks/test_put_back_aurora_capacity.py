"""put-back-aurora-capacity: what it promises when the load is gone."""

from typing import Any

import pytest

from nightcrew.admission.cancelling import cancel
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.serverless import a_serverless_cluster, alter, between, figures

NAME = "put-back-aurora-capacity"
MODIFY = "rds:ModifyDBCluster"


@pytest.fixture
def cluster(house: House) -> str:
    """A cluster with the twelve ACU that a run left."""
    return a_serverless_cluster(house, 12)


def start(house: House, cluster: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, **{"cluster": cluster, "capacity_before": 8, "raised": 12, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, a_serverless_cluster(house, 12))[1]["outcome"] == "succeeded"


def test_it_sets_the_old_maximum_again(house: House, cluster: str) -> None:
    figures(house, 5.5)
    alter(house, since_the_change=True, looks=2, Status="modifying")
    run, ended = start(house, cluster)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert between(house, cluster) == (0.5, 8)
    assert [(fact["proved"], fact["tries"]) for fact in house.facts(run) if "proved" in fact] == [
        ("it is available with 8.0 ACU at most", 3)
    ]


def test_a_plan_changes_nothing_and_shows_both_maxima(house: House, cluster: str) -> None:
    planned = house.plan(NAME, cluster=cluster, capacity_before=8, raised=12)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    maxima = [each["parameters"]["ServerlessV2ScalingConfiguration"]["MaxCapacity"] for each in (line, line["undo"])]
    assert maxima == [8, 12]
    assert house.scripted.changes() == []


def not_applicable(house: House, cluster: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, cluster, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


def test_one_that_is_gone_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the cluster")


@pytest.mark.parametrize("now", [8, 16], ids=["it is put back already", "somebody raised it more"])
def test_a_maximum_that_somebody_changed_is_left_alone(house: House, now: float) -> None:
    not_applicable(house, a_serverless_cluster(house, now), "its maximum is still 12.0")


def test_what_is_no_way_back_is_left_alone(house: House, cluster: str) -> None:
    not_applicable(house, a_cluster(house, zones="a"), "its maximum is still 12.0")
    not_applicable(house, cluster, "12.0 is less than 12.0", capacity_before=12)
    alter(house, ServerlessV2ScalingConfiguration={"MinCapacity": 10.0, "MaxCapacity": 12.0})
    not_applicable(house, cluster, "its minimum is 8.0 at most")


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ({"Status": "modifying"}, "it is available"),
        ({"PendingModifiedValues": {"EngineVersion": "8.0"}}, "no other change of it is pending"),
    ],
    ids=["busy", "pending"],
)
def test_a_cluster_in_another_state_is_left_alone(house: House, cluster: str, shown: dict[str, Any], why: str) -> None:
    alter(house, **shown)
    not_applicable(house, cluster, why)


def test_while_it_has_more_than_it_would_need_it_waits_six_hours_more(house: House, cluster: str) -> None:
    figures(house, 6)
    run = not_applicable(house, cluster, "it has 70 % of 8.0 ACU at most (6)")
    ((runbook, parameters, _),) = left_for_later(house, run)
    assert (runbook, parameters["busy"]) == (NAME, 70)
    assert house.crew.installation.catalog[NAME].form.validate(parameters)["raised"] == 12


def test_a_refused_change_leaves_nothing_to_undo(house: House, cluster: str) -> None:
    """Errors of ModifyDBCluster, RDS API reference."""
    house.scripted.answer("rds", "ModifyDBCluster", Refusal("InvalidDBClusterStateFault"))
    run, ended = start(house, cluster)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)
    assert between(house, cluster) == (0.5, 12)


def test_one_that_is_not_through_in_time_is_no_proof(house: House, cluster: str) -> None:
    alter(house, since_the_change=True, Status="modifying")
    assert start(house, cluster)[1]["outcome"] == "ineffective"
    assert house.scripted.changes() == [MODIFY]


def test_a_cancelled_run_sets_the_higher_maximum_again(house: House, cluster: str) -> None:
    def wish(_: Any, __: Any) -> None:
        run = next(what["run"] for _, what in reversed(house.told) if "run" in what)
        cancel(house.crew.store, run, by="bob", reason="wait", now=house.crew.installation.clock.now())

    house.scripted.after("rds", "ModifyDBCluster", wish)
    run, ended = start(house, cluster)
    assert ended["outcome"] == "cancelled"
    assert house.closing(run)["undone"] == ["put its maximum back to 8.0 ACU"]
    assert between(house, cluster) == (0.5, 12)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, cluster: str) -> None:
    house.scripted.lose_reply("rds", "ModifyDBCluster")
    run, ended = start(house, cluster)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    assert house.crew.installation.catalog[NAME].triggers == ()
