"""`nightcrew permissions`: the roles as they are deployed, and what a runbook may do within its own."""

import pytest

from nightcrew.authoring.catalog import Catalog
from tests.cli.desk import typed
from tests.stack import template


def test_the_statements_are_those_of_the_template() -> None:
    """What a security review reads here is what is deployed."""
    told = typed("permissions", "--json").json
    resources = template()["Resources"]
    for family, statements in told.items():
        name = f"{family.title().replace('-', '')}Remediator"
        (own, *_) = resources[name]["Properties"]["Policies"]
        deployed = own["PolicyDocument"]["Statement"]
        assert [each["Sid"] for each in statements] == [each["Sid"] for each in deployed]
        assert [each["Action"] for each in statements] == [each["Action"] for each in deployed]


@pytest.mark.parametrize("name", ["restart-ec2-instance", "restore-dynamodb-table"])
def test_a_runbooks_session_allows_what_it_declares_and_what_that_depends_on(name: str) -> None:
    told = typed("permissions", name, "--json").json
    session = {action for each in told["session"]["Statement"] for action in each["Action"]}
    assert session == set(Catalog.load()[name].actions)
    assert {action for each in told["role"] for action in each["Action"]} == set(Catalog.load()[name].actions)


def test_it_shows_what_a_run_may_send_about_its_own_resource_only() -> None:
    """A made-up one stands for it: which one it is, a run's opening entry says."""
    told = typed("permissions", "restart-ec2-instance", "--json").json
    held = told["session"]["Statement"][1]
    assert held["Action"] == ["ec2:StartInstances", "ec2:StopInstances"]
    assert told["resource"] in held["Resource"]
    assert "own resource only" in typed("permissions", "restart-ec2-instance").out
    assert "own resource only" not in typed("permissions", "run-ssm-automation").out


@pytest.mark.parametrize("columns", [80, 120])
def test_people_read_to_what_each_action_is_held(columns: int) -> None:
    seen = typed("permissions", "restart-ec2-instance", columns=columns)
    assert "ActOnTagged" in seen.out
    assert "where aws:ResourceTag/nightcrew is managed" in seen.out
    assert seen.widest <= columns


def test_an_unknown_runbook_is_a_clear_error() -> None:
    seen = typed("permissions", "restart-ec2")
    assert seen.code == 2
    assert "restart-ec2-instance" in seen.err
