"""policy.yaml: what it may say, and that every error names file, line, field, value and what is allowed."""

import json
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import SECTIONS, SELECTORS, Binding, Level, Policy, Settings, When
from nightcrew.admission.policy_errors import BadPolicies
from nightcrew.admission.policy_file import load
from nightcrew.admission.policy_form import FAMILIES, RISKS, FileForm, RuleForm, WhenForm, known_at
from nightcrew.admission.policy_lines import read
from nightcrew.admission.settings import KINDS, duration_text
from nightcrew.authoring import runbook
from nightcrew.errors import BadPolicy
from nightcrew.spelling import one_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGED = ROOT / "runbooks" / "policy.yaml"
DEMO = ROOT / "functions" / "nightcrew" / "demo" / "policy.yaml"

FULL = """\
defaults:
  autonomy: suggest
  stale: 90s

bindings:
  - alarm: "checkout-5xx-*"
    runbook: roll-ecs-service
    parameters: {cluster: prod, desired: 6, drain: no, code: 0123}
    autonomy: approve

rules:
  - when: {runbook: restart-ec2-instance, account: 012345678901}
    autonomy: auto
    cool_down: 2h
  - when:
      alarm_tag: {team: checkout}
    ok_held: 0s
"""


def test_a_policy_is_read_with_its_lines() -> None:
    policy = load(FULL, "team.yaml")
    assert policy.file == "team.yaml"
    assert policy.defaults == {"autonomy": Level.SUGGEST, "stale": timedelta(seconds=90)}
    assert [rule.line for rule in policy.rules] == [12, 15]
    assert policy.rules[0].when == When(runbook="restart-ec2-instance", account="012345678901")
    assert policy.rules[0].values == {"autonomy": Level.AUTO, "cool_down": timedelta(hours=2)}
    assert policy.rules[1].when == When(alarm_tag={"team": "checkout"})


def test_parameters_are_the_text_that_stands_in_the_file() -> None:
    """YAML would read 6 as a number, no as false and 0123 as 83."""
    parameters = {"cluster": "prod", "desired": "6", "drain": "no", "code": "0123"}
    bound = Binding(0, "checkout-5xx-*", "roll-ecs-service", parameters, Level.APPROVE, line=6)
    assert load(FULL).bindings == (bound,)


def test_the_version_is_the_start_of_the_texts_hash() -> None:
    assert load("").version == "e3b0c44298fc"
    assert load("# a comment\n").version != load("").version


@pytest.mark.parametrize("text", ["", "# nothing\n", "defaults:\nbindings:\nrules:\n", "rules: []\n"])
def test_an_empty_policy_or_section_says_nothing(text: str) -> None:
    policy = load(text)
    assert (policy.defaults, policy.bindings, policy.rules) == ({}, (), ())


RULE = "rules:\n  - when: {family: restart}\n    "
BINDING = "bindings:\n  - alarm: db-*\n    runbook: fail-over-aurora-cluster\n    "


@pytest.mark.parametrize(
    ("text", "line", "field", "value", "allowed"),
    [
        (
            *("rule: []", 1, "rule", "rule"),
            "did you mean rules? one of bindings, defaults, drills, error_budgets, freezes, game_days, rules",
        ),
        ("\n\nrules: 5", 3, "rules", "5", "a list, each item after a dash"),
        ("- 1", 1, "policy", ["1"], "keys with values"),
        ("rules:\n  - 7", 2, "rules[0]", "7", "keys with values"),
        ("rules:\n  - autonomy: auto", 2, "rules[0].when", None, "it must be there"),
        ("rules:\n  - when: {}\n    autonomy: auto", 2, "rules[0].when", {}, "at least one of runbook"),
        (RULE.rstrip(), 2, "rules[0]", "rules[0] (family: restart)", "a rule that sets something"),
        (RULE + "autonomy: atuo", 3, "rules[0].autonomy", "atuo", "one of observe, suggest, approve, auto"),
        (RULE + "autonomy:", 3, "rules[0].autonomy", "", "one of observe, suggest, approve, auto"),
        (RULE + "autonomy: [auto]", 3, "rules[0].autonomy", ["auto"], "one of observe"),
        (RULE + "cooldown: 5m", 3, "rules[0].cooldown", "cooldown", "did you mean cool_down?"),
        (RULE + "cool_down: 15", 3, "rules[0].cool_down", "15", "a duration of at most 30d, like 90s, 15m or 2h"),
        (RULE + "cool_down: 31d", 3, "rules[0].cool_down", "31d", "at most 30d"),
        (RULE + "cool_down: 9999999999999d", 3, "rules[0].cool_down", "9999999999999d", "at most 30d"),
        (RULE + "cool_down: [5m]", 3, "rules[0].cool_down", ["5m"], "at most 30d"),
        (RULE + "budget_at_once: {a: 1}", 3, "rules[0].budget_at_once", {"a": "1"}, "a whole number, or a part"),
        (RULE + "cool_down: -5m", 3, "rules[0].cool_down", "-5m", "at most 30d"),
        (RULE + "stale: 2d", 3, "rules[0].stale", "2d", "at most 1d"),
        ("rules:\n  - when: {family: restrat}", 2, "rules[0].when.family", "restrat", "did you mean restart?"),
        ("rules:\n  - when: {risk: high}", 2, "rules[0].when.risk", "high", "costly, data-loss, disruptive, low"),
        ("rules:\n  - when: {regoin: x}", 2, "rules[0].when.regoin", "regoin", "did you mean region?"),
        ("rules:\n  - when: {region: Frankfurt}", 2, "rules[0].when.region", "Frankfurt", "a Region, like"),
        ("rules:\n  - when: {account: 1234}", 2, "rules[0].when.account", "1234", "twelve digits"),
        ("rules:\n  - when: {runbook: Restart_EC2}", 2, "rules[0].when.runbook", "Restart_EC2", "a runbook's name"),
        ("rules:\n  - when: {alarm_tag: {}}", 2, "rules[0].when.alarm_tag", {}, "at least one key"),
        ("rules:\n  - when: {alarm_tag: team}", 2, "rules[0].when.alarm_tag", "team", "keys with values"),
        ("bindings:\n  - runbook: x", 2, "bindings[0].alarm", None, "it must be there"),
        ("bindings:\n  - {alarm: '', runbook: x}", 2, "bindings[0].alarm", "", "an alarm's name, or a pattern"),
        (BINDING + "parameter: {}", 4, "bindings[0].parameter", "parameter", "did you mean parameters?"),
        (BINDING + "parameters: {a: [1]}", 4, "bindings[0].parameters.a", ["1"], "text"),
        (BINDING + "autonomy: full", 4, "bindings[0].autonomy", "full", "one of observe"),
        ("defaults:\n  autonomy: auto", 2, "defaults.autonomy", "auto", "observe or suggest"),
        ("defaults:\n  autonomy: approve", 2, "defaults.autonomy", "approve", "observe or suggest"),
        (
            "rules:\n\n  - {when: {family: restart}, stale: 5m, stale: 6m}",
            3,
            "rules[0].stale",
            "stale",
            "on line 3 already",
        ),
        ("rules: []\nrules: []", 2, "rules", "rules", "it may stand once, and is on line 1 already"),
        ("a: &x 1\nb: *x", 2, "alias", "*x", "write it out"),
        ("? [a]\n: b", 1, "policy", "a key that is not text", "a name"),
        ("rules: [", 1, "YAML", "rules: [", "YAML that can be read"),
        ("rules: []\n\tdefaults: {}", 2, "YAML", "defaults: {}", "YAML that can be read"),
        ("rules: []\n---\nrules: []", 2, "YAML", "---", "single document"),
        ("a: \x00", 1, "YAML", "a: \x00", "special characters are not allowed"),
        ("a:\n " + "[" * 900, 2, "YAML", "[" * 900, "at most 10 levels"),
    ],
)
def test_an_error_names_line_field_value_and_what_is_allowed(
    text: str, line: int, field: str, value: object, allowed: str
) -> None:
    with pytest.raises(BadPolicy) as caught:
        load(text, "team.yaml")
    error = caught.value
    assert (error.line, error.field, error.value) == (line, field, value)
    assert allowed in error.allowed
    assert str(error).startswith(f"team.yaml:{line}: {field}: ")


@pytest.mark.parametrize("wrong", [["a"], {"a": "b"}, "9" * 30 + "d", "9" * 30 + "%", "\0"], ids=repr)
def test_whatever_stands_where_something_else_was_meant_is_told(wrong: object) -> None:
    """In all places at once. Anything but a BadPolicy would stop whoever reads the parameter."""

    def everywhere(content: Any) -> Any:
        if isinstance(content, dict):
            return {key: everywhere(each) for key, each in content.items()}
        return [everywhere(each) for each in content] if isinstance(content, list) else wrong

    content, _ = read(examples(), "policy.yaml")
    with pytest.raises(BadPolicies) as caught:
        load(json.dumps(everywhere(content)))
    found = {error.field for error in (caught.value, *caught.value.others)}
    assert {"defaults.cool_down", "defaults.budget_at_once", "freezes[0].zone", "drills[0].every"} <= found
    assert {"error_budgets[0].below", "game_days[0].fault", "game_days[0].expects.within"} <= found


TAGGED = "rules:\n  - when: {resource_tag: {stage: prod}}\n    "


@pytest.mark.parametrize(
    ("text", "line", "field", "allowed"),
    [
        (TAGGED + "autonomy: auto", 3, "rules[0].autonomy", "a tag may only lower autonomy"),
        (
            TAGGED + "cool_down: 1h",
            3,
            "rules[0].cool_down",
            "only autonomy, budget_at_once, budget_hour, health_url in a rule about a resource's tags",
        ),
        ("rules:\n  - when: {alarm_tag: {a: b}}\n    autonomy: auto", 3, "rules[0].autonomy", "only lower autonomy"),
        (
            RULE + "stale: 5m\n  - when: {family: restart}\n    ok_held: 5m",
            4,
            "rules[1].when",
            "add these settings to rules[0]",
        ),
        (
            BINDING + "\n  - alarm: db-*\n    runbook: x",
            5,
            "bindings[1].alarm",
            "bindings[0] (alarm: db-*) binds it already",
        ),
    ],
)
def test_what_could_never_take_effect_is_refused(text: str, line: int, field: str, allowed: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        load(text)
    assert (caught.value.line, caught.value.field) == (line, field)
    assert allowed in caught.value.allowed


def test_all_errors_come_at_once_the_first_by_line_first() -> None:
    text = "rules:\n  - when: {family: restrat}\n    stale: soon\nbinding: []\n"
    with pytest.raises(BadPolicies) as caught:
        load(text)
    lines = [(error.line, error.field) for error in (caught.value, *caught.value.others)]
    assert lines == [(2, "rules[0].when.family"), (3, "rules[0].stale"), (4, "binding")]


def test_the_form_has_every_selector_every_setting_and_every_section() -> None:
    assert tuple(WhenForm.model_fields) == SELECTORS == tuple(field.name for field in fields(When))
    assert set(RuleForm.model_fields) == {"when", *KINDS}
    sections = {kind.SECTION for kind in SECTIONS}
    assert set(FileForm.model_fields) == {"defaults", *sections}
    assert sections < {field.name for field in fields(Policy)}


@pytest.mark.parametrize("section", [kind.SECTION for kind in SECTIONS])
def test_a_key_that_no_section_has_is_refused_with_those_that_there_are(section: str) -> None:
    """By the names under which they stand in the file."""
    keys = known_at((section, 0))
    assert not {"number", "line", "begins", "but"} & set(keys)
    with pytest.raises(BadPolicies) as caught:
        load(f"{section}:\n  - {{nothing: here}}")
    wrong = [error for error in (caught.value, *caught.value.others) if error.field == f"{section}[0].nothing"]
    assert [error.allowed for error in wrong] == [one_of(keys, "nothing")]


def test_rules_select_by_the_families_and_risks_that_runbooks_can_have() -> None:
    assert (FAMILIES, RISKS) == (runbook.FAMILIES, runbook.RISKS)


def test_the_packaged_policy_states_the_built_in_values_and_turns_nothing_on() -> None:
    policy = load(PACKAGED.read_text(encoding="utf-8"))
    assert policy.defaults == {name: getattr(Settings(), name).value for name in KINDS}
    assert (policy.bindings, policy.rules) == ((), ())


def test_each_packaged_default_has_its_reason_above_it() -> None:
    lines = PACKAGED.read_text(encoding="utf-8").splitlines()
    for name, kind in KINDS.items():
        at = lines.index(f"  {name}: {kind.write(getattr(Settings(), name).value)}")
        # Two that belong together, like chain and chain_within, share theirs.
        above = next(line for line in reversed(lines[:at]) if not line.startswith(f"  {name.partition('_')[0]}"))
        assert above.startswith("  # ")


def examples() -> str:
    """The packaged policy with the comment signs taken away."""
    return (
        PACKAGED.read_text(encoding="utf-8")
        .replace("bindings: []", "bindings:")
        .replace("rules: []", "rules:")
        .replace("freezes: []", "freezes:")
        .replace("error_budgets: []", "error_budgets:")
        .replace("drills: []", "drills:")
        .replace("game_days: []", "game_days:")
        .replace("\n#  ", "\n  ")
        .replace("\n#\n", "\n\n")
    )


def test_the_packaged_examples_are_a_valid_policy() -> None:
    """Whoever takes the comment signs away gets a policy that loads."""
    policy = load(examples())
    assert len(policy.bindings) == 2
    assert len(policy.rules) == 4
    assert len(policy.freezes) == 3
    assert len(policy.error_budgets) == 1
    assert len(policy.drills) == 1
    assert len(policy.game_days) == 1


def test_in_the_demo_four_runbooks_and_a_drill_run_by_themselves_one_asks_and_nothing_else_does() -> None:
    policy = load(DEMO.read_text(encoding="utf-8"))
    runs = {rule.when.runbook: rule.values for rule in policy.rules}
    expected = {"autonomy": Level.AUTO, "ok_held": timedelta(minutes=5)}
    names = [
        "restart-ec2-instance",
        "scale-out-auto-scaling-group",
        "fail-over-aurora-cluster",
        "restore-dynamodb-table",
    ]
    drill = {name: {"autonomy": Level.AUTO} for name in ("drill-dynamodb-restore", "clear-away-drill")}
    asks = {"reboot-ec2-instance": {"autonomy": Level.APPROVE, "approval": timedelta(hours=8)}}
    assert runs == {**dict.fromkeys(names, expected), **drill, **asks}
    assert policy.defaults == {"autonomy": Level.OBSERVE}


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "90s"), (900, "15m"), (7200, "2h"), (604800, "7d")])
def test_a_duration_is_written_in_the_largest_unit_that_says_it(seconds: int, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
