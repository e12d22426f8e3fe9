"""What moto lacks about DynamoDB tables, answered as AWS would where nothing goes wrong.

moto 5.2.5 knows no Contributor Insights and no Kinesis destinations, and a restored table loses its billing mode and
its encryption, which AWS keeps. What takes its time on AWS is there at once.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler


@contextmanager
def whole_tables() -> Iterator[None]:
    """For as long as the block lasts, moto's tables have Contributor Insights, Kinesis destinations, and whole
    restores.
    """
    ordinary = DynamoDBBackend.restore_table_to_point_in_time

    def restore(self: DynamoDBBackend, target_table_name: str, source_table_name: str) -> Any:
        made = ordinary(self, target_table_name, source_table_name)
        source = self.get_table(source_table_name)
        made.billing_mode, made.sse_specification = source.billing_mode, source.sse_specification
        return made

    more = {
        "list_contributor_insights": _list_insights,
        "update_contributor_insights": _update_insights,
        "describe_kinesis_streaming_destination": _describe_destinations,
        "enable_kinesis_streaming_destination": _enable_destination,
    }
    with ExitStack() as stack:
        for name, method in more.items():
            stack.enter_context(patch.object(DynamoHandler, name, method, create=True))
        stack.enter_context(patch.object(DynamoDBBackend, "restore_table_to_point_in_time", restore))
        yield


def _list_insights(self: DynamoHandler) -> ActionResult:
    return ActionResult({"ContributorInsightsSummaries": list(_kept(self, "insights").values())})


def _update_insights(self: DynamoHandler) -> ActionResult:
    index, on = self.body.get("IndexName"), self.body["ContributorInsightsAction"] == "ENABLE"
    summary = {
        "TableName": self.body["TableName"],
        "IndexName": index,
        "ContributorInsightsStatus": "ENABLED" if on else "DISABLED",
        "ContributorInsightsMode": self.body.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS"),
    }
    _kept(self, "insights")[index] = summary
    return ActionResult(summary)


def _describe_destinations(self: DynamoHandler) -> ActionResult:
    listed = list(_kept(self, "destinations").values())
    return ActionResult({"TableName": self.body["TableName"], "KinesisDataStreamDestinations": listed})


def _enable_destination(self: DynamoHandler) -> ActionResult:
    stream = self.body["StreamArn"]
    asked = self.body.get("EnableKinesisStreamingConfiguration") or {}
    precision = asked.get("ApproximateCreationDateTimePrecision", "MILLISECOND")
    _kept(self, "destinations")[stream] = {
        "StreamArn": stream,
        "DestinationStatus": "ACTIVE",
        "ApproximateCreationDateTimePrecision": precision,
    }
    return ActionResult({"TableName": self.body["TableName"], "StreamArn": stream, "DestinationStatus": "ENABLING"})


def _kept(self: DynamoHandler, what: str) -> dict[Any, dict[str, Any]]:
    """What is kept beside the table, on the table itself: it goes when the table goes."""
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    kept: dict[Any, dict[str, Any]] = vars(table).setdefault(f"nightcrew_{what}", {})
    return kept
