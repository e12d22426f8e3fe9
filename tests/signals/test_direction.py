"""High, low, or not certain. The reasons are in CloudWatch's own words: its user guide's, and such as people quote."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.signals import signal_from

Alarm = Callable[..., Any]

LESS = "Threshold Crossed: 1 datapoint [0.0 (01/12/25 13:34:00)] was less than the threshold (1.0)"
MISSING = "2 missing datapoints were treated as [Breaching]."
OUTSIDE = (
    "Thresholds Crossed: 1 out of the last 1 datapoints [0.0 (03/10/19 15:58:00)] was less than the lower thresholds "
    "[0.02] or greater than the upper thresholds [0.3] (minimum 1 datapoint for OK -> ALARM transition)."
)


def figures(points: Any, threshold: Any = 50.0, **more: Any) -> str:
    return json.dumps({"version": "1.0", "recentDatapoints": points, "threshold": threshold, **more})


@pytest.mark.parametrize(
    ("reason", "direction"),
    [
        ("Threshold Crossed: 1 datapoint [99.5 (02/10/19 16:59:00)] was greater than the threshold (50.0).", "high"),
        ("Threshold Crossed: 1 datapoint (10.0) was greater than or equal to the threshold (1.0).", "high"),
        ("Threshold Crossed: 3 datapoints [5.0 (…), 6.0 (…), 7.0 (…)] were greater than the threshold (1.0).", "high"),
        (f"{LESS}.", "low"),
        (
            "Threshold Crossed: 1 datapoint [2.0 (21/11/26 02:59:00)] was less than or equal to the threshold (3.0)",
            "low",
        ),
        (
            "Threshold Crossed: 5 out of the last 5 datapoints were less than the threshold (65.0). The most recent …",
            "low",
        ),
        ("Thresholds Crossed: 1 datapoint [239.0 (…)] was greater than the upper thresholds [225.71426732099]", "high"),
        (f"{LESS} and 1 missing datapoint was treated as [Breaching].", "low"),
        (f"Threshold Crossed: no datapoints were received for 2 periods and {MISSING}", None),
        (OUTSIDE, None),
        ("testing the pager", None),
        ("more is greater than less", None),
        ("", None),
    ],
)
def test_the_words_of_the_reason_tell_the_operator(alarm: Alarm, reason: str, direction: str | None) -> None:
    assert signal_from(alarm(reason=reason)).direction == direction


@pytest.mark.parametrize(
    ("points", "threshold", "direction"),
    [
        ([99.5], 50.0, "high"),
        ([51, 52.5, 99], 50, "high"),
        ([0.0], 50.0, "low"),
        ([-3, -4], -2.5, "low"),
        ([50.0], 50.0, None),
        ([50.0, 99.0], 50.0, None),
        ([99.0, 12.0, 98.0], 50.0, None),
        ([], 50.0, None),
    ],
)
def test_figures_tell_it_when_every_datapoint_is_on_one_side(
    alarm: Alarm, points: list[float], threshold: float, direction: str | None
) -> None:
    """[50, 99] over 50 looks high; but where two out of three are enough, ``<=`` alarms for [50, 50, 99], too."""
    assert signal_from(alarm(reason="a drill", reasonData=figures(points, threshold))).direction == direction


@pytest.mark.parametrize(
    ("points", "lower", "upper", "direction"),
    [
        ([0.0], [0.02], [0.3], "low"),
        ([0.5], [0.02], [0.3], "high"),
        ([0.1], [0.02], [0.3], None),
        ([0.5, 0.1], [0.02, 0.02], [0.3, 0.3], "high"),
        ([0.5, 0.0], [0.02, 0.02], [0.3, 0.3], None),
        ([0.5], None, [0.3], "high"),
        ([0.0], [0.02], None, "low"),
        ([0.5, 0.6], [0.02], [0.3], None),
        ([0.0, 0.1], [0.02], [0.3], None),
        ([0.5], ["0.02"], None, None),
    ],
)
def test_a_datapoint_outside_its_band_tells_it_and_one_inside_does_not(
    alarm: Alarm, points: list[float], lower: Any, upper: Any, direction: str | None
) -> None:
    bands = {"recentLowerThresholds": lower, "recentUpperThresholds": upper}
    data = json.dumps({"recentDatapoints": points, **{key: value for key, value in bands.items() if value is not None}})
    assert signal_from(alarm(reason=OUTSIDE, reasonData=data)).direction == direction


def test_a_datapoint_equal_to_the_threshold_is_decided_by_the_words(alarm: Alarm) -> None:
    """A failed status check is 1.0 and its threshold is 1.0: ``>=`` and ``<=`` would both alarm."""
    data = figures([1.0], 1.0)
    words = "Threshold Crossed: 1 datapoint [1.0 (…)] was {} than or equal to the threshold (1.0)."
    assert signal_from(alarm(reason=words.format("greater"), reasonData=data)).direction == "high"
    assert signal_from(alarm(reason=words.format("less"), reasonData=data)).direction == "low"
    assert signal_from(alarm(reason="", reasonData=data)).direction is None


def test_words_and_figures_that_disagree_leave_it_open(alarm: Alarm) -> None:
    reason = "Threshold Crossed: 1 datapoint [12.0 (…)] was greater than the threshold (50.0)."
    assert signal_from(alarm(reason=reason, reasonData=figures([12.0]))).direction is None


@pytest.mark.parametrize(
    "reason",
    [
        f"Threshold Crossed: 1 datapoint was received for 3 periods and {MISSING}",
        f"Threshold Crossed: 1 datapoint [12.0 (…)] was not greater than the threshold (50.0) and {MISSING}",
    ],
)
def test_healthy_datapoints_beside_missing_ones_that_breach_tell_nothing(alarm: Alarm, reason: str) -> None:
    """12 of 50 % CPU is no low CPU: the alarm is about data that did not come."""
    assert signal_from(alarm(reason=reason, reasonData=figures([12.0]))).direction is None


@pytest.mark.parametrize(
    "broken",
    [
        "not JSON",
        "[]",
        "12",
        "{}",
        '{"threshold": 50.0}',
        '{"recentDatapoints": [99.0]}',
        figures("99.0"),
        figures([None]),
        figures([True], 0.0),
        figures(["99.0"]),
        figures([99.0], "50.0"),
        figures([99.0], None),
        figures({"a": 1}),
        "[" * 60_000,
        '{"recentDatapoints": [' + "9" * 5_000 + '], "threshold": 1}',
        '{"recentDatapoints": [99.0], "threshold": 50.0, "pad": "' + "x" * 70_000 + '"}',
        None,
        12,
        {"recentDatapoints": [99.0], "threshold": 50.0},
    ],
)
def test_reason_data_that_cannot_be_read_leaves_it_open_and_is_no_error(alarm: Alarm, broken: Any) -> None:
    assert signal_from(alarm(reason="a drill", reasonData=broken)).direction is None


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_only_an_alarm_in_alarm_has_a_direction(alarm: Alarm, state: str) -> None:
    """No trigger matches without one: an OK can never be answered as if it were an ALARM."""
    reason = "Threshold Crossed: 1 datapoint [99.0 (…)] was greater than the threshold (50.0)."
    assert signal_from(alarm(value=state, reason=reason, reasonData=figures([99.0]))).direction is None
