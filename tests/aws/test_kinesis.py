"""Kinesis: answers in AWS's shapes, and what is read out of them."""

from datetime import UTC, datetime
from typing import get_args

from nightcrew.aws.arns import ResourceName
from nightcrew.aws.kinesis import CARRIES, StreamName, busiest_second, carried, room, summary, throttled

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_a_stream_is_cut_down_to_what_decides() -> None:
    """Streams from before there were modes have none: they are provisioned."""
    found = {"StreamStatus": "UPDATING", "OpenShardCount": 4}
    assert summary({"StreamDescriptionSummary": found}) == {"status": "UPDATING", "mode": "PROVISIONED", "shards": 4}
    on_demand = {**found, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    assert summary({"StreamDescriptionSummary": on_demand})["mode"] == "ON_DEMAND"


def test_the_room_is_what_the_limit_leaves() -> None:
    assert room({"ShardLimit": 500, "OpenShardCount": 480}) == 20


def test_throttles_are_asked_of_the_stream() -> None:
    call = throttled("clicks", "Write", NOW)
    assert call.parameters["MetricName"] == "WriteProvisionedThroughputExceeded"
    assert call.parameters["Dimensions"] == [{"Name": "StreamName", "Value": "clicks"}]


def test_the_busiest_minute_of_an_hour_counts_and_no_figure_is_nothing() -> None:
    call = carried("clicks", "IncomingBytes", NOW)
    assert (call.parameters["EndTime"] - call.parameters["StartTime"]).total_seconds() == 3600
    assert busiest_second({"Datapoints": [{"Sum": 60.0}, {"Sum": 180.0}]}) == 3
    assert busiest_second({"Datapoints": []}) == 0
    assert CARRIES == {"IncomingBytes": 1048576, "IncomingRecords": 1000, "GetRecords.Bytes": 2097152}


def test_a_stream_is_named_by_its_arn_and_its_tags_are_looked_up() -> None:
    marker = get_args(StreamName)[1]
    assert isinstance(marker, ResourceName)
    arn = marker.arn("clicks", account="123456789012", region="eu-west-1")
    assert arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
    assert marker.lookup is not None
    assert marker.lookup.read({"Tags": [{"Key": "team", "Value": "web"}]}).tags == {"team": "web"}
