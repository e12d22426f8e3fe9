"""What a table or an index may take: answers in AWS's shapes, and the calls that set it."""

from typing import Any

import pytest

from nightcrew.aws.dynamodb_throughput import peak, scales_between, targets, throughput, update
from nightcrew.errors import Unknown


def answer(mode: str = "PROVISIONED", **more: Any) -> dict[str, Any]:
    """A DescribeTable answer about a table with an index."""
    units = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 4} if mode == "PROVISIONED" else {"ReadCapacityUnits": 0}
    index = {"IndexName": "by-day", "IndexStatus": "ACTIVE", "KeySchema": [], "ProvisionedThroughput": units}
    local = {"IndexName": "by-size", "KeySchema": []}
    found = {"TableName": "orders", "TableArn": "arn", "TableStatus": "ACTIVE", "ProvisionedThroughput": units}
    return {"Table": {**found, "GlobalSecondaryIndexes": [index], "LocalSecondaryIndexes": [local], **more}}


@pytest.mark.parametrize("index", ["", "by-day"])
def test_the_table_and_its_index_have_units_of_their_own(index: str) -> None:
    assert throughput(answer(), index) == {"ready": True, "kind": "provisioned", "read": 10, "write": 4}


@pytest.mark.parametrize("index", ["by-night", "by-size"])
def test_an_index_that_is_not_there_or_has_no_capacity_is_unknown(index: str) -> None:
    """A local one shares the table's."""
    with pytest.raises(Unknown, match=index):
        throughput(answer(), index)


def test_on_demand_a_maximum_counts_and_a_side_without_one_is_none() -> None:
    maximum = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1}
    found = throughput(answer("PAY_PER_REQUEST", OnDemandThroughput=maximum))
    assert (found["kind"], found["read"], found["write"]) == ("maximum", 100, -1)
    assert throughput(answer("PAY_PER_REQUEST"))["kind"] is None


def test_an_index_that_is_being_changed_holds_up_the_table() -> None:
    busy = answer()
    busy["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] = "UPDATING"
    assert throughput(busy)["ready"] is False


@pytest.mark.parametrize(
    ("kind", "member", "words"),
    [
        ("provisioned", "ProvisionedThroughput", ("ReadCapacityUnits", "WriteCapacityUnits")),
        ("maximum", "OnDemandThroughput", ("MaxReadRequestUnits", "MaxWriteRequestUnits")),
    ],
)
def test_both_sides_are_set_in_one_call(kind: str, member: str, words: tuple[str, str]) -> None:
    units = {member: dict(zip(words, (10, 4), strict=True))}
    assert update("orders", "", kind, {"read": 10, "write": 4}).parameters == {"TableName": "orders", **units}
    (of_index,) = update("orders", "by-day", kind, {"read": 10, "write": 4}).parameters["GlobalSecondaryIndexUpdates"]
    assert of_index == {"Update": {"IndexName": "by-day", **units}}


def test_what_scales_is_known_by_side() -> None:
    target = {
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
        "MinCapacity": 5,
        "MaxCapacity": 50,
    }
    seen = {"ScalableTargets": [target]}
    assert list(targets(seen)) == ["write"]
    assert scales_between("write", 5, 50, seen)
    assert not scales_between("write", 6, 50, seen)
    assert not scales_between("read", 5, 50, seen)


def test_the_peak_is_units_a_second_in_the_busiest_minute() -> None:
    """Nothing consumed is no figure at all."""
    assert peak({"Datapoints": [{"Sum": 60.0}, {"Sum": 300.0}]}) == 5.0
    assert peak({"Datapoints": []}) == 0.0
