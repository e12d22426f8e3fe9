"""The tables have an index for each question, and an index item is small."""

from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.schema import definitions
from nightcrew.ledger.store import Tables

PAGE = 20
HALF_READ_UNIT = 4096  # bytes: what half a unit reads, eventually consistent


def test_both_tables_are_on_demand_under_the_names_given() -> None:
    ledger, state = definitions(Tables("a", "b"))
    assert (ledger["TableName"], state["TableName"]) == ("a", "b")
    assert {table["BillingMode"] for table in (ledger, state)} == {"PAY_PER_REQUEST"}


def test_the_cloud_makes_them_as_they_are_defined(client: Any, tables: Tables) -> None:
    for definition in definitions(tables):
        table = client.describe_table(TableName=definition["TableName"])["Table"]
        assert table["KeySchema"] == definition["KeySchema"]
        made = [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in table["GlobalSecondaryIndexes"]
        ]
        assert made == definition["GlobalSecondaryIndexes"]


def test_state_items_may_expire(client: Any, tables: Tables) -> None:
    ttl = client.describe_time_to_live(TableName=tables.state)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


def size(value: Any) -> int:
    """As DynamoDB counts: UTF-8 bytes, and a byte for two digits of a number."""
    return len(value.encode()) if isinstance(value, str) else len(str(value)) // 2 + 1


@pytest.mark.parametrize("index", definitions()[0]["GlobalSecondaryIndexes"], ids=lambda index: index["IndexName"])
def test_a_page_of_20_runs_costs_one_read_unit_at_most(index: dict[str, Any], clock: StoppedClock) -> None:
    body = {
        "runbook": "restart-ec2-instance",
        "resource": "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0",
        "symptom": "AWS/EC2:StatusCheckFailed_Instance:high",
        "outcome": "not_applicable",
        "started": "2026-11-21T02:47:00.000Z",
        "actor": "arn:aws:sts::123456789012:assumed-role/operator/anna",
        "words": "an Auto Scaling group owns it, which replaces the instance by itself",
    }
    item = Entry("20261121-024700-k3f9qa", 12, "closing", clock.now(), body, "ab" * 32).to_item()
    keys = {key["AttributeName"] for key in index["KeySchema"]} | {"run", "number"}
    held = keys | set(index["Projection"]["NonKeyAttributes"])
    bytes_ = sum(len(name) + size(item[name]) for name in held & item.keys())
    assert bytes_ < 350
    assert bytes_ * (PAGE + 1) <= 2 * HALF_READ_UNIT
