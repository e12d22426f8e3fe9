"""The two tables and their indexes, as CreateTable takes them.

What protects them (encryption, point-in-time recovery, deletion protection) is the template's business; a test holds
the template against this.
"""

from typing import Any

from nightcrew.ledger import cases
from nightcrew.ledger.rows import SHOWN
from nightcrew.ledger.store import Tables

EXPIRES = "expires"  # the state table's time-to-live attribute: seconds since 1970
HISTORY_INDEXES = {"by_resource": "resource", "by_runbook": "runbook", "by_symptom": "symptom", "by_week": "week"}
LEDGER_INDEXES = HISTORY_INDEXES | cases.INDEXES


def definitions(tables: Tables | None = None) -> list[dict[str, Any]]:
    """The parameters of CreateTable, for the ledger and for the state."""
    names = tables or Tables()
    return [_ledger(names.ledger), _state(names.state)]


def create(client: Any, tables: Tables | None = None) -> None:
    """Make both tables and wait until they can be used: for the demo and for tests."""
    for definition in definitions(tables):
        client.create_table(**definition)
        client.get_waiter("table_exists").wait(TableName=definition["TableName"])
    client.update_time_to_live(
        TableName=(tables or Tables()).state,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES},
    )


def _ledger(name: str) -> dict[str, Any]:
    """Entries by (run, number). Of a run only its ending carries the attributes of the indexes, so that an index holds
    it once; those of the cases are on closings of runs that were carried out.
    """
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys("run", "number"),
        "AttributeDefinitions": _types(number="N", run="S", ended="S", **dict.fromkeys(LEDGER_INDEXES.values(), "S")),
        "GlobalSecondaryIndexes": [
            _index(index, partition, "ended", [shown for shown in _shown(index) if shown != partition])
            for index, partition in LEDGER_INDEXES.items()
        ],
    }


def _state(name: str) -> dict[str, Any]:
    """Locks, claims, budgets, counters and halts by key. Only a held lock of a run's own resource carries ``open``."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys("key"),
        "AttributeDefinitions": _types(key="S", open="S", lease="S"),
        "GlobalSecondaryIndexes": [
            _index("open", "open", "lease", ["owner", "runbook", "symptom", "actor", "started"])
        ],
    }


def _shown(index: str) -> tuple[str, ...]:
    return SHOWN if index in HISTORY_INDEXES else cases.SHOWN


def _index(name: str, partition: str, sort: str, shown: list[str]) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _keys(partition, sort),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": shown},
    }


def _keys(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return keys if sort is None else [*keys, {"AttributeName": sort, "KeyType": "RANGE"}]


def _types(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": types[name]} for name in sorted(types)]
