"""split-kinesis-shards: what it promises at night."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.streams import a_stream, shards
from tests.runbooks.throughputs import figures, seen_by_cloudwatch

NAME = "split-kinesis-shards"
UPDATE = "kinesis:UpdateShardCount"
WRITES = "WriteProvisionedThroughputExceeded"


def start(house: House, stream: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run on a stream that throttles writes."""
    figures(house, **{WRITES: 12})
    return house.start(NAME, **{"stream": stream, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    stream = a_stream(house)
    seen_by_cloudwatch(house, "AWS/Kinesis", WRITES, {"StreamName": stream})
    assert house.start(NAME, stream=stream)[1]["outcome"] == "succeeded"


def updating(house: House, looks: int) -> None:
    """After the change the stream is UPDATING for so many looks, with the old shards (API reference,
    UpdateShardCount).
    """
    left = [looks]

    def busy(_: Any, answer: dict[str, Any]) -> None:
        if left[0] and house.scripted.changes():
            left[0] -= 1
            answer["StreamDescriptionSummary"] |= {"StreamStatus": "UPDATING", "OpenShardCount": 2}

    house.scripted.after("kinesis", "DescribeStreamSummary", busy)


def test_it_doubles_the_shards_and_proves_that_they_are_there(house: House) -> None:
    stream = a_stream(house)
    run, ended = start(house, stream)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert shards(house, stream) == 4
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it is ACTIVE with 4 shards"]
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert (runbook, parameters) == ("merge-kinesis-shards", {"stream": stream, "shards": 2, "raised": 4})
    assert timedelta(hours=23) < after <= timedelta(days=1)
    house.crew.installation.catalog[runbook].form.validate(parameters)


@pytest.mark.parametrize(
    ("given", "wanted"), [({"percent": 25}, 3), ({"percent": 50}, 3), ({"percent": 100, "at_most": 3}, 3)]
)
def test_the_step_is_bounded(house: House, given: dict[str, int], wanted: int) -> None:
    """One shard at least, double at most, never above the cap."""
    stream = a_stream(house)
    assert start(house, stream, **given)[1]["outcome"] == "succeeded"
    assert shards(house, stream) == wanted


def test_it_waits_until_the_stream_is_active_with_the_new_shards(house: House) -> None:
    """Before it is through, an ACTIVE that is stale would still show the old number."""
    updating(house, 2)
    run, ended = start(house, a_stream(house))
    assert ended["outcome"] == "succeeded"
    (tries,) = [fact["tries"] for fact in house.facts(run) if "waited" in fact]
    assert tries == 3


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    figures(house, **{WRITES: 12})
    stream = a_stream(house)
    planned = house.plan(NAME, stream=stream)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"StreamName": stream, "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"}
    assert [each["parameters"].get("TargetShardCount") for each in line["undo"]] == [None, 2, None]
    assert house.scripted.changes() == []


def not_applicable(house: House, stream: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, stream, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_stream_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the stream")


def test_a_stream_on_demand_scales_by_itself(house: House) -> None:
    not_applicable(house, a_stream(house, mode="ON_DEMAND"), "it is provisioned, and not on demand")


def test_a_stream_that_throttled_nothing_lately_is_left_alone(house: House) -> None:
    """Healthy again: each change counts against ten a day."""
    figures(house, **{WRITES: 0})
    _, ended = house.start(NAME, stream=a_stream(house))
    assert ended["outcome"] == "not_applicable"
    assert "records were throttled in the last ten minutes" in ended["words"]


def test_a_stream_that_is_being_changed_is_left_alone(house: House) -> None:
    def busy(_: Any, answer: dict[str, Any]) -> None:
        answer["StreamDescriptionSummary"]["StreamStatus"] = "UPDATING"

    house.scripted.after("kinesis", "DescribeStreamSummary", busy)
    not_applicable(house, a_stream(house), "nothing is on its way already")


def test_a_stream_at_the_cap_and_a_step_that_aws_makes_slowly_are_left_alone(house: House) -> None:
    not_applicable(house, a_stream(house), "fewer shards than at_most (2)", at_most=2)
    not_applicable(house, a_stream(house), "percent is one of 25, 50, 75, 100", percent=60)


def test_an_account_without_room_is_told_so(house: House) -> None:
    """API reference, DescribeLimits."""
    house.scripted.script("kinesis", "DescribeLimits", lambda _: {"ShardLimit": 500, "OpenShardCount": 499})
    not_applicable(house, a_stream(house), "the account may have 2 shards more (1 left)")


def test_the_eleventh_change_of_a_day_is_refused_and_nothing_is_to_be_undone(house: House) -> None:
    """API reference, UpdateShardCount: ten times in 24 hours, else LimitExceededException."""
    stream = a_stream(house)
    house.scripted.answer("kinesis", "UpdateShardCount", Refusal("LimitExceededException"))
    run, ended = start(house, stream)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "LimitExceededException"
    assert "undone" not in house.closing(run)
    assert shards(house, stream) == 2


def test_a_stream_that_is_not_through_in_time_goes_back_when_it_can(house: House) -> None:
    """UPDATING, it takes no other change: the way back waits until it is ACTIVE."""
    stream = a_stream(house)
    house.scripted.answer("kinesis", "UpdateShardCount", {"StreamName": stream})
    run, ended = start(house, stream)
    assert ended["outcome"] == "failed"
    assert "it has 4 shards: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["split 2 shards into 4"]
    assert house.scripted.changes() == [UPDATE] * 2
    assert shards(house, stream) == 2


def test_a_way_back_that_takes_too_long_calls_a_person(house: House) -> None:
    updating(house, 10_000)
    run, ended = start(house, a_stream(house))
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert left["words"] == "it can be changed again: not within 1 min"


@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, on_its_way: bool) -> None:
    """Split already, or UPDATING: a second change would be refused, or double it once more."""
    if on_its_way:
        updating(house, 2)
    stream = a_stream(house)
    house.scripted.lose_reply("kinesis", "UpdateShardCount")
    run, ended = start(house, stream)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert shards(house, stream) == 4


@pytest.mark.parametrize("metric", [WRITES, "ReadProvisionedThroughputExceeded"])
def test_the_streams_alarms_find_it(house: House, event: Callable[[str], dict[str, Any]], metric: str) -> None:
    """From the event to cured."""
    figures(house, **{metric: 5.0})
    stream, sent = a_stream(house), event("dynamodb-orders-missing")
    found: dict[str, Any] = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    dimensions: Mapping[str, str] = {"StreamName": stream}
    found |= {"namespace": "AWS/Kinesis", "name": metric, "dimensions": {}}
    answer, ended = house.crew.event(house.alarmed(sent, dimensions))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert shards(house, stream) == 4
