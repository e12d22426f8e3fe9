"""moto's transactions where only what they name is copied: they still happen whole or not at all."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.ledger.store import client_config

VALUE = "SET deep[0] = :nine ADD few :more"
GIVEN = {":nine": {"N": "9"}, ":more": {"SS": ["y"]}}


def key(name: str, *keys: str) -> dict[str, Any]:
    """An item's key."""
    return {each: {"S": name} for each in keys}


@pytest.fixture(params=[("hash",), ("hash", "range")], ids="-and-".join)
def keys(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What the table's key consists of."""
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture
def table(clients: ClientMaker, keys: tuple[str, ...]) -> tuple[Any, str]:
    """A client, and a table with two items."""
    client, name = clients("dynamodb", client_config()), f"transactions-{len(keys)}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": each, "KeyType": each.upper()} for each in keys],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    for each in ("changed", "deleted"):
        client.put_item(TableName=name, Item=key(each, *keys) | {"deep": {"L": [{"N": "1"}]}, "few": {"SS": ["x"]}})
    return client, name


def test_a_transaction_that_is_refused_leaves_every_item_as_it_was(
    table: tuple[Any, str], keys: tuple[str, ...]
) -> None:
    """Also what is deep in an item, what was deleted, and what was put; one that is not refused does all of it.

    And a backup keeps what was there when it was taken.
    """
    client, name = table

    def items(of: str = name) -> list[Any]:
        listed: list[Any] = client.scan(TableName=of)["Items"]
        return listed

    update = {"Key": key("changed", *keys), "UpdateExpression": VALUE, "ExpressionAttributeValues": GIVEN}
    writes = [
        {"Update": {"TableName": name, **update}},
        {"Delete": {"TableName": name, "Key": key("deleted", *keys)}},
        {"Put": {"TableName": name, "Item": key("put", *keys)}},
    ]
    missing = {"Key": key("missing", *keys), "ConditionExpression": "attribute_exists(#h)"}
    check = {"ConditionCheck": {"TableName": name, **missing, "ExpressionAttributeNames": {"#h": "hash"}}}
    before = items()
    kept = client.create_backup(TableName=name, BackupName="before")["BackupDetails"]["BackupArn"]
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        client.transact_write_items(TransactItems=[*writes, check])
    assert items() == before
    client.transact_write_items(TransactItems=writes)
    changed = {"deep": {"L": [{"N": "9"}]}, "few": {"SS": ["x", "y"]}}
    assert items() == [key("changed", *keys) | changed, key("put", *keys)]
    client.restore_table_from_backup(TargetTableName=f"{name}-again", BackupArn=kept)
    assert items(f"{name}-again") == before
