"""Of a change in the history, the event of that night."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nightcrew.dispatch.backtest.events import configuration_of, event_of
from nightcrew.dispatch.backtest.recorded import alarms_of, changes_of
from nightcrew.errors import BadEvent
from nightcrew.signals import Signal, signal_from
from tests.conftest import EVENTS
from tests.dispatch.backtest.histories import described, item_of


def _readable() -> list[str]:
    def reads(file: Path) -> bool:
        try:
            signal = signal_from(json.loads(file.read_text()))
        except BadEvent:
            return False
        # That a mute rule held, or what suppressed an action, no history tells; and it is one of alarms only.
        return signal.happening is None and signal.muted_until is None and signal.suppressed_by is None

    return sorted(file.stem for file in EVENTS.glob("*.json") if "history" not in file.stem and reads(file))


def _comparable(signal: Signal) -> dict[str, Any]:
    return {name: getattr(signal, name) for name in signal.__slots__ if name != "event"}


@pytest.mark.parametrize("name", _readable())
def test_it_is_read_as_the_event_of_the_night_was(name: str) -> None:
    """Every form that there is in events/: only the event's own id is not known."""
    event = json.loads((EVENTS / f"{name}.json").read_text())
    tags = {event["resources"][0]: event["detail"]["alarmTags"]} if "alarmTags" in event["detail"] else {}
    kind = "CompositeAlarms" if "alarmRule" in event["detail"]["configuration"] else "MetricAlarms"
    [alarm] = alarms_of({kind: [described(event)]}, tags).values()
    [change] = changes_of([item_of(event)])
    again = event_of(change, alarm, configuration_of(alarm.described))
    assert _comparable(signal_from(again)) == _comparable(signal_from(event))


def test_there_are_all_forms_among_them() -> None:
    forms = {signal_from(json.loads((EVENTS / f"{name}.json").read_text())).form for name in _readable()}
    assert forms == {"metric", "expression", "anomaly", "composite", "query", "contributor"}


def test_tags_come_with_the_event_only_where_the_alarm_sends_them() -> None:
    """And of these only those that it is told to send."""
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"

    def sent(**propagation: Any) -> Mapping[str, str] | None:
        configured = {"ActionConfiguration": {"AlarmTagsPropagation": propagation}}
        described = {"AlarmName": "a", "AlarmArn": arn, **configured}
        return alarms_of({"MetricAlarms": [described]}, {arn: {"x": "1", "y": "2"}})["a"].tags

    assert sent() is None
    assert sent(Enabled=False) is None
    assert sent(Enabled=True) == {"x": "1", "y": "2"}
    assert sent(Enabled=True, IncludedTagKeys=["x"]) == {"x": "1"}
    assert sent(Enabled=True, ExcludedTagKeys=["x"]) == {"y": "2"}


def test_an_alarm_by_promql_is_the_event_that_its_contributors_stand_beside() -> None:
    made = configuration_of({"EvaluationCriteria": {"PromQLCriteria": {"Query": "up == 0"}}})
    assert made == {"evaluationCriteria": {"PromQLCriteria": {"Query": "up == 0"}}}
