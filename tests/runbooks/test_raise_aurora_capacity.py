"""raise-aurora-capacity: what it promises at night.

States: Aurora user guide, "Viewing DB cluster status". Errors: RDS API reference, ModifyDBCluster.
"""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import Event, about_rds
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.serverless import a_serverless_cluster, alter, between, figures

NAME = "raise-aurora-capacity"
MODIFY = "rds:ModifyDBCluster"


def start(house: House, cluster: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, **{"cluster": cluster, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, a_serverless_cluster(house))[1]["outcome"] == "succeeded"


def test_it_raises_the_maximum_alone_and_proves_that_it_is_less_full(house: House) -> None:
    figures(house, 97, 65)
    cluster = a_serverless_cluster(house)
    run, ended = start(house, cluster)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert between(house, cluster) == (0.5, 12)
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "it is available with 12.0 ACU at most",
        "less than 80 % are in use, where CloudWatch knows",
    ]


def test_it_waits_until_the_cluster_is_available_again(house: House) -> None:
    alter(house, since_the_change=True, looks=2, Status="modifying")
    run, ended = start(house, a_serverless_cluster(house))
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if "waited" in fact] == [3]


def test_when_it_pauses_stays_as_it_was(house: House) -> None:
    pausing = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600}
    alter(house, looks=1, ServerlessV2ScalingConfiguration=pausing)
    # The lookup of what contains it is the first look.
    alter(house, looks=2, ServerlessV2ScalingConfiguration=pausing)
    start(house, a_serverless_cluster(house))
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert sent["ServerlessV2ScalingConfiguration"] == {**pausing, "MaxCapacity": 12.0}


def test_the_old_maximum_is_put_back_later(house: House) -> None:
    cluster = a_serverless_cluster(house)
    run, _ = start(house, cluster, keep="2h")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert runbook == "put-back-aurora-capacity"
    assert parameters == {"cluster": cluster, "capacity_before": 8.0, "raised": 12.0}
    house.crew.installation.clock.sleep(after.total_seconds())
    assert timedelta(hours=1) < after <= timedelta(hours=2)
    assert house.start(runbook, **parameters, within="1m")[1]["outcome"] == "succeeded"
    assert between(house, cluster) == (0.5, 8)


@pytest.mark.parametrize(
    ("largest", "given", "wanted"),
    [(1, {"percent": 1}, 1.5), (5, {"percent": 33}, 6.5), (8, {"percent": 900, "at_most": 10.9}, 10.5)],
    ids=["one half at least", "in halves", "not above at_most"],
)
def test_the_step_is_bounded(house: House, largest: float, given: dict[str, float], wanted: float) -> None:
    cluster = a_serverless_cluster(house, largest)
    assert start(house, cluster, **given)[1]["outcome"] == "succeeded"
    assert between(house, cluster) == (0.5, wanted)


def test_a_plan_changes_nothing_and_shows_both_maxima(house: House) -> None:
    cluster = a_serverless_cluster(house)
    planned = house.plan(NAME, cluster=cluster)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    maxima = [each["parameters"]["ServerlessV2ScalingConfiguration"]["MaxCapacity"] for each in (line, line["undo"])]
    assert maxima == [12, 8]
    assert line["parameters"]["ApplyImmediately"]
    assert house.scripted.changes() == []


def not_applicable(house: House, cluster: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, cluster, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the cluster")


def test_a_cluster_that_is_not_serverless_is_left_alone(house: House) -> None:
    """Of both kinds: without a maximum, and with one that no instance uses."""
    not_applicable(house, a_cluster(house, zones="a"), "it is Serverless v2")
    not_applicable(house, a_serverless_cluster(house, kind="db.r6g.large"), "an instance of it is db.serverless")


def test_a_cluster_that_has_room_is_left_alone(house: House) -> None:
    """Healthy again, or never ill."""
    figures(house, 79.9)
    not_applicable(house, a_serverless_cluster(house), "it is at 80 % of its maximum")


def test_a_cluster_at_the_cap_is_left_alone(house: House) -> None:
    not_applicable(house, a_serverless_cluster(house), "is below at_most (8.0)", at_most=8)
    not_applicable(house, a_serverless_cluster(house, 256), "is below at_most (256.0)", at_most=1000)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ({"Status": "modifying"}, "it is available"),
        ({"PendingModifiedValues": {"EngineVersion": "8.0"}}, "no other change of it is pending"),
    ],
    ids=["busy", "pending"],
)
def test_a_cluster_in_another_state_is_left_alone(house: House, shown: dict[str, Any], why: str) -> None:
    alter(house, **shown)
    not_applicable(house, a_serverless_cluster(house), why)


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    cluster = a_serverless_cluster(house)
    house.scripted.answer("rds", "ModifyDBCluster", Refusal("InvalidDBClusterStateFault"))
    run, ended = start(house, cluster)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidDBClusterStateFault"
    assert "undone" not in house.closing(run)
    assert between(house, cluster) == (0.5, 8)


def test_a_maximum_that_does_not_show_in_time_is_put_back(house: House) -> None:
    """The deadline passed."""
    cluster = a_serverless_cluster(house)
    alter(house, since_the_change=True, Status="modifying")
    run, ended = start(house, cluster)
    assert ended["outcome"] == "failed"
    assert "it may have 12.0 ACU: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["raise its maximum from 8.0 to 12.0 ACU"]
    assert house.scripted.changes() == [MODIFY] * 2
    assert between(house, cluster) == (0.5, 8)


def test_a_cluster_that_is_as_busy_with_more_is_no_cure_and_keeps_it(house: House) -> None:
    """What it needs may be more than that: taking it away would make things worse."""
    figures(house, 97)
    cluster = a_serverless_cluster(house)
    _, ended = start(house, cluster)
    assert ended["outcome"] == "ineffective"
    assert "no proof that less than 80 % are in use" in ended["words"]
    assert between(house, cluster) == (0.5, 12)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("rds", "ModifyDBCluster")
    run, ended = start(house, a_serverless_cluster(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [MODIFY]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


@pytest.mark.parametrize("metric", ["ACUUtilization", "ServerlessDatabaseCapacity"])
def test_the_clusters_alarms_find_it(house: House, event: Event, metric: str) -> None:
    cluster = a_serverless_cluster(house)
    sent = house.alarmed(about_rds(event("asg-cpu-high"), metric), {"DBClusterIdentifier": cluster})
    answer, ended = house.crew.event(sent)
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    assert between(house, cluster) == (0.5, 12)
