"""The figures: how long alarms lasted in people's hands, and what is counted how."""

from datetime import timedelta
from typing import Any

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.backtest.figures import figures
from nightcrew.dispatch.backtest.narrowed import narrowed
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Lifted, heard, play
from nightcrew.dispatch.backtest.spells import Spells, spells
from nightcrew.dispatch.backtest.supposing import Supposed
from nightcrew.dispatch.backtest.told import Backtest
from tests.dispatch.backtest.histories import START, arn, check, history, item, spell

MINUTE = timedelta(minutes=1)
RESTARTS = "rules:\n  - {when: {family: restart}, autonomy: auto}\n"


def lasted(items: list[dict[str, Any]], **more: Any) -> Spells:
    return spells(history([check("a", **more)], items, until=600)).get("a", Spells())


def backtest(recorded: Recorded, catalog: Catalog, policy: str = "", **supposed: Any) -> Backtest:
    by = load(policy)
    told = Supposed(**supposed)
    signals = heard(recorded)
    plays = [play(recorded, signals, catalog, each, told) for each in (by, Lifted.of(by))]
    counted = figures(recorded, plays[0], plays[1], catalog, told)
    return Backtest(recorded, by, told, plays[0], plays[1], counted)


def test_a_spell_is_from_alarm_to_ok() -> None:
    told = lasted([*spell("a", 0, 10), *spell("a", 60, 20), *spell("a", 120, 60)])
    assert told.ended == (10 * MINUTE, 20 * MINUTE, 60 * MINUTE)
    assert (told.median, told.longest, told.total) == (20 * MINUTE, 60 * MINUTE, 90 * MINUTE)
    assert told.open_since == ()


def test_the_median_of_two_is_between_them() -> None:
    assert lasted([*spell("a", 0, 10), *spell("a", 60, 21)]).median == timedelta(minutes=15, seconds=30)


def test_one_that_still_lasts_is_told_apart() -> None:
    told = lasted([*spell("a", 0, 10), item("a", 60, "ALARM")])
    assert (told.ended, told.open_since) == ((10 * MINUTE,), (START + 60 * MINUTE,))


def test_missing_data_in_between_ends_nothing() -> None:
    items = [
        item("a", 0, "ALARM"),
        item("a", 5, "INSUFFICIENT_DATA", "ALARM"),
        item("a", 9, "ALARM"),
        item("a", 30, "OK"),
    ]
    assert lasted(items).ended == (30 * MINUTE,)


def test_one_that_began_before_the_history_is_not_counted() -> None:
    assert lasted([item("a", 5, "OK")]) == Spells()


def test_an_alarm_that_stood_in_alarm_all_the_time_is_open_since_it_says_so() -> None:
    since = "2026-10-01T00:00:00.000Z"
    told = lasted([item("gone", 0, "ALARM")], StateValue="ALARM", StateTransitionedTimestamp=since)
    assert [each.isoformat() for each in told.open_since] == ["2026-10-01T00:00:00+00:00"]


def test_nothing_that_ended_has_no_median() -> None:
    assert (Spells().median, Spells().longest, Spells().total) == (None, None, timedelta())


def test_by_policy_and_if_auto_are_counted_for_the_same_signals(catalog: Catalog) -> None:
    recorded = history(
        [check("a"), check("b", MetricName="NetworkIn")], [*spell("a", 0, 5), *spell("b", 5, 5)], until=60
    )
    told = backtest(recorded, catalog).figures
    assert told.tallies.by_policy.verdicts == {"observe": 1, "unknown": 1}
    assert told.tallies.if_auto.verdicts == {"run": 1, "unknown": 1}
    assert (told.fired, told.quiet) == (2, 0)


def test_alarms_are_told_apart_by_who_answers_them(catalog: Catalog) -> None:
    tracking = "TargetTracking-group-AlarmHigh-1"
    alarms = [check("a"), check("quiet"), check("b", MetricName="NetworkIn"), check(tracking)]
    items = [each for name in ("a", "b", tracking) for each in spell(name, 0, 5)]
    told = backtest(history(alarms, items, until=60), catalog).figures
    assert [[each.name for each in kind] for kind in (told.answered, told.unknown, told.left)] == [
        ["a"],
        ["b"],
        [tracking],
    ]
    assert told.quiet == 1
    assert told.unknown[0].why == "no runbook answers AWS/EC2 NetworkIn"


def test_at_stake_is_how_long_the_alarms_lasted_at_which_a_run_starts(catalog: Catalog) -> None:
    """At the first try or at the second; not those that a gate turned away, nor what still lasts."""
    items = [*spell("a", 0, 5), *spell("a", 12, 30), *spell("b", 60, 7), item("b", 90, "ALARM")]
    recorded = history([check("a"), check("b", "i-0fed9876cba543210")], items, until=100)
    told = backtest(recorded, catalog, takes=5 * MINUTE)
    assert [each.label for each in told.if_auto.decisions] == ["run", "cool-down", "run", "run", "run"]
    assert told.figures.tallies.if_auto.at_stake == 42 * MINUTE
    assert told.figures.tallies.by_policy.at_stake == timedelta()
    turned_away = backtest(history([check("a")], [*spell("a", 0, 5), *spell("a", 12, 1)], until=60), catalog)
    assert turned_away.figures.tallies.if_auto.at_stake == 5 * MINUTE


def test_a_gate_is_told_with_its_last_words(catalog: Catalog) -> None:
    recorded = history(
        [check("a"), check("b")], [*spell("a", 0, 5), *spell("a", 12, 1), *spell("b", 14, 0.5)], until=60
    )
    [gate] = backtest(recorded, catalog, takes=5 * MINUTE).figures.gates
    assert (gate.name, gate.by_policy, gate.if_auto) == ("cool-down", 0, 2)
    assert gate.example.words.startswith("it was changed 14 min ago")


def test_a_runbook_is_told_over_all_its_alarms(catalog: Catalog) -> None:
    alarms = [check("a"), check("b", "i-0fed9876cba543210")]
    recorded = history(alarms, [*spell("a", 0, 5), *spell("b", 5, 15)], until=60)
    [told] = backtest(recorded, catalog, RESTARTS).figures.runbooks
    assert (told.name, told.alarms, told.fired) == ("restart-ec2-instance", 2, 2)
    assert sorted(told.lasted.ended) == [5 * MINUTE, 15 * MINUTE]
    assert told.tallies.by_policy.verdicts == {"run": 2}
    assert told.takes == catalog["restart-ec2-instance"].by_hand / 2


def test_a_series_counts_for_its_alarm_and_the_alarm_itself_not_again(catalog: Catalog) -> None:
    query = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
    fleet = {"AlarmName": "fleet", "AlarmArn": arn("fleet"), "Metrics": [{"Id": "q1", "Expression": query}]}
    about = {"AlarmContributorId": "1", "AlarmContributorAttributes": {"InstanceId": "i-0abc1234def567890"}}
    series = [each | {"HistoryItemType": "AlarmContributorStateUpdate", **about} for each in spell("fleet", 0, 10)]
    told = backtest(history([fleet], [*series, *spell("fleet", 0.1, 10)], until=60), catalog).figures
    assert told.fired == 1
    assert told.lasted.ended == (10 * MINUTE,)


def test_only_what_concerns_some_runbooks_can_be_told(catalog: Catalog) -> None:
    """Everything is played all the same: other runbooks may hold its resources."""
    alarms = [check("a"), check("b", MetricName="NetworkIn")]
    told = backtest(history(alarms, [*spell("a", 0, 5), *spell("b", 5, 5)], until=60), catalog)
    only = narrowed(told, ["restart-ec2-instance"], catalog)
    assert [each.name for each in only.figures.alarms] == ["a"]
    assert only.figures.unknown == ()
    assert narrowed(told, ["fail-over-aurora-cluster"], catalog).figures.alarms == ()


def test_what_cannot_be_known_is_said(catalog: Catalog) -> None:
    freeze = "freezes:\n  - {name: ours, calendar: company-freezes}\n"
    recorded = history([check("a")], [*spell("a", 0, 5), item("a", 12, "ALARM"), *spell("old", 0, 5)])
    told = backtest(recorded, catalog, freeze)
    said = " ".join(told.unknowns)
    for words in ("groups and tags", "company-freezes", "old", "1 second tr"):
        assert words in said
    assert "restart-ec2-instance 10 min" in " ".join(told.suppositions)
    assert "takes 3 min" in " ".join(backtest(recorded, catalog, takes=3 * MINUTE).suppositions)
