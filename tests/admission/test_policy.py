"""What policy says about a start: which line decides, and why."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.admission.policy import (
    SELECTORS,
    Binding,
    Level,
    Policy,
    Rule,
    Setting,
    Settings,
    When,
    lowest,
    tag_limit,
)
from nightcrew.admission.settings import Start

OBSERVE, SUGGEST, APPROVE, AUTO = Level

SUBJECT = {
    "runbook": "restart-ec2-instance",
    "family": "restart",
    "risk": "disruptive",
    "alarm_tag": {"team": "checkout", "tier": "1"},
    "resource_tag": {"stage": "prod"},
    "region": "eu-central-1",
    "account": "111122223333",
}


def policy(*rules: tuple[dict[str, Any], dict[str, Any]], **more: Any) -> Policy:
    """A policy of rules, each its ``when`` and its values."""
    return Policy(
        "0" * 12, rules=tuple(Rule(n, When(**when), values) for n, (when, values) in enumerate(rules)), **more
    )


def ask(asked: Policy, *, hold: bool = False, **more: Any) -> Settings:
    """Settings for the subject above, at admission or at hold."""
    about: dict[str, Any] = {**SUBJECT, **more}
    return asked.settings_for(
        about["runbook"],
        about["family"],
        about["risk"],
        alarm_tags=about["alarm_tag"],
        resource_tags=about["resource_tag"] if hold else None,
        region=about["region"],
        account=about["account"],
        binding=about.get("binding"),
        limit=about.get("limit"),
    )


def test_levels_are_ordered() -> None:
    assert sorted([AUTO, OBSERVE, APPROVE, SUGGEST]) == [OBSERVE, SUGGEST, APPROVE, AUTO]
    assert OBSERVE < SUGGEST < APPROVE < AUTO
    assert AUTO >= APPROVE


@pytest.mark.parametrize(
    ("level", "by_alarm", "by_person"),
    [(OBSERVE, "write down", "run"), (SUGGEST, "suggest", "run"), (APPROVE, "ask", "ask"), (AUTO, "run", "run")],
)
def test_autonomy_limits_what_runs_by_itself_and_approve_asks_people_too(
    level: Level, by_alarm: Start, by_person: Start
) -> None:
    assert level.start() == by_alarm
    assert level.start(by_person=True) == by_person


def test_without_a_rule_nothing_runs_by_itself() -> None:
    settings = ask(policy())
    assert settings.autonomy == Setting(OBSERVE, "built in")
    assert settings == Settings()


def test_a_default_of_the_file_goes_before_the_built_in_one() -> None:
    settings = ask(policy(defaults={"stale": timedelta(minutes=5)}))
    assert settings.stale == Setting(timedelta(minutes=5), "defaults")
    assert settings.approval == Setting(timedelta(minutes=30), "built in")


@pytest.mark.parametrize("at", range(len(SELECTORS) - 1))
def test_the_more_specific_selector_wins(at: int) -> None:
    """Runbook, family, risk, alarm tag, resource tag, Region, account: each goes before all that follow, together."""
    winner, losers = SELECTORS[at], SELECTORS[at + 1 :]
    asked = policy(
        ({name: SUBJECT[name] for name in losers}, {"cool_down": timedelta(hours=1)}),
        ({winner: SUBJECT[winner]}, {"cool_down": timedelta(hours=2)}),
    )
    assert ask(asked, hold=True).cool_down.value == timedelta(hours=2)
    assert ask(asked, hold=True).cool_down.because.startswith(f"rules[1] ({winner}: ")


def test_each_value_comes_from_the_most_specific_rule_that_sets_it() -> None:
    asked = policy(
        ({"account": "111122223333"}, {"stale": timedelta(minutes=1), "cool_down": timedelta(minutes=1)}),
        ({"runbook": "restart-ec2-instance"}, {"cool_down": timedelta(minutes=2)}),
    )
    settings = ask(asked)
    assert settings.cool_down == Setting(timedelta(minutes=2), "rules[1] (runbook: restart-ec2-instance)")
    assert settings.stale == Setting(timedelta(minutes=1), "rules[0] (account: 111122223333)")


def test_of_two_equally_specific_rules_the_first_wins() -> None:
    asked = policy(
        ({"alarm_tag": {"team": "checkout"}}, {"cool_down": timedelta(minutes=1)}),
        ({"alarm_tag": {"tier": "1"}}, {"cool_down": timedelta(minutes=2)}),
    )
    assert ask(asked).cool_down.value == timedelta(minutes=1)


def test_a_rule_with_more_tags_is_more_specific() -> None:
    asked = policy(
        ({"alarm_tag": {"team": "checkout"}}, {"cool_down": timedelta(minutes=1)}),
        ({"alarm_tag": {"team": "checkout", "tier": "1"}}, {"cool_down": timedelta(minutes=2)}),
    )
    assert ask(asked).cool_down.value == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("when", "other"),
    [
        ({"runbook": "restart-ec2-instance"}, {"runbook": "reboot-ec2-instance"}),
        ({"risk": "disruptive"}, {"risk": "low"}),
        ({"region": "eu-central-1"}, {"region": "us-east-1"}),
        ({"alarm_tag": {"team": "checkout"}}, {"alarm_tag": {"team": "search"}}),
        ({"alarm_tag": {"team": "checkout"}}, {"alarm_tag": {}}),
    ],
)
def test_a_rule_is_about_what_it_selects_and_nothing_else(when: dict[str, Any], other: dict[str, Any]) -> None:
    asked = policy((when, {"cool_down": timedelta(hours=9)}))
    assert ask(asked).cool_down.value == timedelta(hours=9)
    assert ask(asked, **other).cool_down.value == timedelta(minutes=15)


def test_every_selector_of_a_rule_must_hold() -> None:
    asked = policy(({"runbook": "restart-ec2-instance", "region": "us-east-1"}, {"autonomy": AUTO}))
    assert ask(asked).autonomy.value is OBSERVE
    assert ask(asked, region="us-east-1").autonomy.value is AUTO


RUN = ({"runbook": "restart-ec2-instance"}, {"autonomy": AUTO})


@pytest.mark.parametrize(
    ("tags", "level", "because"),
    [
        ({}, AUTO, "rules[0] (family: restart)"),
        (
            {"nightcrew:autonomy": "suggest"},
            SUGGEST,
            "alarm tag nightcrew:autonomy=suggest, which lowers auto from rules[0] (family: restart)",
        ),
        ({"nightcrew:autonomy": "auto"}, AUTO, "rules[0] (family: restart)"),
        (
            {"nightcrew:autonomy": "atuo"},
            OBSERVE,
            (
                "alarm tag nightcrew:autonomy=atuo (not a level, so observe), "
                "which lowers auto from rules[0] (family: restart)"
            ),
        ),
    ],
)
def test_an_alarms_own_tag_lowers_autonomy(tags: Mapping[str, str], level: Level, because: str) -> None:
    asked = policy(({"family": "restart"}, {"autonomy": AUTO}))
    assert ask(asked, alarm_tag=tags).autonomy == Setting(level, because)


def test_an_alarms_own_tag_raises_nothing() -> None:
    assert ask(policy(), alarm_tag={"nightcrew:autonomy": "auto"}).autonomy == Setting(OBSERVE, "built in")


def test_a_rule_about_tags_lowers_a_more_specific_rule_and_raises_nothing() -> None:
    ceiling = ({"alarm_tag": {"team": "checkout"}}, {"autonomy": APPROVE})
    assert ask(policy(RUN, ceiling)).autonomy.value is APPROVE
    assert ask(policy(RUN, ceiling), alarm_tag={}).autonomy.value is AUTO
    assert ask(policy(ceiling)).autonomy.value is OBSERVE


def test_resource_tags_count_at_hold_only() -> None:
    asked = policy(RUN, ({"resource_tag": {"stage": "prod"}}, {"autonomy": SUGGEST}))
    assert ask(asked).autonomy.value is AUTO
    assert ask(asked, hold=True).autonomy.value is SUGGEST


@pytest.mark.parametrize("level", [OBSERVE, SUGGEST, APPROVE, AUTO])
def test_a_bindings_autonomy_goes_before_every_rule_and_yields_to_tags(level: Level) -> None:
    binding = Binding(0, "cpu-*", "restart-ec2-instance", autonomy=level)
    asked = policy(({"runbook": "restart-ec2-instance"}, {"autonomy": APPROVE}))
    assert ask(asked, binding=binding).autonomy == Setting(level, "bindings[0] (alarm: cpu-*)")
    assert ask(asked, binding=binding, alarm_tag={"nightcrew:autonomy": "observe"}).autonomy.value is OBSERVE


def test_a_binding_without_autonomy_leaves_it_to_the_rules() -> None:
    binding = Binding(0, "cpu-*", "restart-ec2-instance")
    assert ask(policy(RUN), binding=binding).autonomy.value is AUTO


def test_a_limit_of_the_match_is_a_ceiling_like_a_tag() -> None:
    settings = ask(policy(RUN), limit=Setting(APPROVE, "metric math"))
    assert settings.autonomy.value is APPROVE
    assert settings.autonomy.because.startswith("metric math, which lowers auto from rules[0]")


def test_the_lowest_ceiling_holds() -> None:
    ceilings = [Setting(APPROVE, "a"), Setting(SUGGEST, "b"), Setting(AUTO, "c")]
    assert lowest(Setting(AUTO, "said"), *ceilings) == Setting(SUGGEST, "b, which lowers auto from said")
    assert lowest(Setting(SUGGEST, "said"), *ceilings) == Setting(SUGGEST, "said")
    assert tag_limit({"nightcrew:runbook": "x"}) is None


def test_settings_are_told_as_text_with_their_origin() -> None:
    facts = ask(policy(RUN)).facts()
    assert facts["autonomy"] == {"value": "auto", "because": "rules[0] (runbook: restart-ec2-instance)"}
    assert facts["approval"] == {"value": "30m", "because": "built in"}


# The most specific rule wins: against a model that compares every pair.

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "runbook": st.sampled_from(["restart-ec2-instance", "other"]),
    "family": st.sampled_from(["restart", "restore"]),
    "risk": st.sampled_from(["disruptive", "low"]),
    "alarm_tag": st.dictionaries(st.sampled_from(["team", "tier"]), st.sampled_from(["checkout", "1"]), min_size=1),
    "resource_tag": st.dictionaries(st.just("stage"), st.sampled_from(["prod", "test"]), min_size=1),
    "region": st.sampled_from(["eu-central-1", "us-east-1"]),
    "account": st.sampled_from(["111122223333", "444455556666"]),
}
WHENS = st.lists(st.sampled_from(SELECTORS), min_size=1, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
)
SETS = st.fixed_dictionaries(
    {},
    optional={"autonomy": st.sampled_from(Level), "cool_down": st.integers(0, 99).map(lambda n: timedelta(minutes=n))},
)
RULES = st.lists(st.tuples(WHENS, SETS), max_size=6)


def covers(when: Mapping[str, Any], *, hold: bool) -> bool:
    for name, wanted in when.items():
        if name == "resource_tag" and not hold:
            return False
        there: Any = SUBJECT[name]
        if wanted != there and not (isinstance(wanted, dict) and wanted.items() <= there.items()):
            return False
    return True


def beats(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a ``when`` is more specific: the first selector in which the two differ decides."""
    for name in SELECTORS:
        mine, its = one.get(name), other.get(name)
        size, other_size = (len(x) if isinstance(x, dict) else int(x is not None) for x in (mine, its))
        if size != other_size:
            return size > other_size
    return False


@settings(max_examples=40)
@given(RULES, st.booleans())
def test_the_winner_is_the_rule_that_no_other_beats(
    rules: list[tuple[dict[str, Any], dict[str, Any]]], hold: bool
) -> None:
    matching = [(n, when, values) for n, (when, values) in enumerate(rules) if covers(when, hold=hold)]
    setters = [(n, when) for n, when, values in matching if "cool_down" in values]
    best = [n for n, when in setters if not any(beats(other, when) for _, other in setters)]
    cool_down = ask(policy(*rules), hold=hold).cool_down
    if best:
        assert cool_down.value == rules[min(best)][1]["cool_down"]
        assert cool_down.because.startswith(f"rules[{min(best)}] ")
    else:
        assert cool_down == Settings().cool_down


@settings(max_examples=40)
@given(RULES, st.booleans(), st.none() | st.sampled_from(Level))
def test_tags_never_raise_autonomy(
    rules: list[tuple[dict[str, Any], dict[str, Any]]], hold: bool, bound: Level | None
) -> None:
    """Without its rules about tags a policy gives at least as much; and no matching rule about tags is overstepped."""
    tagged = [rule for rule in rules if rule[0].keys() & {"alarm_tag", "resource_tag"}]
    plain = [rule for rule in rules if rule not in tagged]
    binding = Binding(0, "*", "restart-ec2-instance", autonomy=bound)
    with_tags = ask(policy(*rules), hold=hold, binding=binding).autonomy.value
    without = ask(policy(*plain), hold=hold, binding=binding).autonomy.value
    ceilings = [values["autonomy"] for when, values in tagged if "autonomy" in values and covers(when, hold=hold)]
    assert with_tags == min([without, *ceilings])
