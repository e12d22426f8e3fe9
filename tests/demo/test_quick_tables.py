"""moto's tables where a request looks at what it asks for: they answer as they do where it looks at everything."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from nightcrew.aws.cloud import ClientMaker
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.ledger.store import client_config

NAME = "quick-tables"


@pytest.fixture(scope="module")
def client(clients: ClientMaker) -> Iterator[Any]:
    """Of a table with nine items in three partitions, every other one of them in an index."""
    client = clients("dynamodb", client_config())
    client.create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "run", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "run", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "kind", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "kinds",
                "KeySchema": [
                    {"AttributeName": "kind", "KeyType": "HASH"},
                    {"AttributeName": "number", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for place in range(9):
        item = {"run": {"S": f"run-{place % 3}"}, "number": {"N": str(11 - place)}}
        client.put_item(TableName=NAME, Item=item | ({"kind": {"S": "even"}} if place % 2 == 0 else {}))
    yield client
    client.delete_table(TableName=NAME)


def numbers(client: Any, key: str, value: str, **more: Any) -> list[int]:
    """The numbers of what a query finds, in its order, page by page."""
    found: list[int] = []
    asked = {
        "TableName": NAME,
        "KeyConditionExpression": f"{key} = :v",
        "ExpressionAttributeValues": {":v": {"S": value}},
    }
    for page in client.get_paginator("query").paginate(**asked, **more):
        found += [int(item["number"]["N"]) for item in page["Items"]]
    return found


@pytest.mark.parametrize("more", [{}, {"Limit": 1}], ids=["at once", "page by page"])
def test_a_query_finds_its_partition_in_order(client: Any, more: dict[str, Any]) -> None:
    """From either end; and nothing where there is nothing, which a look does not change."""
    assert numbers(client, "run", "run-1", **more) == [4, 7, 10]
    assert numbers(client, "run", "run-1", ScanIndexForward=False, **more) == [10, 7, 4]
    assert numbers(client, "run", "run-9", **more) == []
    assert numbers(client, "kind", "even", IndexName="kinds", **more) == [3, 5, 7, 9, 11]
    assert numbers(client, "kind", "odd", IndexName="kinds", **more) == []
    assert len(dynamodb_backends[ACCOUNT][REGION].get_table(NAME).items) == 3


def test_the_same_words_with_other_values_are_read_anew(client: Any) -> None:
    """An update, and the condition of one, mean what they are given each time."""
    key = {"run": {"S": "run-0"}, "number": {"N": "11"}}
    asked = {"UpdateExpression": "SET seen = if_not_exists(seen, :none) + :more", "ConditionExpression": "seen < :most"}
    client.update_item(TableName=NAME, Key=key, UpdateExpression="SET seen = :v", ExpressionAttributeValues=of(v=0))
    for more, most in ((1, 1), (2, 2), (3, 4)):
        client.update_item(TableName=NAME, Key=key, ExpressionAttributeValues=of(none=0, more=more, most=most), **asked)
    assert client.get_item(TableName=NAME, Key=key)["Item"]["seen"] == {"N": "6"}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.update_item(TableName=NAME, Key=key, ExpressionAttributeValues=of(none=0, more=3, most=4), **asked)


def test_an_update_that_says_something_twice_is_refused(client: Any) -> None:
    """Each clause stands once in an update (DynamoDB developer guide, "Update expressions")."""
    key = {"run": {"S": "run-0"}, "number": {"N": "11"}}
    for words in ("SET a = :v SET b = :v", "SET a = :v, a = :v", "REMOVE a REMOVE b SET c = :v"):
        with pytest.raises(client.exceptions.ClientError, match="ValidationException"):
            client.update_item(TableName=NAME, Key=key, UpdateExpression=words, ExpressionAttributeValues=of(v=1))


def of(**values: int) -> dict[str, Any]:
    """Values of an expression."""
    return {f":{name}": {"N": str(value)} for name, value in values.items()}
