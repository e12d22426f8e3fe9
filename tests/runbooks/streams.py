"""Kinesis data streams, for the tests of runbooks that split and merge their shards."""

import itertools

from tests.house import House

_numbers = itertools.count(1)


def a_stream(house: House, shards: int = 2, mode: str = "PROVISIONED") -> str:
    """A stream of a test's own."""
    name = f"clicks-{next(_numbers)}"
    given = {"ShardCount": shards} if mode == "PROVISIONED" else {}
    house.crew.client("kinesis").create_stream(StreamName=name, StreamModeDetails={"StreamMode": mode}, **given)
    # Only the first look says "CREATING".
    house.crew.client("kinesis").describe_stream(StreamName=name)
    return name


def shards(house: House, stream: str) -> int:
    """How many open ones it has, in the cloud itself."""
    found = house.crew.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    return int(found["OpenShardCount"])
