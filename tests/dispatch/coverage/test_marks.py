"""What is wrong with an alarm itself."""

from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.coverage.coverage import Alarmed, coverage
from nightcrew.dispatch.coverage.marks import Mark
from tests.dispatch.backtest.histories import check, history, item, spell

ABOVE: dict[str, Any] = {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0}
OLD: dict[str, Any] = {"AlarmConfigurationUpdatedTimestamp": "2026-01-01T00:00:00.000Z"}
YOUNG: dict[str, Any] = {"AlarmConfigurationUpdatedTimestamp": "2026-11-07T04:00:00.000Z"}


def one(catalog: Catalog, items: list[dict[str, Any]], muted: dict[str, str] | None = None, **more: Any) -> Alarmed:
    recorded = history([check("a", **{**ABOVE, **more})], items, until=24 * 60)
    return coverage(recorded, catalog, load("rules: []\n"), muted=muted or {}, managed=[]).alarms[0]


def found(alarm: Alarmed) -> set[Mark]:
    return {each.mark for each in alarm.marks}


def test_an_alarm_that_comes_and_goes_flaps(catalog: Catalog) -> None:
    """By the flap gate's own limits: four changes in half an hour are let pass, five are not."""
    calm = one(catalog, [*spell("a", 0, 5), *spell("a", 10, 5)])
    assert Mark.FLAPS not in found(calm)
    wild = one(catalog, [*spell("a", 0, 5), *spell("a", 10, 5), item("a", 20, "ALARM")])
    assert Mark.FLAPS in found(wild)
    assert wild.fired == 3


def test_changes_far_apart_are_no_flapping(catalog: Catalog) -> None:
    """Ten in a day, and never five in half an hour."""
    assert Mark.FLAPS not in found(one(catalog, [each for hour in range(5) for each in spell("a", hour * 60, 20)]))


@pytest.mark.parametrize("treats", ["ignore", "breaching"])
def test_missing_data_that_keeps_it_in_alarm_leaves_no_way_to_ok(catalog: Catalog, treats: str) -> None:
    """Without an OK no run is ever cured."""
    assert Mark.NO_OK in found(one(catalog, [], TreatMissingData=treats))


@pytest.mark.parametrize("treats", ["notBreaching", "missing"])
def test_other_treatments_of_missing_data_are_well(catalog: Catalog, treats: str) -> None:
    """As long as its history does not say otherwise."""
    assert Mark.NO_OK not in found(one(catalog, spell("a", 0, 5), TreatMissingData=treats))


def test_an_alarm_that_only_runs_out_of_data_has_no_way_to_ok(catalog: Catalog) -> None:
    """Twice from ALARM to INSUFFICIENT_DATA and never to OK; once may be chance."""
    once = [item("a", 0, "ALARM"), item("a", 5, "INSUFFICIENT_DATA", "ALARM")]
    again = [item("a", 60, "ALARM", "INSUFFICIENT_DATA"), item("a", 65, "INSUFFICIENT_DATA", "ALARM")]
    assert Mark.NO_OK not in found(one(catalog, once))
    assert Mark.NO_OK in found(one(catalog, [*once, *again]))
    assert Mark.NO_OK not in found(one(catalog, [*once, *again, *spell("a", 90, 5)]))


def test_an_old_alarm_that_never_fired_is_told(catalog: Catalog) -> None:
    """One that is younger than what was looked at may still fire."""
    assert Mark.NEVER in found(one(catalog, [], **OLD))
    assert Mark.NEVER not in found(one(catalog, [], **YOUNG))
    assert Mark.NEVER not in found(one(catalog, spell("a", 0, 5), **OLD))


def test_one_that_stands_in_alarm_all_the_time_has_fired(catalog: Catalog) -> None:
    """Its history of these days is empty, and its state says so."""
    stuck: dict[str, Any] = {"StateValue": "ALARM", "StateTransitionedTimestamp": "2026-10-01T00:00:00.000Z"}
    assert Mark.NEVER not in found(one(catalog, [], **OLD, **stuck))


def test_a_muted_alarm_is_told_with_its_rule(catalog: Catalog) -> None:
    """Nightcrew leaves it alone as long as the rule holds."""
    [mark] = one(catalog, spell("a", 0, 5), {"a": "nightly-batch"}).marks
    assert mark.mark is Mark.MUTED
    assert "nightly-batch" in mark.words


def test_switched_off_actions_are_told(catalog: Catalog) -> None:
    """Who switched them off may think that nobody hears it."""
    assert Mark.SILENT in found(one(catalog, spell("a", 0, 5), ActionsEnabled=False))
