"""What a remediator role can be held to: tagged resources, what a run makes itself, or nothing at all. Each is a
statement's Resource and Condition, with its reason; ``limits`` says which action is held to which.

Reads are open: whether a resource is there, and what state it is in, harms nobody, and a run must be able to say that
something is not its to touch. Data is not: items of a table are read only where a run made the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

TAG, VALUE = "nightcrew", "managed"
"""A team tags with it what Nightcrew may act on."""


@dataclass(frozen=True)
class Limit:
    """A statement's Resource and Condition. ``name`` becomes its Sid; ``${AWS::…}`` is CloudFormation's.

    ``only_for`` are the actions that need it, where another action depends on it: a role that has none of them has no
    such statement.
    """

    name: str
    why: str = field(compare=False)
    resource: str = "*"
    condition: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict, hash=False)
    only_for: frozenset[str] = frozenset()


TO_THE_TAG = {"StringEquals": {f"aws:ResourceTag/{TAG}": VALUE}}
LOOK = Limit("Look", "reads that describe")
TAGGED = Limit(
    "ActOnTagged",
    "SAR: the action knows the tags of the resource it acts on",
    condition=TO_THE_TAG,
)
RESTORED_TABLE = Limit(
    "ActOnRestoredTables",
    "a table that is being restored has no tags yet, so its name must tell",
    resource="arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/*-restored-*",
)
TABLE_BACKUPS = Limit(
    "RestoreTableBackups",
    "SAR: a backup has no tags; what comes of it is held to its name",
    resource="arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/*/backup/*",
)
TABLES_THAT_SCALE = Limit(
    "ActOnScalingOfTables",
    "a new scalable target has no tags: SAR has the service's namespace as a condition",
    condition={"StringEquals": {"application-autoscaling:service-namespace": "dynamodb"}},
)
SERVICES_THAT_SCALE = Limit(
    "ActOnScalingOfServices",
    "as for tables: of an ECS service the scalable target's own tags are rarely set",
    condition={"StringEquals": {"application-autoscaling:service-namespace": "ecs"}},
)
SERVICE_DEPLOYMENTS = Limit(
    "StopServiceDeployments",
    "a deployment has no tags of its own; IAM asks about its service as well, and that is tagged",
    resource="arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:service-deployment/*",
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
RESTORED_DATABASE = Limit(
    "ActOnRestoredDatabases",
    "what is being restored has no tags yet, and what is deleted shall be what a run made: its name must tell",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*-restored-*",
)
RESTORED_CLUSTER = Limit(
    "ActOnRestoredClusters",
    "as for a database",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:cluster:*-restored-*",
)
ADDED_READERS = Limit(
    "AddReaders",
    "what is being made has no tags yet: a run names it after its cluster, which is tagged, and a number",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*-extra-*",
)
DATABASE_SNAPSHOTS = Limit(
    "RestoreDatabaseSnapshots",
    "a snapshot has its database's tags only where that is set",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:snapshot:*",
)
CLUSTER_SNAPSHOTS = Limit(
    "RestoreClusterSnapshots",
    "as for a snapshot of a database",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:cluster-snapshot:*",
)
DATABASE_PARAMETERS = Limit(
    "RestoreWithParameterGroups",
    "a restore names the groups of the old database, which many share",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:pg:*",
)
CLUSTER_PARAMETERS = Limit(
    "RestoreWithClusterParameterGroups",
    "as for those of a database",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:cluster-pg:*",
)
DATABASE_OPTIONS = Limit(
    "RestoreWithOptionGroups",
    "as for parameter groups",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:og:*",
)
DATABASE_SUBNETS = Limit(
    "RestoreWithSubnetGroups",
    "as for parameter groups",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:subgrp:*",
)
MONITORING_ROLES = Limit(
    "PassMonitoringRoles",
    "Enhanced Monitoring writes by a role that the old database names",
    resource="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",
    condition={"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}},
    only_for=frozenset({"rds:CreateDBInstance", "rds:ModifyDBInstance"}),
)
CONSOLES = Limit(
    "ReadConsolesOfTagged",
    "what a console says may hold secrets; SAR: the action knows the tags of the instance",
    condition=TO_THE_TAG,
)
RESTORE_ROLES = Limit(
    "PassRestoreRoles",
    "AWS Backup restores as a role of its own, or as one that a team made for it: the name tells",
    resource="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightcrew-restore-*",
    condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
    only_for=frozenset({"backup:StartRestoreJob"}),
)
BACKUP_ROLE = Limit(
    "PassBackupRole",
    "as for restore roles: the one that AWS Backup makes for itself",
    resource="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/service-role/AWSBackupDefaultServiceRole",
    condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
    only_for=frozenset({"backup:StartRestoreJob"}),
)
RESTORE_METADATA = Limit(
    "ReadRestoreMetadataOfTagged",
    "of an instance they hold the user data; SAR: the action knows the tags of the recovery point",
    condition=TO_THE_TAG,
)
KEPT_SECRETS = Limit(
    "ReadTaggedSecrets",
    "what a secret or a parameter holds is its team's; SAR: the actions know their tags, and those of a key",
    condition=TO_THE_TAG,
)
AUTOMATION_ROLES = Limit(
    "PassAutomationRoles",
    "an Automation document runs as a role of its own, which its team makes for it: the name tells",
    resource="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightcrew-automation-*",
    condition={"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
    only_for=frozenset({"ssm:StartAutomationExecution"}),
)
NEW_AUTOMATIONS = Limit(
    "StartAutomations",
    "StartAutomationExecution is about a document, which is tagged, and about an execution, which is new (Automation"
    " user guide, 'Setting up identity based policies examples', examples 1 and 3)",
    resource="arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:automation-execution/*",
)
AUTOMATIONS_OF_RUNS = Limit(
    "ActOnAutomationsOfRuns",
    "SAR: the action knows the tags of the execution; a run tags those that it starts with its id, which begins so",
    resource="arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:automation-execution/*",
    condition={"StringLike": {"aws:ResourceTag/nightcrew:run": "20*"}},
)
DOCUMENTS = Limit(
    "ReadTaggedDocuments",
    "what a document holds is its team's; SAR: the action knows the tags of the document",
    condition=TO_THE_TAG,
)
OBJECTS = Limit(
    "ReadObjectsOfTagged",
    "what objects hold may be secret; SAR: the actions know the tags of the bucket, once its ABAC is turned on",
    condition=TO_THE_TAG,
)
SHELL_DOCUMENT = Limit(
    "RunShellScripts",
    "SAR: SendCommand is about a machine, which is tagged, and about a document, which is AWS's own",
    resource="arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
)
STREAMS = Limit("ActOnStreams", "SAR: UpdateShardCount knows neither streams nor their tags")
SNAPSHOTS = Limit(
    "RestoreSnapshots",
    "a snapshot has its volume's tags only where that is set, and reading one into a volume harms nothing",
    resource="arn:${AWS::Partition}:ec2:*::snapshot/*",
)
NEW_VOLUMES = Limit(
    "ActOnVolumes",
    "a volume that a run makes has no tags before the run sets them",
    resource="arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*",
)
NEW_DATABASE_SNAPSHOTS = Limit(
    "MakeDatabaseSnapshots",
    "what is being made has no tags yet: a run names it after its database, which is tagged, and itself",
    resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:snapshot:*-nightcrew-*",
)
NEW_SNAPSHOTS = Limit(
    "TagNewSnapshots",
    "SAR: the action knows in which call a tag is set; else a run could make any snapshot look like its own",
    resource="arn:${AWS::Partition}:ec2:*::snapshot/*",
    condition={"StringEquals": {"ec2:CreateAction": "CreateSnapshots"}},
)
MARKS = ["nightcrew:drill", "nightcrew:run"]
"""The tags that a run sets on what AWS Backup made for it."""
MADE_BY_A_RUN = Limit(
    "DeleteWhatRunsMade",
    "SAR: the action knows the tags of the resource it acts on; a run tags what it makes with its id, which begins so",
    condition={"StringLike": {"aws:ResourceTag/nightcrew:run": "20*"}},
)
NEW_INSTANCES = Limit(
    "MarkNewInstances",
    "what AWS Backup restored has no tags yet: a run marks it as its own, and says nothing else; not where a team has"
    " said what it is, nor one with rights of its own",
    resource="arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
    condition={
        "ForAllValues:StringEquals": {"aws:TagKeys": MARKS},
        "Null": {f"aws:ResourceTag/{TAG}": "true", "ec2:InstanceProfile": "true"},
    },
    only_for=frozenset({"ec2:TerminateInstances"}),
)
NEW_FILE_SYSTEMS = Limit(
    "MarkNewFileSystems",
    "as for instances",
    condition={
        "ForAllValues:StringEquals": {"aws:TagKeys": MARKS},
        "Null": {f"aws:ResourceTag/{TAG}": "true"},
    },
)
DRILLED_BUCKETS = Limit(
    "EmptyDrilledBuckets",
    "what a drill restores into a bucket of its own is deleted with it: the name tells, of buckets and of objects,"
    " since IAM's * knows no slash",
    resource="arn:${AWS::Partition}:s3:::*-restored-drill-*",
)
ROOT_VOLUME_TASKS = Limit(
    "ActOnRootVolumeTasks",
    "a task is new each time",
    resource="arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:replace-root-volume-task/*",
)
OPEN = Limit("ActOnAny", "another team's stream takes a table's changes, and need not be tagged")

ONLY_UPSERTS = Limit(
    "ActOnRecords",
    "SAR: a hosted zone has no tags for IAM, so the runbook asks for its tag; nothing is deleted",
    resource="arn:${AWS::Partition}:route53:::hostedzone/*",
    condition={"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsActions": "UPSERT"}},
)

ROUTING_CONTROLS = Limit(
    "SetRoutingControls",
    "SAR: a routing control has no tags for IAM; safety rules are never overridden",
    resource="arn:${AWS::Partition}:route53-recovery-control::${AWS::AccountId}:controlpanel/*",
    condition={"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}},
)
