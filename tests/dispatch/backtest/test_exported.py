"""An exported history: what is taken, and what is said about what is not."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.validate import ParamValidator

from nightcrew.aws.models import service_model
from nightcrew.clock import moment
from nightcrew.dispatch.backtest.exported import from_file
from nightcrew.errors import BadInput
from tests.dispatch.backtest.histories import SAMPLE, START, arn, check, item, spell

SHAPES = {"MetricAlarms": "MetricAlarm", "CompositeAlarms": "CompositeAlarm", "AlarmHistoryItems": "AlarmHistoryItem"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.json"


def written(file: Path, **content: Any) -> Path:
    """A good history, but for what is given."""
    good = {"MetricAlarms": [check("a")], "CompositeAlarms": [], "AlarmHistoryItems": spell("a", 0, 10)}
    file.write_text(json.dumps({**good, **content}), encoding="utf-8")
    return file


def test_the_sample_has_the_shapes_of_aws() -> None:
    """By botocore's own model: every member known, of its type, and of its values where it has some."""
    content = json.loads(SAMPLE.read_text())
    for key, name in SHAPES.items():
        shape = service_model("cloudwatch").shape_for(name)
        for each in content[key]:
            typed = {part: moment(value) if part.endswith("stamp") else value for part, value in each.items()}
            assert set(typed) <= set(shape.members), each
            report = ParamValidator().validate(typed, shape)
            assert not report.has_errors(), report.generate_report()
            for part, member in shape.members.items():
                if getattr(member, "enum", None) and part in each:
                    assert each[part] in member.enum
    assert len(content["AlarmHistoryItems"]) > 120


def test_the_sample_names_no_account_but_that_of_awss_documentation() -> None:
    text = SAMPLE.read_text()
    assert ":123456789012:" in text
    assert len({part.split(":")[4] for part in text.split('"') if part.startswith("arn:")}) == 1


def test_what_the_cli_prints_is_read(file: Path) -> None:
    recorded = from_file(written(file))
    assert [each.state for each in recorded.changes] == ["ALARM", "OK"]
    assert (recorded.since, recorded.until) == (START, START + timedelta(minutes=10))
    assert recorded.source == str(file)


@pytest.mark.parametrize("time", ["2014-04-09T18:59:06.442Z", "2014-04-09T20:59:06.442000+02:00"])
def test_times_are_read_as_either_cli_prints_them(file: Path, time: str) -> None:
    recorded = from_file(written(file, AlarmHistoryItems=[item("a", 0, "ALARM") | {"Timestamp": time}]))
    assert recorded.changes[0].at == moment("2014-04-09T18:59:06.442Z")


def test_exports_that_overlap_are_counted_once(file: Path) -> None:
    recorded = from_file(written(file, AlarmHistoryItems=[*spell("a", 0, 10), *spell("a", 0, 10)]))
    assert len(recorded.changes) == 2


def test_other_kinds_of_item_are_passed_over(file: Path) -> None:
    other = {"AlarmName": "a", "HistoryItemType": "Action", "Timestamp": "?", "HistoryData": "?"}
    assert len(from_file(written(file, AlarmHistoryItems=[other, *spell("a", 0, 10)])).changes) == 2


def test_since_counts_back_from_the_last_change(file: Path) -> None:
    items = [*spell("a", 0, 10), *spell("a", 100, 10)]
    for since in (timedelta(minutes=20), START + timedelta(minutes=90)):
        recorded = from_file(written(file, AlarmHistoryItems=items), since)
        assert len(recorded.changes) == 2
        assert recorded.since == START + timedelta(minutes=90)


def test_since_may_go_back_further_than_the_calendar(file: Path) -> None:
    assert len(from_file(written(file), timedelta(days=999_999)).changes) == 2


def test_since_a_time_after_the_last_change_is_said(file: Path) -> None:
    with pytest.raises(BadInput, match=r"since.*before the last change in it, 2026-11-07T03:10:00\.000Z"):
        from_file(written(file), START + timedelta(days=1))


def test_alarms_that_are_gone_are_told_apart(file: Path) -> None:
    recorded = from_file(written(file, AlarmHistoryItems=[*spell("a", 0, 10), *spell("old", 0, 10)]))
    assert recorded.gone == {"old": 2}
    assert {each.alarm for each in recorded.changes} == {"a"}


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no items": ({"AlarmHistoryItems": None}, "AlarmHistoryItems"),
    "nothing played": ({"AlarmHistoryItems": []}, "AlarmHistoryItems"),
    "an item is text": ({"AlarmHistoryItems": ["x"]}, "AlarmHistoryItems[0]"),
    "no type": ({"AlarmHistoryItems": [{}]}, "AlarmHistoryItems[0].HistoryItemType"),
    "a time without offset": (
        {"AlarmHistoryItems": [item("a", 0, "ALARM") | {"Timestamp": "2026-11-21 03:00"}]},
        "AlarmHistoryItems[0].Timestamp",
    ),
    "data that is no JSON": (
        {"AlarmHistoryItems": [item("a", 0, "ALARM") | {"HistoryData": "{"}]},
        "AlarmHistoryItems[0].HistoryData",
    ),
    "a state that there is not": (
        {"AlarmHistoryItems": [item("a", 0, "ALARM") | {"HistoryData": '{"newState": {"stateValue": "Alarm"}}'}]},
        "AlarmHistoryItems[0].HistoryData.newState.stateValue",
    ),
    "alarms that are no list": ({"MetricAlarms": {}}, "MetricAlarms"),
    "an alarm without ARN": ({"MetricAlarms": [{"AlarmName": "a"}]}, "MetricAlarms[0].AlarmArn"),
    "an ARN of something else": (
        {"MetricAlarms": [check("a") | {"AlarmArn": "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"}]},
        "MetricAlarms[0].AlarmArn",
    ),
    "two Regions": ({"MetricAlarms": [check("a"), check("a")]}, "MetricAlarms[1].AlarmName"),
    "tags of another form": ({"Tags": {arn("a"): {"k": "v"}}}, f"Tags.{arn('a')}"),
    "a misspelt list": ({"alarmhistoryitems": []}, "alarmhistoryitems"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_named_with_file_field_value_and_what_is_allowed(file: Path, case: str) -> None:
    content, field = BROKEN[case]
    with pytest.raises(BadInput) as wrong:
        from_file(written(file, **content))
    assert wrong.value.field == f"{file}: {field}"
    assert (
        wrong.value.allowed.startswith(("it must", "one of", "did you mean")) or "MetricAlarms" in wrong.value.allowed
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"AlarmHistoryItems": []}', "\udcff"])
def test_a_file_that_is_none_is_named(file: Path, text: str) -> None:
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BadInput, match=r"history\.json"):
        from_file(file)


def test_the_sample_covers_two_weeks() -> None:
    recorded = from_file(SAMPLE)
    assert recorded.until - recorded.since > timedelta(days=13)
    assert isinstance(recorded.since, datetime)
