"""Who may do what in the stack: each role by itself, and what holds for all of them."""

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import actions_of
from nightcrew.authoring.runbook import FAMILIES
from tests.stack import Statement, listed, of_type, properties, statements

REMEDIATORS = {
    "restart": "RestartRemediator",
    "scale-out": "ScaleOutRemediator",
    "failover": "FailoverRemediator",
    "restore": "RestoreRemediator",
}
DOORS = {"IntakeFunction": "IntakeRole", "ExecutorFunction": "ExecutorRole"}


def every_statement() -> list[tuple[str, Statement]]:
    """Role → statement, for each role of the stack."""
    return [(role, statement) for role in of_type("AWS::IAM::Role") for statement in statements(role)]


def test_every_function_has_a_role_that_is_written_out() -> None:
    """What SAM would add by itself may do more: read from any queue, write to any log."""
    assert {name: each["Role"]["Fn::GetAtt"] for name, each in of_type("AWS::Serverless::Function").items()} == {
        name: f"{role}.Arn" for name, role in DOORS.items()
    }
    for role in DOORS.values():
        assert properties(role)["ManagedPolicyArns"] == [{"Ref": "TableRights"}]
        (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_intake_can_do_these_things_and_nothing_else() -> None:
    """Its queue, its tables, its executor's alias, its own log; X-Ray has no resources to name."""
    assert {each["Sid"]: (each["Action"], each["Resource"]) for each in statements("IntakeRole")} == {
        "AppendToTheLedger": (
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            {"Fn::GetAtt": "LedgerTable.Arn"},
        ),
        "ChangeTheState": (
            ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            {"Fn::GetAtt": "StateTable.Arn"},
        ),
        "TakeFromTheQueue": (
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            {"Fn::GetAtt": "AlarmQueue.Arn"},
        ),
        "StartRuns": ("lambda:InvokeFunction", {"Ref": "ExecutorFunction.Alias"}),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "IntakeLogs.Arn"}),
        "Trace": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    }


def test_the_executor_changes_nothing_outside_nightcrew_by_itself() -> None:
    """It asks whether an alarm is OK, and takes a remediator's role for everything else."""
    on_any = {
        action for each in statements("ExecutorRole") if each["Resource"] == "*" for action in listed(each["Action"])
    }
    assert on_any == {"cloudwatch:DescribeAlarms", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
    by_sid = {each["Sid"]: each for each in statements("ExecutorRole")}
    assert by_sid["Checkpoint"]["Resource"] == {"Fn::Sub": "${ExecutorFunction.Arn}:*"}
    assert by_sid["Checkpoint"]["Action"] == ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
    assert by_sid["ActAsARemediator"]["Resource"] == [{"Fn::GetAtt": f"{role}.Arn"} for role in REMEDIATORS.values()]
    assert by_sid["KeepFailedStarts"]["Resource"] == {"Fn::GetAtt": "RunDeadLetters.Arn"}


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


def filled(text: str) -> str:
    """What CloudFormation makes of it, in the Region with the longest name."""
    values = {
        "Partition": "aws",
        "AccountId": "123456789012",
        "StackName": "nightcrew",
        "Region": "ap-southeast-1",
    }
    for name, value in values.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    assert "${" not in text
    return text


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
    ]


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
    assert set(of_type("AWS::IAM::Role")) == {*DOORS.values(), *REMEDIATORS.values()}
    assert set(of_type("AWS::IAM::ManagedPolicy")) == {"TableRights", "HandsOffNightcrew"}
    assert set(of_type("AWS::IAM::Policy")) == {"ExecutorRights"}
