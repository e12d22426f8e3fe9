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
    "efs": "elasticfilesystem",
    "service-quotas": "servicequotas",
    "resourcegroupstaggingapi": "tag",
}

_NAMES = {
    "lambda:Invoke": "InvokeFunction",
    # Of versions only: who deletes without naming one needs DeleteObject, too.
    "s3:DeleteObjects": "DeleteObjectVersion",
    "s3:ListObjectsV2": "ListBucket",
    "s3:HeadObject": "GetObject",
    "s3:ListObjectVersions": "ListBucketVersions",
    "s3:HeadBucket": "ListBucket",
    "s3:CopyObject": "PutObject",
    "s3:GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
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
    "ec2:CreateReplaceRootVolumeTask": (
        ("ec2:CreateTags",),
        "SAR, EC2: dependent actions of CreateReplaceRootVolumeTask; for a call with tags",
    ),
    "ec2:CreateSnapshots": (
        ("ec2:CreateTags",),
        "SAR, EC2: dependent actions of CreateSnapshots; for a call with tags",
    ),
    "ec2:CreateVolume": (("ec2:CreateTags",), "SAR, EC2: dependent actions of CreateVolume; for a call with tags"),
    "rds:CreateDBInstance": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of CreateDBInstance; for a call with tags",
    ),
    "rds:CreateDBSnapshot": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of CreateDBSnapshot; for a call with tags",
    ),
    "rds:ModifyDBInstance": (
        ("iam:PassRole",),
        "SAR, RDS: dependent actions of ModifyDBInstance; for a call that names a role for Enhanced Monitoring",
    ),
    "rds:RestoreDBClusterFromSnapshot": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of RestoreDBClusterFromSnapshot; for a call with tags",
    ),
    "rds:RestoreDBClusterToPointInTime": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of RestoreDBClusterToPointInTime; for a call with tags",
    ),
    "rds:RestoreDBInstanceFromDBSnapshot": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of RestoreDBInstanceFromDBSnapshot; for a call with tags",
    ),
    "rds:RestoreDBInstanceToPointInTime": (
        ("rds:AddTagsToResource",),
        "SAR, RDS: dependent actions of RestoreDBInstanceToPointInTime; for a call with tags",
    ),
    "s3:DeleteObject": (
        ("s3:GetObject",),
        "S3 user guide, 'How to perform conditional deletes': for a call with IfMatch",
    ),
    "s3:PutObject": (
        ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObjectTagging"),
        "S3 user guide, 'Required permissions for S3 API operations': CopyObject of a version with its tags, IfMatch",
    ),
    "sqs:StartMessageMoveTask": (
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"),
        "SQS developer guide, 'Configuring queue permissions for dead-letter queue redrive': it moves as the caller",
    ),
    "ssm:StartAutomationExecution": (
        ("iam:PassRole", "ssm:AddTagsToResource"),
        "Systems Manager user guide, 'Setting up Automation': it passes the document's role; and for a call with tags",
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
