"""template-member.yaml: what another account, or Region, gives to Nightcrew, and what Nightcrew takes from it."""

import json
from functools import cache
from typing import Any

import pytest

from nightcrew.authoring import event_rule
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import rewritten
from nightcrew.authoring.runbook import FAMILIES
from nightcrew.dispatch.alarm_state import PERMISSIONS as ALARM_STATE
from nightcrew.engine.cure import PERMISSIONS as CURE
from nightcrew.engine.group_size import PERMISSIONS as GROUP_SIZES
from nightcrew.engine.ways import Roles
from tests.iam import filled
from tests.roles import ABROAD, REMEDIATORS, reads
from tests.stack import ROOT, Statement, listed, loaded, met_in, properties, there

MEMBER = ROOT / "template-member.yaml"
HUB, ACCOUNT, REGION = "nightcrew", "111122223333", "eu-west-1"
ACTS: dict[str, str] = {"Autonomy": "auto", "Roles": "yes", "HubApiRole": "arn:aws:iam::123456789012:role/api"}


@cache
def member() -> dict[str, Any]:
    """The template."""
    return loaded(MEMBER)


def resources(kind: str, **parameters: str) -> dict[str, dict[str, Any]]:
    """Logical id → properties, of what a stack with these parameters has of a type."""
    return {
        name: each["Properties"]
        for name, each in member()["Resources"].items()
        if each["Type"] == kind and ("Condition" not in each or met_in(member(), each["Condition"], **parameters))
    }


def statements(role: dict[str, Any]) -> list[Statement]:
    """What a role may do."""
    return [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]


def name_of(role: dict[str, Any]) -> str:
    """A role's name, for a hub of this name and Region."""
    text, values = role["RoleName"]["Fn::Sub"]
    assert values == {"Region": {"Fn::Select": [3, {"Fn::Split": [":", {"Ref": "HubBus"}]}]}}
    return str(text.replace("${HubStack}", HUB).replace("${Region}", REGION))


# --- what may be done there ---


def test_it_has_the_roles_and_the_pattern_that_the_catalog_wants(catalog: Catalog) -> None:
    """`make roles` writes them, and a review sees it."""
    text = MEMBER.read_text(encoding="utf-8")
    assert text == event_rule.rewritten(rewritten(text, catalog), catalog), "write them anew: make roles"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_may_do_there_what_it_may_do_here(family: str) -> None:
    """The same statements; what is Nightcrew's own, and denied here, is not there."""
    there = resources("AWS::IAM::Role", **ACTS)[REMEDIATORS[family]]
    (here,) = properties(REMEDIATORS[family])["Policies"]
    assert statements(there) == here["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("autonomy", ["observe", "suggest"])
def test_with_the_default_nothing_of_it_can_change_anything(autonomy: str) -> None:
    """The reader reads; the rules' role sends to the hub's bus. To observe is the default."""
    assert member()["Parameters"]["Autonomy"]["Default"] == "observe"
    roles = resources("AWS::IAM::Role", Autonomy=autonomy)
    assert set(roles) == {"ForwardRole", "Reader"}
    assert all(reads(action) for each in statements(roles["Reader"]) for action in listed(each["Action"]))
    assert statements(roles["ForwardRole"]) == [
        {"Sid": "Forward", "Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Ref": "HubBus"}}
    ]


def test_the_reader_may_ask_what_nightcrew_asks_and_nothing_else() -> None:
    """Whether an alarm is OK, and how large a group is."""
    found = {action for each in statements(member_role("Reader")) for action in listed(each["Action"])}
    assert found == {*CURE, *ALARM_STATE, *GROUP_SIZES}


def test_the_planner_reads_what_the_hubs_own_reads_and_changes_nothing() -> None:
    (here,) = properties("Planner")["Policies"]
    found = statements(member_role("Planner"))
    assert found == here["PolicyDocument"]["Statement"]
    assert [action for each in found for action in listed(each["Action"]) if not reads(action)] == []


def test_a_planner_is_there_only_for_who_asks_for_one() -> None:
    """Whatever may act by itself there: to plan is to read."""
    assert member()["Parameters"]["HubApiRole"]["Default"] == ""
    given = {"HubApiRole": f"arn:aws:iam::{ACCOUNT}:role/api"}
    assert "Planner" not in resources("AWS::IAM::Role", Autonomy="auto")
    assert set(resources("AWS::IAM::Role", **given)) == {"ForwardRole", "Reader", "Planner"}
    assert "Planner" not in resources("AWS::IAM::Role", Roles="no", **given)


def member_role(name: str) -> dict[str, Any]:
    """A role of the template."""
    return resources("AWS::IAM::Role", **ACTS)[name]


def test_the_roles_are_there_once_in_an_account() -> None:
    """Their names are the same in every Region: a second stack, and one in Nightcrew's own account, has only what the
    rules need, which is named by CloudFormation.
    """
    assert set(resources("AWS::IAM::Role", Autonomy="auto", Roles="no")) == {"ForwardRole"}
    assert "RoleName" not in resources("AWS::IAM::Role", Roles="no")["ForwardRole"]


# --- who may take the roles ---


@pytest.mark.parametrize("role", [*REMEDIATORS.values(), "Reader", "Planner"])
def test_a_role_can_be_taken_by_nightcrews_own_for_the_external_id(role: str) -> None:
    """By the executor; to ask, by the sweeper as well; to plan, by the API. By nobody else of the hub's account."""
    (trust,) = member_role(role)["AssumeRolePolicyDocument"]["Statement"]
    executor, sweeper, api = {"Ref": "HubExecutorRole"}, {"Ref": "HubSweepRole"}, {"Ref": "HubApiRole"}
    by = {"Reader": [executor, sweeper], "Planner": api}
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": by.get(role, executor)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
    }
    external = member()["Parameters"]["ExternalId"]
    assert "Default" not in external
    assert "8," in external["AllowedPattern"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_executor_finds_the_roles_by_their_names_and_may_take_them(family: str) -> None:
    name = name_of(member_role(REMEDIATORS[family]))
    variables = properties("ExecutorFunction")["Environment"]["Variables"]
    pattern = filled(variables["NIGHTCREW_REMEDIATORS"]["Fn::Sub"])
    roles = Roles(pattern, external_id="said")
    taken = roles.taken(pattern.format(family=family), f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1")
    assert taken == {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "ExternalId": "said"}
    assert filled(f"{ABROAD}-remediator-{family}-${{AWS::Region}}").endswith(f":role/{name}")
    assert len(name.replace(HUB, "x" * 26).replace(REGION, "ap-southeast-1")) <= 64


def test_the_api_finds_the_planner_by_its_name_and_says_the_external_id() -> None:
    """Its own is named so, and it takes that of another account by the same name."""
    variables = properties("ApiFunction")["Environment"]["Variables"]
    assert variables["NIGHTCREW_REMEDIATORS"] == {"Fn::GetAtt": "Planner.Arn"}
    own = f"arn:aws:iam::123456789012:role/{filled(properties('Planner')['RoleName']['Fn::Sub'])}"
    taken = Roles(own, external_id="said").taken(own, f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1")
    name = name_of(member_role("Planner"))
    assert taken == {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "ExternalId": "said"}
    assert filled(f"{ABROAD}-planner-${{AWS::Region}}").endswith(f":role/{name}")
    assert variables["NIGHTCREW_EXTERNAL_ID"]["Fn::If"][:2] == ["HasExternalId", {"Ref": "ExternalId"}]


@pytest.mark.parametrize("function", ["ExecutorFunction", "SweepFunction"])
def test_the_functions_find_the_reader_by_its_name(function: str) -> None:
    """Only where the stack looks after others: else they ask by their own rights."""
    variables = properties(function)["Environment"]["Variables"]
    condition, reader, otherwise = variables["NIGHTCREW_READER"]["Fn::If"]
    assert (condition, otherwise) == ("Abroad", {"Ref": "AWS::NoValue"})
    assert filled(reader).endswith(f":role/{name_of(member_role('Reader'))}")


# --- what comes in ---


@pytest.mark.parametrize("rule", ["AlarmRule", "EventRule"])
def test_a_rule_forwards_what_nightcrew_would_take_here(rule: str) -> None:
    """And the hub's rule on its bus lets in just that. Nightcrew's alarms on itself are where it is."""
    found = resources("AWS::Events::Rule")[rule]
    here = properties(rule)["EventPattern"]
    assert properties(f"Forwarded{rule}")["EventPattern"] == here
    assert found["EventPattern"] == {name: each for name, each in here.items() if name != "detail"}
    (target,) = found["Targets"]
    assert (target["Arn"], target["RoleArn"]) == ({"Ref": "HubBus"}, {"Fn::GetAtt": "ForwardRole.Arn"})
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": "Undelivered.Arn"}}
    assert "EventBusName" not in found
    hub = properties(f"Forwarded{rule}")
    assert hub["EventBusName"] == {"Ref": "ForwardedBus"}
    assert hub["Targets"] == properties(rule)["Targets"]


POLICIES = ("ForwardedByMembers", "ForwardedByTheOrganization")
READ = ["ReaderRights", "PlannerRightsAbroad"]


def test_by_default_the_hubs_bus_takes_nothing_of_other_accounts() -> None:
    assert [each for each in POLICIES if there(each)] == []
    assert [each for each in POLICIES if there(each, MemberAccounts=ACCOUNT)] == ["ForwardedByMembers"]
    assert [each for each in POLICIES if there(each, OrganizationId="o-1")] == ["ForwardedByTheOrganization"]


def test_the_hubs_bus_takes_what_rules_of_its_members_forward_and_nothing_else() -> None:
    """No call of anybody's, which could make an event up; and nobody may change its rules."""
    for name in POLICIES:
        statement = properties(name)["Statement"]
        assert properties(name)["EventBusName"] == {"Ref": "ForwardedBus"}
        assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
        assert statement["Resource"] == {"Fn::GetAtt": "ForwardedBus.Arn"}
        assert statement["Condition"]["Bool"] == {"events:eventBusInvocation": "true"}
    assert properties(POLICIES[0])["Statement"]["Principal"] == {"AWS": {"Ref": "MemberAccounts"}}
    organization = properties(POLICIES[1])["Statement"]
    assert organization["Principal"] == "*"
    assert organization["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}


@pytest.mark.parametrize(
    ("given", "policies"),
    [
        ({}, []),
        ({"MemberAccounts": ACCOUNT}, READ),
        ({"MemberAccounts": ACCOUNT, "Autonomy": "auto"}, [*READ, "RemediatorRightsAbroad"]),
        ({"OrganizationId": "o-1", "Autonomy": "approve"}, [*READ, "RemediatorRightsAbroad"]),
    ],
)
def test_a_role_elsewhere_is_taken_only_where_the_parameters_name_accounts(
    given: dict[str, str], policies: list[str]
) -> None:
    assert [each for each in (*READ, "RemediatorRightsAbroad") if there(each, **given)] == policies


@pytest.mark.parametrize("policy", ["ReaderRights", "RemediatorRightsAbroad", "PlannerRightsAbroad"])
def test_a_role_elsewhere_is_taken_only_in_those_accounts(policy: str) -> None:
    """And nowhere else, though its name would be the same."""
    named = {"HasMembers": {"aws:ResourceAccount": "MemberAccounts"}}
    named |= {"HasOrganization": {"aws:ResourceOrgID": "OrganizationId"}}
    found = {}
    for each in properties(policy)["PolicyDocument"]["Statement"]:
        condition, statement, otherwise = each["Fn::If"]
        assert otherwise == {"Ref": "AWS::NoValue"}
        found[condition] = {name: ref["Ref"] for name, ref in statement["Condition"]["StringEquals"].items()}
    assert found == named


def test_it_is_no_larger_than_cloudformation_takes() -> None:
    """51,200 bytes in a request (CloudFormation user guide, quotas); and 10,240 characters of policies in a role."""
    assert len(MEMBER.read_bytes()) < 51_200
    for role in (*REMEDIATORS.values(), "Planner"):
        # IAM counts what CloudFormation filled in.
        policy = member_role(role)["Policies"][0]["PolicyDocument"]
        told = [{**each, "Resource": filled(each["Resource"])} for each in policy["Statement"]]
        assert 1_000 < len(json.dumps({**policy, "Statement": told}, separators=(",", ":"))) < 10_240, role
