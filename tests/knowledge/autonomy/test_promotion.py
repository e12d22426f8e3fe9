"""Promotions as a patch for policy's text."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.admission.proof import Proof
from nightcrew.admission.settings import Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.errors import BadPolicy
from nightcrew.knowledge.autonomy.earned import earned
from nightcrew.knowledge.autonomy.promotion import Promotion, diff, patched
from nightcrew.knowledge.autonomy.proposing import proposals

NAME = "restart-ec2-instance"
UP = Promotion(NAME, Level.APPROVE, Level.AUTO, "helped 12 of 12")
LIMIT = Promotion(NAME, Level.AUTO, Level.APPROVE, "helped 1 of 2", ("service", "batch"))

BLOCK = f"""\
# Ours.
defaults:
  cool_down: 20m

rules:
  # Restarts are watched.
  - when: {{runbook: {NAME}}}
    autonomy: approve # for now
    cool_down: 30m
  - when: {{family: failover}}
    autonomy: approve
"""
FLOW = f"""\
rules:
  - {{when: {{runbook: {NAME}}}, autonomy: approve}}
  - {{when: {{family: failover}}, autonomy: suggest}}
"""
WITHOUT = f"rules:\n  - when: {{runbook: {NAME}}}\n    cool_down: 30m\n"
OTHER = "rules:\n- when: {family: failover}\n  autonomy: approve\n"


QUOTED = f"rules:\n  - when: {{runbook: {NAME}}}\n    autonomy: 'approve'\n"
EMPTY = ("rules: []\n", "rules:\n", "defaults:\n  cool_down: 20m\n", "")


@pytest.mark.parametrize("text", [BLOCK, FLOW, WITHOUT, OTHER, QUOTED, *EMPTY])
def test_the_patched_policy_says_the_new_level_and_nothing_else_is_different(text: str) -> None:
    """However the file is written."""
    made = load(patched(text, [UP]))
    settings = made.settings_for(NAME, "restart", "disruptive", alarm_tags={}, region="r", account="1")
    assert settings.autonomy.value is Level.AUTO
    before = load(text)
    other = {"alarm_tags": {}, "region": "r", "account": "1"}
    for family in ("failover", "restore"):
        told = [policy.settings_for("x", family, "low", **other).autonomy.value for policy in (before, made)]  # type: ignore[arg-type]
        assert told[0] is told[1]
    assert made.defaults == before.defaults


def test_only_its_own_line_is_changed() -> None:
    """Comments stay, and so does everything else."""
    assert patched(BLOCK, [UP]) == BLOCK.replace("autonomy: approve # for now", "autonomy: auto # for now")
    assert patched(FLOW, [UP]) == FLOW.replace("autonomy: approve", "autonomy: auto")


def test_a_limit_for_a_tag_is_a_rule_more() -> None:
    """The runbook is raised; what has the tag stays as it was."""
    made = load(patched(BLOCK, [UP, LIMIT]))
    about = {"alarm_tags": {}, "region": "r", "account": "1"}
    levels = [
        made.settings_for(NAME, "restart", "disruptive", resource_tags=tags, **about).autonomy.value  # type: ignore[arg-type]
        for tags in ({"service": "batch"}, {"service": "web"})
    ]
    assert levels == [Level.APPROVE, Level.AUTO]


def test_a_tag_that_is_no_plain_word_is_quoted() -> None:
    """Whoever tags a resource writes no policy."""
    odd = Promotion(NAME, Level.AUTO, Level.APPROVE, "x", ("team", "a: b}, autonomy: auto #'"))
    [rule] = [rule for rule in load(patched("", [odd])).rules if rule.when.resource_tag]
    assert dict(rule.when.resource_tag) == {"team": "a: b}, autonomy: auto #'"}
    assert rule.values["autonomy"] is Level.APPROVE


def test_the_patch_is_one_that_git_applies(tmp_path: Path) -> None:
    """A person reads it, and applies it."""
    file = tmp_path / "policy.yaml"
    file.write_text(BLOCK, encoding="utf-8")
    text = diff(BLOCK, patched(BLOCK, [UP, LIMIT]), "policy.yaml")
    assert text.startswith("--- a/policy.yaml\n+++ b/policy.yaml\n")
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], cwd=tmp_path, input=text, text=True, check=True)
    assert file.read_text(encoding="utf-8") == patched(BLOCK, [UP, LIMIT])


def test_a_file_without_a_last_line_end_can_be_patched(tmp_path: Path) -> None:
    """Editors differ."""
    text = BLOCK.rstrip("\n")
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    patch = diff(text, patched(text, [UP]), "policy.yaml")
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], cwd=tmp_path, input=patch, text=True, check=True)
    assert file.read_text(encoding="utf-8") == patched(text, [UP])


def test_nothing_to_change_is_no_patch() -> None:
    """The text as it was."""
    assert diff(BLOCK, patched(BLOCK, []), "policy.yaml") == ""


def test_what_cannot_be_written_into_it_is_said() -> None:
    """A rule in one line without a level: where to add it is the reader's to say."""
    with pytest.raises(BadPolicy, match="by hand"):
        patched(f"rules:\n  - {{when: {{runbook: {NAME}}}, cool_down: 30m}}\n", [UP])


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{when: {family: failover}, autonomy: approve}]\n",
        f'{{"rules": [{{"when": {{"runbook": "{NAME}"}}, "autonomy": "approve"}}]}}',
        "{}\n",
    ],
)
def test_a_file_in_another_form_is_not_called_bad(text: str) -> None:
    """The policy can be read: it is the patch that cannot be written into it."""
    load(text)
    with pytest.raises(BadPolicy, match=f"by hand runbook: {NAME}, autonomy: auto"):
        patched(text, [UP])


@pytest.mark.parametrize(("region", "proposed"), [("eu-west-1", 0), ("eu-north-1", 1)])
def test_nothing_is_proposed_that_would_not_hold_here(catalog: Catalog, region: str, proposed: int) -> None:
    """A rule about this Region alone says what holds here: a rule about the runbook would raise it elsewhere only."""
    policy = load(f"rules:\n  - {{when: {{runbook: {NAME}, region: eu-west-1}}, autonomy: approve}}\n")
    today = date(2026, 11, 21)
    found = earned(NAME, "disruptive", Proof(today, today, 20, 20))
    assert len(proposals([found], policy, catalog, region, "123456789012")) == proposed
