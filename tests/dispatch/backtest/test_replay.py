"""The replay: what each gate says about a history, in its own words, and what runs are supposed to do."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.backtest.decisions import Decision
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Lifted, Played, heard, play
from nightcrew.dispatch.backtest.supposing import Supposed
from tests.dispatch.backtest.histories import START, arn, check, history, item, spell

AUTO = "rules:\n  - {when: {family: restart}, autonomy: auto}\n  - {when: {family: scale-out}, autonomy: auto}\n"
ONE, TWO, THREE = "i-0abc1234def567890", "i-0fed9876cba543210", "i-0123456789abcdef0"
CATALOG = Catalog.load()
"""Loaded once: hypothesis takes no fixture for each example."""


def played(recorded: Recorded, policy: str = AUTO, **supposed: Any) -> Played:
    """Play it, each run cured after ten minutes unless something else is supposed."""
    told = Supposed(**{"takes": timedelta(minutes=10), **supposed})
    return play(recorded, heard(recorded), CATALOG, load(policy), told)


def labels(told: Played) -> list[str]:
    """Each decision in short: ``run``, ``lock``; a second try with ``2``."""
    return [f"{each.label}{' 2' if each.second else ''}" for each in told.decisions]


def last(told: Played) -> Decision:
    return told.decisions[-1]


def test_an_alarm_that_a_runbook_answers_would_have_run() -> None:
    """With its resource, its time, and the end that is supposed."""
    [decision] = played(history([check("a")], spell("a", 5, 30))).decisions
    assert decision.verdict == "run"
    assert decision.runbook == "restart-ec2-instance"
    assert decision.resource == f"arn:aws:ec2:eu-west-1:123456789012:instance/{ONE}"
    assert decision.at == START + timedelta(minutes=5)
    assert decision.ends == START + timedelta(minutes=15)


def test_an_ok_is_no_decision() -> None:
    assert labels(played(history([check("a")], [item("a", 0, "OK"), item("a", 1, "INSUFFICIENT_DATA", "OK")]))) == []


def test_without_a_rule_it_would_only_have_been_written_down() -> None:
    decision = last(played(history([check("a")], spell("a", 0, 30)), ""))
    assert (decision.verdict, decision.gate) == ("observe", "autonomy")
    assert decision.words.startswith("policy lets it only observe: this would have run")


@pytest.mark.parametrize(("level", "verdict"), [("suggest", "suggest"), ("approve", "ask"), ("auto", "run")])
def test_each_level_has_its_verdict(level: str, verdict: str) -> None:
    assert (
        last(
            played(
                history([check("a")], spell("a", 0, 30)),
                f"rules:\n  - {{when: {{family: restart}}, autonomy: {level}}}\n",
            )
        ).verdict
        == verdict
    )


def test_were_everything_auto_autonomy_refuses_nothing() -> None:
    """By no rule, and by no tag of an alarm either; the other gates stay."""
    recorded = history([check("a")], [*spell("a", 0, 5), *spell("a", 12, 5)])
    policy = Lifted.of(load("defaults: {autonomy: observe}\n"))
    told = play(recorded, heard(recorded), CATALOG, policy, Supposed(takes=timedelta(minutes=10)))
    assert labels(told) == ["run", "cool-down", "run 2"]


def test_an_alarm_that_no_runbook_knows_is_unknown() -> None:
    decision = last(played(history([check("a", MetricName="NetworkIn")], spell("a", 0, 30))))
    assert (decision.verdict, decision.reason) == ("unknown", "no-trigger")
    assert decision.words == "no runbook answers AWS/EC2 NetworkIn"


def test_a_scaling_policys_alarm_is_left_to_it() -> None:
    name = "TargetTracking-group-AlarmHigh-1"
    assert labels(played(history([check(name)], spell(name, 0, 30)))) == ["target-tracking"]


def test_several_runbooks_and_no_binding_are_suggested() -> None:
    watched = [
        {
            "Id": f"m{n}",
            "MetricStat": {"Metric": {k: check("a", i)[k] for k in ("Namespace", "MetricName", "Dimensions")}},
        }
        for n, i in enumerate((ONE, TWO))
    ]
    alarm = {"AlarmName": "a", "AlarmArn": arn("a"), "Metrics": watched}
    assert last(played(history([alarm], spell("a", 0, 30)))).verdict == "suggest"


# --- the gates


def test_cool_down_counts_from_the_supposed_change() -> None:
    told = played(history([check("a")], [*spell("a", 0, 5), *spell("a", 12, 2)], until=60))
    assert labels(told) == ["run", "cool-down", "over 2"]
    assert told.decisions[1].words == "it was changed 12 min ago; the cool-down is 15 min (built in)"
    assert told.decisions[1].until == START + timedelta(minutes=15)


def test_a_run_holds_its_resource_until_its_supposed_end() -> None:
    """Whichever alarm asks; and not a moment longer."""
    alarms = [check("a"), check("b")]
    policy = "defaults: {cool_down: 1s}\n" + AUTO
    during = played(history(alarms, [*spell("a", 0, 30), *spell("b", 9, 2)]), policy)
    assert labels(during) == ["run", "lock"]
    assert "restart-ec2-instance has it" in during.decisions[1].words
    assert labels(played(history(alarms, [*spell("a", 0, 30), *spell("b", 10, 2)]), policy)) == ["run", "run"]


def test_a_second_try_comes_with_the_sweep_after_the_gates_end() -> None:
    """If the alarm is still in ALARM then."""
    still = played(history([check("a")], [*spell("a", 0, 5), *spell("a", 12.5, 60)]))
    assert labels(still) == ["run", "cool-down", "run 2"]
    assert last(still).at == START + timedelta(minutes=15)
    assert last(still).words == "second try: cool-down refused it at 03:12"
    over = played(history([check("a")], [*spell("a", 0, 5), *spell("a", 12.5, 1)], until=60))
    assert labels(over) == ["run", "cool-down", "over 2"]
    assert last(over).words == "it was no longer in ALARM when cool-down ended"


def test_a_second_try_after_the_historys_end_is_waiting() -> None:
    told = played(history([check("a")], [*spell("a", 0, 5), item("a", 12, "ALARM")]))
    assert labels(told) == ["run", "cool-down"]
    assert told.waiting == 1


def test_runs_that_do_not_cure_end_in_the_chain() -> None:
    """The third within its time, and a person is told; a cured one begins anew."""
    items = [each for hour in (0, 60, 120) for each in spell("a", hour, 30)]
    told = played(history([check("a")], items), outcome="ineffective")
    assert labels(told) == ["run", "run", "chain"]
    assert "2 runs did not cure AWS/EC2:StatusCheckFailed_Instance:high" in last(told).words
    assert last(told).told
    assert labels(played(history([check("a")], items))) == ["run", "run", "run"]


def test_a_runbook_that_helps_nowhere_ends_in_the_breaker() -> None:
    """Until its rest is over: then one trial."""
    alarms = [check(f"a{n}", f"i-0abc1234def56789{n}") for n in range(5)]
    items = [each for n in range(4) for each in spell(f"a{n}", n * 15, 10)]
    told = played(history(alarms, [*items, *spell("a4", 120, 10)]), outcome="ineffective")
    assert labels(told) == ["run", "run", "run", "breaker", "run"]
    assert "did not help 3 times in a row" in told.decisions[3].words


def test_an_alarm_that_flaps_is_refused() -> None:
    items = [each for n in range(4) for each in spell("a", n * 6, 3)]
    told = played(
        history([check("a")], items, until=90),
        "defaults: {cool_down: 1s}\n" + AUTO,
        takes=timedelta(minutes=1),
    )
    assert labels(told)[:4] == ["run", "run", "flap", "flap"]
    assert "the alarm changed state 5 times in 30 min; 4 is the most" in told.decisions[2].words


def test_a_freeze_of_policy_refuses_at_its_time() -> None:
    freeze = "freezes:\n  - {name: closing of the books, from: '2026-11-07T03:00', to: '2026-11-07T04:00'}\n"
    told = played(history([check("a")], [*spell("a", 10, 5), *spell("a", 70, 5)]), AUTO + freeze)
    assert labels(told) == ["freeze", "over 2", "run"]
    assert told.decisions[0].words == "closing of the books: no changes until 2026-11-07T04:00:00.000Z"


def test_a_change_calendar_counts_as_open() -> None:
    """Its past cannot be asked for; the output says so."""
    told = played(history([check("a")], spell("a", 10, 5)), AUTO + "freezes:\n  - {name: ours, calendar: freezes}\n")
    assert labels(told) == ["run"]


def test_each_series_of_a_fleets_alarm_is_decided_for_itself() -> None:
    """And the alarm's own change beside them is none of its own."""
    query = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
    alarm = {"AlarmName": "fleet", "AlarmArn": arn("fleet"), "Metrics": [{"Id": "q1", "Expression": query}]}
    items = [item("fleet", 0.1, "ALARM")]
    for identity, instance in (("1", ONE), ("2", TWO)):
        about = {"AlarmContributorId": identity, "AlarmContributorAttributes": {"InstanceId": instance}}
        items.append(item("fleet", 0, "ALARM") | {"HistoryItemType": "AlarmContributorStateUpdate", **about})
    told = played(history([alarm], items))
    assert [(each.label, each.contributor) for each in told.decisions] == [("run", "1"), ("run", "2")]


def test_an_alarms_tags_bind_it_as_at_night() -> None:
    tags = {arn("a"): {"nightcrew:runbook": "scale-out-auto-scaling-group", "nightcrew:param:group": "web"}}
    alarm = check("a", MetricName="NetworkIn", ActionConfiguration={"AlarmTagsPropagation": {"Enabled": True}})
    decision = last(played(history([alarm], spell("a", 0, 5), tags=tags)))
    assert (decision.runbook, decision.verdict) == ("scale-out-auto-scaling-group", "run")


def test_what_cannot_be_read_is_left_with_its_reason() -> None:
    """An alarm whose configuration watches nothing."""
    decision = last(played(history([{"AlarmName": "a", "AlarmArn": arn("a")}], spell("a", 0, 5))))
    assert (decision.verdict, decision.reason) == ("left", "bad-event")


def test_a_run_takes_half_of_the_by_hand_estimate_unless_said_otherwise() -> None:
    """And never longer than its deadline."""
    runbook = CATALOG["restart-ec2-instance"]
    assert Supposed().length(runbook) == runbook.by_hand / 2
    assert Supposed(takes=timedelta(minutes=3)).length(runbook) == timedelta(minutes=3)
    assert Supposed(takes=timedelta(days=9)).length(runbook) == runbook.deadline


# --- the same again

_CHANGES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 600), st.integers(1, 90)), min_size=1, max_size=8
)


@settings(max_examples=10, deadline=None)
@given(_CHANGES, st.sampled_from(["cured", "ineffective"]))
def test_the_same_history_is_decided_equally_each_time(changes: list[tuple[str, int, int]], outcome: Any) -> None:
    """Whatever order its items came in: newest first, as the CLI prints them, or not."""
    alarms = [check("a", ONE), check("b", TWO), check("c", ONE)]
    items = [each for name, begins, lasts in changes for each in spell(name, begins, lasts)]
    once = played(history(alarms, items), outcome=outcome)
    assert once == played(history(alarms, items), outcome=outcome)
    assert once == played(history(alarms[::-1], items[::-1]), outcome=outcome)
    asked = {(each.alarm, each.at) for each in history(alarms, items).changes if each.state == "ALARM"}
    assert {(each.alarm, each.at) for each in once.decisions if not each.second} == asked


def test_a_policy_is_not_changed_by_being_lifted() -> None:
    policy: Policy = load(AUTO)
    about = ("restart-ec2-instance", "restart", "disruptive")
    where: dict[str, Any] = {"alarm_tags": {"nightcrew:autonomy": "observe"}, "region": "eu-west-1", "account": "1"}
    assert str(policy.settings_for(*about, **where).autonomy.value) == "observe"
    lifted = Lifted.of(policy).settings_for(*about, **where)
    assert str(lifted.autonomy.value) == "auto"
    assert lifted.cool_down == policy.settings_for(*about, **where).cool_down
