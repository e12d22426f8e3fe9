"""A stream that throttles writes, split by hand: no event of `events/` is about it."""

from datetime import timedelta
from typing import Any

from nightcrew.clock import SystemClock
from tests.kill.scenario import Arranging, Scenario, Start

STREAM = "clicks"


def arrange(cloud: Arranging) -> Start:
    cloud.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    # Only the first look says "CREATING".
    cloud.client("kinesis").describe_stream(StreamName=STREAM)
    throttled = {
        "MetricName": "WriteProvisionedThroughputExceeded",
        "Dimensions": [{"Name": "StreamName", "Value": STREAM}],
        "Timestamp": SystemClock().now() - timedelta(minutes=2),
        "Value": 7.0,
    }
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/Kinesis", MetricData=[throttled])
    return Start(parameters={"stream": STREAM})


def afterwards(cloud: Arranging) -> Any:
    return cloud.client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"][
        "OpenShardCount"
    ]


SCENARIO = Scenario("split-kinesis-shards", arrange, afterwards, "succeeded")
