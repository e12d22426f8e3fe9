"""Multi-window alarms on burn rates."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.knowledge.objectives.burn_alarms import BURNS, burns_of, template, windows_lacking
from nightcrew.knowledge.objectives.objective import Objective


def objective(name: str = "checkout", days: float = 30, windows: tuple[int, ...] = ()) -> Objective:
    kept = tuple(timedelta(minutes=each) for each in windows)
    return Objective(name, f"arn:{name}", "OK", 99.9, timedelta(days=days), windows=kept)


def of(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in made["Resources"].values() if each["Type"] == f"AWS::CloudWatch::{kind}"]


def test_thirty_days_have_the_rates_of_the_workbook() -> None:
    """14.4, 6 and 1 (The Site Reliability Workbook, table 5-8)."""
    assert [round(burn.rate(timedelta(days=30)), 1) for burn in BURNS] == [14.4, 6.0, 1.0]


@pytest.mark.parametrize(("days", "count"), [(30, 3), (28, 2), (7, 2), (1, 0), (1 / 24, 0)])
def test_a_short_interval_has_fewer(days: float, count: int) -> None:
    """A rate below 1 would sound while the budget lasts, and a window longer than the interval says nothing."""
    assert len(burns_of(objective(days=days))) == count


def test_each_is_a_pair_that_must_both_burn() -> None:
    """The short window lets it end soon after the trouble; the two alone tell nobody."""
    made = template([objective()])
    assert len(of(made, "Alarm")) == 6
    composites = of(made, "CompositeAlarm")
    assert len(composites) == 3
    for composite in composites:
        rule = composite["AlarmRule"]["Fn::Sub"]
        assert rule.count("ALARM(") == 2
        assert " AND " in rule
        assert all(key in made["Resources"] for key in rule.replace('ALARM("${', "").replace('}")', "").split(" AND "))


def test_its_thresholds_and_dimensions() -> None:
    """Of the hour: 14.4, over the metric of sixty minutes and of five."""
    fast = [each for each in of(template([objective()]), "Alarm") if each["Threshold"] == 14.4]
    windows = sorted(each["Dimensions"][1]["Value"] for each in fast)
    assert windows == ["5", "60"]
    assert {each["Dimensions"][0]["Value"] for each in fast} == {"checkout"}
    assert {each["TreatMissingData"] for each in fast} == {"notBreaching"}


def test_the_windows_that_it_does_not_keep_are_named() -> None:
    """Without them there is no such metric, and the alarm never sounds."""
    lacking = [int(each.total_seconds() // 60) for each in windows_lacking(objective(windows=(60, 5, 360)))]
    assert lacking == [30, 4320]


def test_names_that_differ_in_their_signs_stay_apart() -> None:
    """``a-b`` and ``a.b`` are two objectives."""
    both = template([objective("a-b"), objective("a.b")])["Resources"]
    assert len(both) == 2 * len(template([objective("a-b")])["Resources"])
