"""The IAM action of an operation, and what an action depends on that no request log shows.

Most actions are the operation's own name under the service's signing name. The tables hold the rest, each with its
source: SAR is the Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

_PREFIXES = {
    "cloudwatch": "cloudwatch",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "stepfunctions": "states",
    "arc-zonal-shift": "arc-zonal-shift",
    "application-autoscaling": "application-autoscaling",
    "autoscaling": "autoscaling",
    "lambda": "lambda",
    "resourcegroupstaggingapi": "tag",
}

_NAMES = {
    "lambda:Invoke": "InvokeFunction",
    "s3:ListObjectsV2": "ListBucket",
    "s3:HeadObject": "GetObject",
    "s3:ListObjectVersions": "ListBucketVersions",
    "s3:HeadBucket": "ListBucket",
}

_WRITES_ITS_TARGET = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
"""What a restore does to the items of the new table, as the caller."""

DEPENDS_ON: dict[str, tuple[tuple[str, ...], str]] = {
    "dynamodb:RestoreTableToPointInTime": (
        _WRITES_ITS_TARGET,
        "SAR, DynamoDB: dependent actions of RestoreTableToPointInTime; it writes into the target as the caller",
    ),
    "dynamodb:RestoreTableFromBackup": (
        _WRITES_ITS_TARGET,
        "DynamoDB developer guide, 'Using IAM with DynamoDB backup and restore'",
    ),
    "dynamodb:EnableKinesisStreamingDestination": (
        ("iam:CreateServiceLinkedRole", "kinesis:DescribeStream", "kinesis:ListStreams", "kinesis:PutRecords"),
        "DynamoDB developer guide, 'Using IAM policies for Kinesis Data Streams and DynamoDB'",
    ),
    "dynamodb:DescribeKinesisStreamingDestination": (
        ("kinesis:DescribeStream", "kinesis:DescribeStreamSummary"),
        "DynamoDB developer guide, 'Using IAM policies for Kinesis Data Streams and DynamoDB'",
    ),
    "dynamodb:UpdateContributorInsights": (
        ("iam:CreateServiceLinkedRole",),
        "DynamoDB developer guide, 'Using IAM with CloudWatch Contributor Insights': made at the first use",
    ),
    "application-autoscaling:PutScalingPolicy": (
        ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
        "Application Auto Scaling user guide, 'Identity-based policy examples': permissions on CloudWatch",
    ),
    "application-autoscaling:RegisterScalableTarget": (
        ("iam:CreateServiceLinkedRole",),
        "Application Auto Scaling user guide, 'Service-linked roles': made at the first registration of a namespace",
    ),
    "backup:StartRestoreJob": (("iam:PassRole",), "SAR, AWS Backup: dependent actions of StartRestoreJob"),
}
"""Action → (what else the caller must be allowed, source)."""


def action_of(service: str, operation: str) -> str:
    """``ec2``, ``StopInstances`` → ``ec2:StopInstances``."""
    prefix = _PREFIXES.get(service, service)
    return f"{prefix}:{_NAMES.get(f'{service}:{operation}', operation)}"


def with_dependencies(actions: tuple[str, ...]) -> tuple[str, ...]:
    """Declared actions plus what each depends on, sorted, once each."""
    more = {other for action in actions for other in DEPENDS_ON.get(action, ((), ""))[0]}
    return tuple(sorted({*actions, *more}))
