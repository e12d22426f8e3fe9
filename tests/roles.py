"""The roles of the stack as tests name them, and what they may take in other accounts."""

from policy_sentry.querying.actions import get_action_data

REMEDIATORS = {
    "restart": "RestartRemediator",
    "scale-out": "ScaleOutRemediator",
    "failover": "FailoverRemediator",
    "restore": "RestoreRemediator",
}
DOORS = {
    "IntakeFunction": "IntakeRole",
    "ExecutorFunction": "ExecutorRole",
    "SweepFunction": "SweepRole",
    "DigestFunction": "DigestRole",
    "ApiFunction": "ApiRole",
    "ChatFunction": "ChatRole",
}
ABROAD = "arn:${AWS::Partition}:iam::*:role/${AWS::StackName}"
READER = ("sts:AssumeRole", [{"Fn::Sub": f"{ABROAD}-reader-${{AWS::Region}}"}])
PLANNER = {"Fn::GetAtt": "Planner.Arn"}
PLANNER_ABROAD = {"Fn::Sub": f"{ABROAD}-planner-${{AWS::Region}}"}


def reads(action: str) -> bool:
    """As IAM classifies it (Service Authorization Reference)."""
    service, _, name = action.partition(":")
    (found,) = get_action_data(service, name)[service][:1]
    return found["access_level"] in {"Read", "List"}


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
