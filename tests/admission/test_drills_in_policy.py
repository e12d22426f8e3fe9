"""Drills in policy: what may stand there, and that the compiled policy has them, too."""

from datetime import timedelta

import pytest

from nightcrew.admission.drill import Drill
from nightcrew.admission.policy_compiled import compiled, from_compiled
from nightcrew.admission.policy_file import load
from nightcrew.errors import BadPolicy

TWO = """
drills:
  - runbook: drill-dynamodb-restore
    parameters: {table: orders}
    every: 7d
    rto: 1h
    rpo: 10m
  - runbook: drill-rds-restore
    parameters: {instance: till, subnet_group: drills, security_group: sg-0abc1234}
    every: 30d
    account: "210987654321"
    region: eu-central-1
"""


def test_a_drill_is_a_runbook_a_time_and_targets() -> None:
    first, second = load(TWO).drills
    assert (first.runbook, first.every) == ("drill-dynamodb-restore", timedelta(days=7))
    assert first.given == {"table": "orders", "rto": "3600s", "rpo": "600s"}
    assert (second.account, second.region, second.rto, second.rpo) == ("210987654321", "eu-central-1", None, None)
    assert str(second) == "drills[1] (drill-rds-restore)"


def test_the_compiled_policy_has_the_same_drills() -> None:
    policy = load(TWO)
    assert from_compiled(compiled(policy)) == policy


def test_without_drills_there_are_none() -> None:
    """An empty section is a section whose lines are all comments."""
    assert load("").drills == ()
    assert load("drills:\n").drills == ()


def test_its_schedule_is_known_again_under_other_targets_and_times_only() -> None:
    """A team that wants a drill more often does not want it from the beginning."""
    one = Drill(0, "drill-dynamodb-restore", timedelta(days=7), {"table": "orders"})
    assert Drill(3, one.runbook, timedelta(days=1), one.parameters, rto=timedelta(hours=1)).key == one.key
    assert Drill(0, one.runbook, one.every, {"table": "carts"}).key != one.key
    assert Drill(0, one.runbook, one.every, one.parameters, account="210987654321").key != one.key


@pytest.mark.parametrize(
    ("text", "field", "allowed"),
    [
        ("{runbook: restart-ec2-instance, every: 7d}", "drills[0].runbook", "whose name begins with drill-"),
        ("{runbook: drill-rds-restore}", "drills[0].every", "it must be there"),
        ("{runbook: drill-rds-restore, every: weekly}", "drills[0].every", "an hour or more"),
        ("{runbook: drill-rds-restore, every: 9999999999999d}", "drills[0].every", "an hour or more"),
        ("{runbook: drill-rds-restore, every: 59m}", "drills[0].every", "an hour or more"),
        ("{runbook: drill-rds-restore, every: 7d, rto: 0s}", "drills[0].rto", "a duration"),
        ("{runbook: drill-rds-restore, every: 7d, rto: [1h]}", "drills[0].rto", "a duration"),
        ("{runbook: drill-rds-restore, every: 7d, account: '1'}", "drills[0].account", "twelve digits"),
        ("{runbook: drill-rds-restore, every: 7d, evry: 1d}", "drills[0].evry", "every"),
        ("{runbook: drill-rds-restore, every: 7d, parameters: {rto: 1h}}", "drills[0].parameters", "say rto beside"),
    ],
)
def test_what_is_wrong_is_named_with_its_field_and_what_is_allowed(text: str, field: str, allowed: str) -> None:
    with pytest.raises(BadPolicy) as wrong:
        load(f"drills:\n  - {text}\n")
    assert field in str(wrong.value)
    assert allowed in str(wrong.value)


def test_the_same_drill_stands_once() -> None:
    one = "  - {runbook: drill-rds-restore, parameters: {instance: till}, every: 7d}\n"
    with pytest.raises(BadPolicy, match="it may stand once"):
        load(f"drills:\n{one}{one.replace('7d', '1d')}")


def test_a_drill_that_is_not_in_the_catalog_is_refused() -> None:
    """As a binding or a rule about such a runbook is."""
    with pytest.raises(BadPolicy, match=r"drills\[0\].runbook"):
        load("drills:\n  - {runbook: drill-everything, every: 7d}\n").check_against(["drill-rds-restore"])
