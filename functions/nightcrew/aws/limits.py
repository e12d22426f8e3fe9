"""To what a remediator role's actions are held: tagged resources, what a run makes itself, or nothing at all.

Reads are open: whether a resource is there, and what state it is in, harms nobody, and a run must be able to say that
something is not its to touch. Data is not: items of a table are read only where a run made the table.

Which actions know resource tags says the Service Authorization Reference, SAR
(https://docs.aws.amazon.com/service-authorization/latest/reference/), looked up in November 2026.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nightcrew.errors import BadInput

TAG, VALUE = "nightcrew", "managed"
"""A team tags with it what Nightcrew may act on."""


@dataclass(frozen=True)
class Limit:
    """A statement's Resource and Condition. ``name`` becomes its Sid; ``${AWS::…}`` is CloudFormation's."""

    name: str
    why: str = field(compare=False)
    resource: str = "*"
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)


LOOK = Limit("Look", "reads that describe")
TAGGED = Limit(
    "ActOnTagged",
    "SAR: the action knows the tags of the resource it acts on",
    condition={"StringEquals": {f"aws:ResourceTag/{TAG}": VALUE}},
)
RESTORED_TABLE = Limit(
    "ActOnRestoredTables",
    "a table that is being restored has no tags yet, so its name must tell",
    resource="arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/*-restored-*",
)
TABLES_THAT_SCALE = Limit(
    "ActOnScalingOfTables",
    "a new scalable target has no tags: SAR has the service's namespace as a condition",
    condition={"StringEquals": {"application-autoscaling:service-namespace": "dynamodb"}},
)
SCALING_ALARMS = Limit(
    "ActOnAlarmsOfScaling",
    "a target-tracking policy makes and deletes these by itself",
    resource="arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:TargetTracking-table/*",
)
SERVICE_ROLES = Limit(
    "MakeServiceLinkedRoles",
    "made by AWS at the first use of a feature, for one of its own services only",
    resource="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/*",
)
OPEN = Limit("ActOnAny", "another team's stream takes a table's changes, and need not be tagged")

LIMITS: dict[str, tuple[Limit, ...]] = {
    "application-autoscaling:DeregisterScalableTarget": (TABLES_THAT_SCALE,),
    "application-autoscaling:PutScalingPolicy": (TABLES_THAT_SCALE,),
    "application-autoscaling:PutScheduledAction": (TABLES_THAT_SCALE,),
    "application-autoscaling:RegisterScalableTarget": (TABLES_THAT_SCALE,),
    "autoscaling:UpdateAutoScalingGroup": (TAGGED,),
    "cloudwatch:DeleteAlarms": (SCALING_ALARMS,),
    "cloudwatch:GetMetricStatistics": (LOOK,),
    "cloudwatch:PutMetricAlarm": (SCALING_ALARMS,),
    "dynamodb:BatchWriteItem": (RESTORED_TABLE,),
    "dynamodb:DeleteItem": (RESTORED_TABLE,),
    "dynamodb:DeleteTable": (RESTORED_TABLE,),
    "dynamodb:EnableKinesisStreamingDestination": (RESTORED_TABLE,),
    "dynamodb:GetItem": (RESTORED_TABLE,),
    "dynamodb:GetResourcePolicy": (LOOK,),
    "dynamodb:PutItem": (RESTORED_TABLE,),
    "dynamodb:PutResourcePolicy": (RESTORED_TABLE,),
    "dynamodb:Query": (RESTORED_TABLE,),
    "dynamodb:RestoreTableToPointInTime": (TAGGED, RESTORED_TABLE),
    "dynamodb:Scan": (RESTORED_TABLE,),
    "dynamodb:TagResource": (RESTORED_TABLE,),
    "dynamodb:UpdateContinuousBackups": (RESTORED_TABLE,),
    "dynamodb:UpdateContributorInsights": (RESTORED_TABLE,),
    "dynamodb:UpdateItem": (RESTORED_TABLE,),
    "dynamodb:UpdateTable": (RESTORED_TABLE,),
    "dynamodb:UpdateTimeToLive": (RESTORED_TABLE,),
    "ec2:StartInstances": (TAGGED,),
    "ec2:StopInstances": (TAGGED,),
    "iam:CreateServiceLinkedRole": (SERVICE_ROLES,),
    "kinesis:PutRecords": (OPEN,),
    "rds:FailoverDBCluster": (TAGGED,),
}
"""Action → what it is held to; several are alternatives: a restore names its source, which is tagged, and a target."""

_LOOKS = ("Describe", "List")


def limits_of(action: str) -> tuple[Limit, ...]:
    """What ``ec2:StopInstances`` is held to. Raises BadInput for a change that nobody has thought about yet."""
    if action in LIMITS:
        return LIMITS[action]
    if action.partition(":")[2].startswith(_LOOKS):
        return (LOOK,)
    allowed = "say in nightcrew/aws/limits.py what it is held to: TAGGED, where the action knows resource tags"
    raise BadInput("action", action, allowed)


def by_limit(actions: Iterable[str]) -> dict[Limit, list[str]]:
    """Limits by name, each with its actions, sorted."""
    found: dict[Limit, list[str]] = {}
    for action in sorted(set(actions)):
        for limit in limits_of(action):
            found.setdefault(limit, []).append(action)
    return dict(sorted(found.items(), key=lambda each: each[0].name))
