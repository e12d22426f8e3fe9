"""Aurora Serverless v2: answers in AWS's shapes, and what is read out of them."""

import pytest

from nightcrew.aws.rds_serverless import capacity, half_steps, scale_to, settled_at
from nightcrew.errors import Unknown


def test_a_cluster_is_cut_down_to_what_decides() -> None:
    between = {"MinCapacity": 0.5, "MaxCapacity": 8.0}
    found = {"Status": "available", "ServerlessV2ScalingConfiguration": between}
    told = {"status": "available", "min": 0.5, "max": 8.0, "pause": None, "pending": []}
    assert capacity({"DBClusters": [found]}) == told
    more = {**found, "PendingModifiedValues": {"EngineVersion": "8.0"}}
    assert capacity({"DBClusters": [more]})["pending"] == ["EngineVersion"]
    assert capacity({"DBClusters": [{"Status": "available"}]})["max"] is None
    with pytest.raises(Unknown):
        capacity({"DBClusters": []})


def test_only_the_maximum_is_set() -> None:
    before = {"min": 0.0, "max": 8.0, "pause": 600}
    asked = scale_to("shop", before, 12.0).parameters["ServerlessV2ScalingConfiguration"]
    assert asked == {"MinCapacity": 0.0, "MaxCapacity": 12.0, "SecondsUntilAutoPause": 600}
    asked = scale_to("shop", {**before, "pause": None}, 12.0).parameters["ServerlessV2ScalingConfiguration"]
    assert asked == {"MinCapacity": 0.0, "MaxCapacity": 12.0}


@pytest.mark.parametrize(("units", "steps"), [(6.65, 6.5), (6.5, 6.5), (1.0, 1.0), (0.4, 0.0)])
def test_units_come_in_halves(units: float, steps: float) -> None:
    assert half_steps(units) == steps


def test_a_cluster_that_is_being_modified_has_not_settled() -> None:
    assert settled_at(8.0, {"max": 8.0, "status": "available"})
    assert not settled_at(8.0, {"max": 8.0, "status": "modifying"})
    assert not settled_at(8.0, {"max": 12.0, "status": "available"})
