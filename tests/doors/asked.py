"""What a request needs: the IAM action, and the resource as template.yaml names it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nightcrew.demo.scripted import Sent
from nightcrew.engine.group_size import PERMISSIONS as GROUP_SIZES
from nightcrew.ledger.store import Tables
from tests.stack import allows, listed, statements

Right = tuple[str, str]
"""An action, and its resource: the intrinsic as text, since a set holds it."""

PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
OF = {"ledger": {"Fn::GetAtt": "LedgerTable.Arn"}, "state": {"Fn::GetAtt": "StateTable.Arn"}}
OPEN = {"Fn::Sub": "${StateTable.Arn}/index/open"}
PARAMETER = {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${PolicyParameter}"}
REMEDIATORS = ("RestartRemediator", "ScaleOutRemediator", "FailoverRemediator", "RestoreRemediator")

ELSEWHERE: dict[str, tuple[str, Any]] = {
    "lambda:Invoke": ("lambda:InvokeFunction", {"Ref": "ExecutorFunction.Alias"}),
    "lambda:SendDurableExecutionCallbackSuccess": (
        "lambda:SendDurableExecutionCallbackSuccess",
        {"Fn::Sub": "${ExecutorFunction.Arn}:*"},
    ),
    "lambda:ListDurableExecutionsByFunction": (
        "lambda:ListDurableExecutionsByFunction",
        {"Fn::GetAtt": "ExecutorFunction.Arn"},
    ),
    "cloudwatch:DescribeAlarms": ("cloudwatch:DescribeAlarms", "*"),
    **{action: (action, "*") for action in GROUP_SIZES},
    "events:PutEvents": ("events:PutEvents", {"Fn::GetAtt": "NewsBus.Arn"}),
    "ssm:GetCalendarState": (
        "ssm:GetCalendarState",
        {"Fn::Sub": "arn:${AWS::Partition}:ssm:*:*:document/*"},
    ),
    "application-signals:BatchGetServiceLevelObjectiveBudgetReport": (
        "application-signals:BatchGetServiceLevelObjectiveBudgetReport",
        {"Fn::Sub": "arn:${AWS::Partition}:application-signals:*:*:slo/*"},
    ),
    "ssm:GetParameter": ("ssm:GetParameter", PARAMETER),
}

PLATFORM = {"logs", "xray", "sqs", "kms"}
"""What Lambda itself does with a function's role: logs, traces, its queue, its dead letters; and with its key the
services that keep something for it."""
PLATFORM_ACTIONS = {"lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"}


def needed(sent: Sent, tables: Tables) -> Iterator[tuple[str, Any]]:
    """The actions of a request, each with its resource. A transaction needs those of its parts: DynamoDB developer
    guide, 'Using IAM with DynamoDB transactions'.
    """
    operation = f"{sent.service}:{sent.operation}"
    if sent.service == "dynamodb":
        yield from ((action, resource) for action, resource, _ in of_items(sent, tables))
    elif operation == "sts:AssumeRole":
        named = sent.parameters["RoleArn"].replace("-", "").lower()
        (role,) = (each for each in REMEDIATORS if f"remediator{each.removesuffix('Remediator').lower()}" in named)
        yield "sts:AssumeRole", {"Fn::GetAtt": f"{role}.Arn"}
    elif operation == "sns:Publish":
        channels = sent.parameters["TopicArn"].endswith(":channels")
        yield "sns:Publish", {"Ref": "ChatTopic" if channels else "NewsTopic"}
    else:
        yield ELSEWHERE[operation]


def of_items(sent: Sent, tables: Tables) -> Iterator[tuple[str, Any, str]]:
    """The same of a request of DynamoDB's, each with the partition key of its item; "" where it names none, or many."""
    named = {tables.ledger: OF["ledger"], tables.state: OF["state"]}
    for item in sent.parameters.get("TransactItems", ()):
        for kind, part in item.items():
            yield f"dynamodb:{PARTS[kind]}", named[part["TableName"]], _key(part)
    for table in sent.parameters.get("RequestItems", ()):
        yield f"dynamodb:{sent.operation}", named[table], ""
    if "TableName" in sent.parameters:
        table = named[sent.parameters["TableName"]]
        index = sent.parameters.get("IndexName")
        of = {"Fn::Sub": f"${{{table['Fn::GetAtt']}}}/index/{index}"} if index is not None else table
        yield f"dynamodb:{sent.operation}", of, _key(sent.parameters)


def _key(part: Mapping[str, Any]) -> str:
    """As it is stored."""
    item = part.get("Key") or part.get("Item") or {}
    return next((str(item[name]["S"]) for name in ("key", "run") if name in item), "")


def used(sent: Iterable[Sent], tables: Tables) -> set[Right]:
    """The rights that these requests needed."""
    return {(action, str(resource)) for each in sent for action, resource in needed(each, tables)}


def refused(role: str, sent: Iterable[Sent], tables: Tables) -> list[tuple[str, Any]]:
    """What the role would not be allowed."""
    found = []
    for each in sent:
        if each.service == "dynamodb":
            asked = of_items(each, tables)
            found += [(action, resource) for action, resource, key in asked if not allows(role, action, resource, key)]
        else:
            found += [right for right in needed(each, tables) if not allows(role, *right)]
    return found


def unused(role: str, sent: Iterable[Sent], tables: Tables) -> set[Right]:
    """What the role is allowed and these requests did not need. The remediators count as one."""
    had = used(sent, tables)
    allowed = {
        (action, str(resource))
        for statement in statements(role)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if action.split(":")[0] not in PLATFORM and action not in PLATFORM_ACTIONS
    }
    allowed = {right for right in allowed if "iam::*:role" not in right[1]}  # tests/doors/test_abroad.py
    assumed = {action for action, _ in had}
    return {right for right in allowed - had if right[0] != "sts:AssumeRole" or "sts:AssumeRole" not in assumed}
