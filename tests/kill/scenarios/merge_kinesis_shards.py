"""A stream with the four shards that a run made of two, and a person who puts two back."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

STREAM = "clicks"


def arrange(cloud: Arranging) -> Start:
    cloud.client("kinesis").create_stream(StreamName=STREAM, ShardCount=4)
    # Only the first look says "CREATING".
    cloud.client("kinesis").describe_stream(StreamName=STREAM)
    return Start(parameters={"stream": STREAM, "shards": 2, "raised": 4})


def afterwards(cloud: Arranging) -> Any:
    return cloud.client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"][
        "OpenShardCount"
    ]


SCENARIO = Scenario("merge-kinesis-shards", arrange, afterwards, "succeeded")
