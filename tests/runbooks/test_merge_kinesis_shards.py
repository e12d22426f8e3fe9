"""merge-kinesis-shards: what it promises when the load is gone."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks import streams
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.streams import shards
from tests.runbooks.throughputs import figures

NAME = "merge-kinesis-shards"
UPDATE = "kinesis:UpdateShardCount"
MIB = 1024 * 1024


def a_stream(house: House, shards: int = 4, mode: str = "PROVISIONED") -> str:
    """A stream of a test's own, with what a run made of two shards."""
    return streams.a_stream(house, shards, mode)


def start(house: House, stream: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that puts back what such a stream had."""
    return house.start(NAME, **{"stream": stream, "shards": 2, "raised": 4, "within": "1m", **given})


def updating(house: House, looks: int) -> None:
    """After the change the stream is UPDATING for so many looks, with the old shards (API reference,
    UpdateShardCount).
    """
    left = [looks]

    def busy(_: Any, answer: dict[str, Any]) -> None:
        if left[0] and house.scripted.changes():
            left[0] -= 1
            answer["StreamDescriptionSummary"] |= {"StreamStatus": "UPDATING", "OpenShardCount": 4}

    house.scripted.after("kinesis", "DescribeStreamSummary", busy)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, a_stream(house))[1]["outcome"] == "succeeded"


def test_it_goes_back_to_the_old_number_and_proves_it(house: House) -> None:
    updating(house, 2)
    stream = a_stream(house)
    run, ended = start(house, stream)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert shards(house, stream) == 2
    assert [fact["tries"] for fact in house.facts(run) if "waited" in fact] == [3]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it is ACTIVE with 2 shards"]


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    stream = a_stream(house)
    planned = house.plan(NAME, stream=stream, shards=2, raised=4)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"StreamName": stream, "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}
    assert [each["parameters"].get("TargetShardCount") for each in line["undo"]] == [None, 4, None]
    assert house.scripted.changes() == []


def not_applicable(house: House, stream: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, stream, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


def test_a_stream_that_is_gone_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the stream")


def test_a_stream_on_demand_scales_by_itself(house: House) -> None:
    not_applicable(house, a_stream(house, mode="ON_DEMAND"), "it is provisioned")


@pytest.mark.parametrize("now", [2, 8], ids=["it is put back already", "somebody split it more"])
def test_a_number_that_somebody_changed_is_left_alone(house: House, now: int) -> None:
    not_applicable(house, a_stream(house, now), "it still has 4 shards")


@pytest.mark.parametrize(("old", "raised"), [(4, 4), (1, 4)], ids=["not fewer", "less than half"])
def test_what_aws_would_refuse_is_not_asked(house: House, old: int, raised: int) -> None:
    """API reference, UpdateShardCount: not below half of what there is."""
    not_applicable(house, a_stream(house), "and half of it at least", shards=old, raised=raised)


def test_a_stream_that_is_being_changed_is_left_alone(house: House) -> None:
    def busy(_: Any, answer: dict[str, Any]) -> None:
        answer["StreamDescriptionSummary"]["StreamStatus"] = "UPDATING"

    house.scripted.after("kinesis", "DescribeStreamSummary", busy)
    not_applicable(house, a_stream(house), "nothing is on its way already")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({"ReadProvisionedThroughputExceeded": 1}, "no records were throttled"),
        ({"IncomingBytes": 1.5 * MIB * 60}, "would be 70 % full at most, and not 75 %"),
        ({"IncomingRecords": 1600 * 60}, "and not 80 %"),
        ({"GetRecords.Bytes": 3.6 * MIB * 60}, "and not 90 %"),
    ],
    ids=["throttled", "bytes", "records", "read"],
)
def test_while_the_load_lasts_nothing_is_merged_and_it_is_tried_again(
    house: House, seen: dict[str, float], why: str
) -> None:
    figures(house, **seen)
    stream = a_stream(house)
    run = not_applicable(house, stream, why)
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert (runbook, parameters) == (NAME, {"stream": stream, "shards": 2, "raised": 4, "busy": 70})
    assert timedelta(hours=5) < after <= timedelta(hours=6)
    house.crew.installation.catalog[runbook].form.validate(parameters)


def test_a_load_that_the_old_number_carries_does_not_hold_it_up(house: House) -> None:
    figures(house, IncomingBytes=1.4 * MIB * 60, IncomingRecords=1400 * 60)
    assert start(house, a_stream(house))[1]["outcome"] == "succeeded"


def test_the_eleventh_change_of_a_day_is_refused_and_nothing_is_to_be_undone(house: House) -> None:
    """API reference, UpdateShardCount: ten times in 24 hours, else LimitExceededException."""
    stream = a_stream(house)
    house.scripted.answer("kinesis", "UpdateShardCount", Refusal("LimitExceededException"))
    run, ended = start(house, stream)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "LimitExceededException"
    assert "undone" not in house.closing(run)
    assert shards(house, stream) == 4


def test_a_stream_that_is_not_through_in_time_is_split_again(house: House) -> None:
    stream = a_stream(house)
    house.scripted.answer("kinesis", "UpdateShardCount", {"StreamName": stream})
    run, ended = start(house, stream)
    assert ended["outcome"] == "failed"
    assert "it has 2 shards: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["merge 4 shards into 2"]
    assert house.scripted.changes() == [UPDATE] * 2
    assert shards(house, stream) == 4


@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, on_its_way: bool) -> None:
    if on_its_way:
        updating(house, 2)
    stream = a_stream(house)
    house.scripted.lose_reply("kinesis", "UpdateShardCount")
    run, ended = start(house, stream)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    assert shards(house, stream) == 2


def test_no_alarm_starts_it(house: House) -> None:
    """Little load at one moment is no reason to merge: it comes when its time is over."""
    assert house.crew.installation.catalog[NAME].triggers == ()
