"""The compiled policy: read back as it was, without pydantic and YAML."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.admission.policy import SECTIONS, Level, Policy
from nightcrew.admission.policy_compiled import compiled, from_compiled
from nightcrew.admission.policy_file import load
from nightcrew.errors import BadPolicy

TEXT = """\
defaults: {stale: 90s}
bindings:
  - {alarm: "checkout-*", runbook: roll-ecs-service, parameters: {cluster: prod}, autonomy: suggest}
  - {alarm: "*", runbook: roll-ecs-service}
  - {event: "aws.rds:*:RDS-EVENT-0007", runbook: grow-rds-storage, autonomy: approve}
rules:
  - when: {runbook: restart-ec2-instance, region: eu-central-1, alarm_tag: {team: checkout, tier: "1"}}
    cool_down: 2h
  - when: {resource_tag: {stage: prod}}
    autonomy: approve
freezes:
  - {name: sale, from: "2026-11-20T18:00", to: "2026-11-23T08:00", zone: Europe/Berlin, when: {risk: disruptive}}
  - {name: nights, from: "22:00", to: "06:00", days: [fri, sat]}
  - {name: ops, calendar: ops}
error_budgets:
  - {slo: checkout, below: 10%, autonomy: suggest, except: {family: restart}, resources: ["arn:aws:ecs:*"]}
drills:
  - {runbook: drill-rds-restore, parameters: {instance: till}, every: 7d, rto: 1h, region: eu-central-1}
game_days:
  - name: web stops
    fault: {stop-instance: i-0abc1234def567890}
    expects: {alarm: web-1-status, runbook: restart-ec2-instance}
    blocking: [checkout-5xx]
    account: "123456789012"
"""
POLICY = load(TEXT)


def test_a_compiled_policy_is_read_back_as_it_was() -> None:
    assert from_compiled(compiled(POLICY)) == POLICY
    assert compiled(from_compiled(compiled(POLICY))) == compiled(POLICY)


@settings(max_examples=30)
@given(st.dictionaries(st.text(min_size=1), st.text()), st.none() | st.sampled_from(Level))
def test_whatever_a_bindings_parameters_say_comes_back(parameters: dict[str, str], level: Level | None) -> None:
    first = POLICY.bindings[0]
    bound = type(first)(0, first.alarm, first.runbook, parameters, level, line=first.line)
    policy = Policy("0", bindings=(bound,))
    assert from_compiled(compiled(policy)) == policy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"form": 0}',
        '{"form": 1}',
        compiled(POLICY).replace('"region":"eu-central-1"', '"regoin":"eu-central-1"'),
        compiled(POLICY).replace('"approve"', '"aprove"'),
        compiled(POLICY).replace('"cool_down"', '"cooldown"'),
        compiled(POLICY).replace('"2h"', '"2 hours"'),
    ],
)
def test_a_compiled_policy_that_says_something_unknown_is_refused(text: str) -> None:
    """A selector that is passed over would make its rule apply to everything."""
    with pytest.raises(BadPolicy):
        from_compiled(text)


@pytest.mark.parametrize("section", [kind.SECTION for kind in SECTIONS])
def test_an_item_with_a_key_more_or_a_key_less_is_refused(section: str) -> None:
    """A freeze without its selection would hold up everything, and one with a key more says what nobody here reads."""
    content = json.loads(compiled(POLICY))
    for key in [*content[section][0], "more"]:
        broken = json.loads(compiled(POLICY))
        if key in broken[section][0]:
            del broken[section][0][key]
        else:
            broken[section][0][key] = ""
        with pytest.raises(BadPolicy, match=key):
            from_compiled(json.dumps(broken))


def test_the_way_from_an_alarm_to_its_runbook_loads_neither_pydantic_nor_yaml() -> None:
    """They cost more than the rest of a cold start together; the file was checked before."""
    seen = "import sys; print(sorted({'pydantic', 'yaml'} & set(sys.modules)))"
    code = f"import nightcrew.dispatch.matching, nightcrew.admission.policy_compiled; {seen}"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert result.stdout.strip() == "[]"
