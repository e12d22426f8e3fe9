"""Aurora global clusters: what is read from their answers."""

from typing import Any

import pytest

from nightcrew.aws.rds_global import global_cluster, member, moves_to, region_of, under_way, written_by
from nightcrew.errors import Unknown

HERE, THERE = (f"arn:aws:rds:{region}:123456789012:cluster:shop" for region in ("eu-west-1", "us-east-1"))


def answer(writer: str, **more: Any) -> dict[str, Any]:
    """A DescribeGlobalClusters answer."""
    members = [{"DBClusterArn": each, "IsWriter": each == writer} for each in (HERE, THERE)]
    return {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": members, **more}]}


def test_it_has_one_writer_and_its_members() -> None:
    seen = global_cluster(answer(THERE))
    assert (seen["writer"], seen["members"], seen["moving"]) == (THERE, [HERE, THERE], None)


def test_what_moves_is_not_yet_written_by_anybody_for_sure() -> None:
    moving = answer(HERE, FailoverState={"Status": "failing-over", "ToDbClusterArn": HERE})
    assert not written_by(HERE)(global_cluster(moving))
    assert written_by(HERE)(global_cluster(answer(HERE)))
    assert not written_by(HERE)(global_cluster(answer(THERE)))


@pytest.mark.parametrize(
    ("seen", "moves"),
    [
        (answer(HERE), True),
        (answer(THERE, FailoverState={"Status": "pending", "ToDbClusterArn": HERE}), True),
        (answer(THERE), False),
        (answer(THERE, FailoverState={}), False),
    ],
)
def test_a_failover_has_taken_effect_once_it_is_on_its_way(seen: Any, moves: bool) -> None:
    assert moves_to(HERE)(seen) is moves


def test_a_member_that_must_synchronise_anew_is_apart() -> None:
    """One that says nothing of it is not (API reference, GlobalClusterMember)."""
    seen = answer(HERE)
    seen["GlobalClusters"][0]["GlobalClusterMembers"][1]["SynchronizationStatus"] = "pending-resync"
    assert global_cluster(seen)["apart"] == [THERE]
    assert global_cluster(answer(HERE))["apart"] == []


def test_the_answer_says_how_far_it_has_come() -> None:
    assert under_way({"GlobalCluster": {"FailoverState": {"Status": "pending"}}}) == {"moving": "pending"}
    assert under_way({"GlobalCluster": {}}) == {"moving": None}


def test_what_is_not_there_is_unknown() -> None:
    with pytest.raises(Unknown):
        global_cluster({"GlobalClusters": []})
    with pytest.raises(Unknown):
        member({"DBClusters": []})


def test_a_cluster_that_is_no_member_has_no_global_cluster() -> None:
    found = {"DBClusterArn": HERE, "Status": "available", "DBClusterMembers": []}
    seen = member({"DBClusters": [found]})
    assert (seen["global"], seen["instances"], seen["writer"]) == (None, 0, None)


def test_a_region_stands_in_the_arn() -> None:
    assert region_of(THERE) == "us-east-1"
