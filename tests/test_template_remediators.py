"""The roles that act, and the one that plans: what runbooks declare, and who can take them."""

import json

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import actions_of, reads_of
from nightcrew.authoring.runbook import FAMILIES
from tests.roles import PLANNER, REMEDIATORS, filled, reads
from tests.stack import listed, properties, statements, there

PSEUDO_PARAMETERS = {"Partition": "aws-us-gov", "AccountId": "123456789012", "Region": "ap-southeast-2"}


@pytest.mark.parametrize("autonomy", ["approve", "auto"])
def test_a_stack_that_acts_has_remediators(autonomy: str) -> None:
    """Else the sentence above would hold for a stack that can do nothing at all."""
    assert all(there(role, Autonomy=autonomy) for role in REMEDIATORS.values())
    can = [each["Sid"] for each in statements("ExecutorRole", Autonomy=autonomy)]
    assert "ActAsARemediator" in can
    assert "ActAsARemediator" not in [each["Sid"] for each in statements("ExecutorRole", Autonomy="suggest")]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_a_role_that_the_executor_alone_can_take(family: str) -> None:
    """And finds by name: a family's name stands in NIGHTCREW_REMEDIATORS where the executor fills it in."""
    role = properties(REMEDIATORS[family])
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": "ExecutorRole.Arn"}},
        "Action": "sts:AssumeRole",
    }
    pattern = properties("ExecutorFunction")["Environment"]["Variables"]["NIGHTCREW_REMEDIATORS"]["Fn::Sub"]
    arn, place = filled(pattern).format(family=family), filled(role["RoleName"]["Fn::Sub"])
    assert arn == f"arn:aws:iam::123456789012:role/{place}"
    assert len(place) <= 64


@pytest.mark.parametrize("family", FAMILIES)
def test_a_remediator_may_do_what_its_runbooks_declare_and_what_that_depends_on(family: str, catalog: Catalog) -> None:
    allowed = {
        action
        for each in statements(REMEDIATORS[family])
        if each["Effect"] == "Allow"
        for action in listed(each["Action"])
    }
    assert catalog.broken == {}
    assert allowed == set(actions_of(family, catalog.values())), "write the roles anew: make roles"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_remediator_can_touch_nightcrew_itself(family: str) -> None:
    """Whatever is tagged, and however a table is called."""
    denied = [each for each in statements(REMEDIATORS[family]) if each["Effect"] == "Deny"]
    assert [each["Action"] for each in denied] == ["*"]
    assert denied[0]["Resource"] == [
        {"Fn::GetAtt": "LedgerTable.Arn"},
        {"Fn::Sub": "${LedgerTable.Arn}/*"},
        {"Fn::GetAtt": "StateTable.Arn"},
        {"Fn::Sub": "${StateTable.Arn}/*"},
        {"Fn::Sub": "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:${AWS::StackName}-*"},
    ]


def test_the_planner_reads_what_runbooks_read_and_the_api_alone_can_take_it(catalog: Catalog) -> None:
    """And none of it is a change, neither as the runbooks' wall has it nor as IAM classifies it."""
    (trust,) = properties("Planner")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Fn::GetAtt": "ApiRole.Arn"}}
    allows = {
        action for each in statements("Planner") if each["Effect"] == "Allow" for action in listed(each["Action"])
    }
    assert allows == set(reads_of(catalog.values())), "write the roles anew: make roles"
    assert [action for action in allows if not reads(action)] == []
    assert properties("Planner")["ManagedPolicyArns"] == [{"Ref": "HandsOffNightcrew"}]
    assert properties("ApiFunction")["Environment"]["Variables"]["NIGHTCREW_REMEDIATORS"] == PLANNER


def test_each_condition_of_a_remediator_is_told_by_a_word() -> None:
    """To YAML ``Null`` is nothing, unless it is quoted; and a statement without a condition is a wide one."""
    for role in REMEDIATORS.values():
        for policy in properties(role)["Policies"]:
            for each in policy["PolicyDocument"]["Statement"]:
                assert all(isinstance(operator, str) for operator in each.get("Condition", {})), each["Sid"]


def test_each_remediators_policy_fits_into_its_role() -> None:
    """10,240 characters of inline policies, without white space (IAM user guide, "IAM and STS quotas")."""
    for role in (*REMEDIATORS.values(), "Planner"):
        text = json.dumps([each["PolicyDocument"] for each in properties(role)["Policies"]], separators=(",", ":"))
        for variable, value in PSEUDO_PARAMETERS.items():
            text = text.replace(f"${{AWS::{variable}}}", value)
        assert len(text) < 10_240, role
