"""What holds for all roles of the stack together, and that none is overlooked."""

import pytest

from tests.roles import DOORS, PLANNER, PLANNER_ABROAD, READER, REMEDIATORS, reads
from tests.stack import Statement, listed, of_type, statements, template, there

OURS = {"AWS::DynamoDB::Table", "AWS::Events::EventBus", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SQS::Queue"}
"""Types of what is Nightcrew's own: to write there changes nothing outside it."""


def every_statement() -> list[tuple[str, Statement]]:
    """Role → statement, for each role of the stack."""
    return [(role, statement) for role in of_type("AWS::IAM::Role") for statement in statements(role)]


@pytest.mark.parametrize("autonomy", ["observe", "suggest"])
def test_a_stack_that_only_observes_can_change_nothing_outside_nightcrew(autonomy: str) -> None:
    """Whatever policy says, and whoever starts a run: each right of each role that is there then reads, or is about
    something of Nightcrew's own. To observe is the default.
    """
    roles = [
        role for role in of_type("AWS::IAM::Role") if there(role, Autonomy=autonomy, PolicyParameter="/p", Chat="on")
    ]
    assert set(roles) == {*DOORS.values(), "Planner", "ChannelRole"}
    assert template()["Parameters"]["Autonomy"]["Default"] == "observe"
    outside = [
        (role, action, resource)
        for role in roles
        for statement in statements(
            role, Autonomy=autonomy, PolicyParameter="/p", MemberAccounts="1", OrganizationId="o-1", Chat="on"
        )
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if statement["Effect"] == "Allow"
        and not (reads(action) or ours(action, resource) or is_taken_to_read(resource))
    ]
    assert outside == []


def is_taken_to_read(resource: object) -> bool:
    """Whether a right is about the planner, which is among the roles here, or roles of other accounts that plan or ask:
    what these may do, tests/test_member.py says.
    """
    return resource in [*READER[1], PLANNER, PLANNER_ABROAD]


def ours(action: str, resource: object) -> bool:
    """Whether a right is about something of the stack itself: a store, a queue, a topic, the executor and its runs."""
    if action.startswith("xray:"):
        return True  # a trace of its own
    if not isinstance(resource, dict):
        return False
    ((_, named),) = resource.items()
    about = str(named).removeprefix("${").split(".")[0]
    kind = template()["Resources"].get(about, {}).get("Type")
    return kind in OURS or (kind == "AWS::Serverless::Function" and action.startswith("lambda:"))


def test_no_role_is_allowed_a_pattern_of_actions() -> None:
    """Each stands by its own name, so that a review sees it."""
    assert [
        (role, action)
        for role, statement in every_statement()
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        if "*" in action
    ] == []


def test_every_role_is_known_here() -> None:
    """A new one must be thought about: the sentences above hold for all that there are."""
    assert set(of_type("AWS::IAM::Role")) == {*DOORS.values(), *REMEDIATORS.values(), "Planner", "ChannelRole"}
    shared = {"TableRights", "FrontDoorRights", "NewsRights", "HandsOffNightcrew", "ChannelRights"}
    people = {"ViewerAccess", "AuditorAccess", "OperatorAccess", "ApproverAccess"}  # tests/cli/test_people.py
    assert set(of_type("AWS::IAM::ManagedPolicy")) == shared | people
    abroad = {"ReaderRights", "RemediatorRightsAbroad", "PlannerRightsAbroad"}
    own = {
        "AnchorRights",
        "CapacityRights",
        "ConsoleRights",
        "ExecutorRights",
        "KeyRights",
        "PlannerRights",
        "PolicyRights",
        "RemediatorRights",
    }
    assert set(of_type("AWS::IAM::Policy")) == own | abroad
