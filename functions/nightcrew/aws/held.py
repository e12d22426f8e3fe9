"""Which changes of a run are held to the run's own resource.

A family's role acts on everything that is tagged. One run is about one resource, whose ARN is known when it begins: so
its session is narrowed to that, by this rule. **An action is held to the run's resource where HELD names it for this
kind of resource.** It then stays allowed on the resource itself; on whatever of *other* kinds the same call may name (a
parameter group, a snapshot, a document), as wide as the role has it; and on what the role allows by name (``limits``),
since a run makes that itself (``*-restored-*``). Everything else stays as wide as the role: reads; actions on other
kinds than the run's, like volumes and groups of an instance; resources given as any ARN, of which the kind is not
known; what an action only depends on, since that may be about another resource (a message goes to another queue); and
what a runbook declares ``elsewhere``, because it changes others of the same kind, too.

So no declared call fails by it: a test sends what each runbook sends, and ``Cloud`` refuses at once, also in tests and
plans, a held change that does not name the run's resource.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nightcrew.aws.arns import drilled
from nightcrew.aws.limit import TAGGED
from nightcrew.aws.limits import LIMITS
from nightcrew.aws.placeholder import OPEN

HELD: dict[str, tuple[str, ...]] = {
    "arc-region-switch:CancelPlanExecution": ("arc-region-switch:plan/",),
    "arc-region-switch:StartPlanExecution": ("arc-region-switch:plan/",),
    "arc-zonal-shift:CancelZonalShift": ("elasticloadbalancing:loadbalancer/",),
    "arc-zonal-shift:StartZonalShift": ("elasticloadbalancing:loadbalancer/",),
    "autoscaling:CancelInstanceRefresh": ("autoscaling:autoScalingGroup:",),
    "autoscaling:StartInstanceRefresh": ("autoscaling:autoScalingGroup:",),
    "autoscaling:TerminateInstanceInAutoScalingGroup": ("autoscaling:autoScalingGroup:",),
    "autoscaling:UpdateAutoScalingGroup": ("autoscaling:autoScalingGroup:",),
    "dynamodb:CreateBackup": ("dynamodb:table/",),
    "dynamodb:RestoreTableToPointInTime": ("dynamodb:table/",),
    "dynamodb:UpdateTable": ("dynamodb:table/",),
    "ec2:AttachVolume": ("ec2:instance/", "ec2:volume/"),
    "ec2:CreateReplaceRootVolumeTask": (
        *("ec2:instance/", "ec2:replace-root-volume-task/", "ec2:volume/", "ec2:image/", "ec2:snapshot/"),
    ),
    "ec2:CreateSnapshots": ("ec2:instance/", "ec2:snapshot/", "ec2:volume/"),
    "ec2:ModifyInstanceAttribute": ("ec2:instance/", "ec2:security-group/", "ec2:volume/"),
    "ec2:ModifyVolume": ("ec2:volume/",),
    "ec2:RebootInstances": ("ec2:instance/",),
    "ec2:StartInstances": ("ec2:instance/", "license-manager:license-configuration:"),
    "ec2:StopInstances": ("ec2:instance/",),
    "ecs:StopServiceDeployment": ("ecs:service/", "ecs:service-deployment/"),
    "ecs:UpdateService": ("ecs:service/",),
    "elasticache:DecreaseReplicaCount": ("elasticache:replicationgroup:",),
    "elasticache:IncreaseReplicaCount": ("elasticache:replicationgroup:",),
    "elasticache:ModifyReplicationGroup": (
        "elasticache:replicationgroup:",
        *("elasticache:parametergroup:", "elasticache:securitygroup:", "elasticache:usergroup:"),
    ),
    "elasticache:RebootCacheCluster": ("elasticache:cluster:",),
    "lambda:DeleteProvisionedConcurrencyConfig": ("lambda:function:",),
    "lambda:PutFunctionConcurrency": ("lambda:function:",),
    "lambda:PutProvisionedConcurrencyConfig": ("lambda:function:",),
    "lambda:UpdateAlias": ("lambda:function:",),
    "lambda:UpdateEventSourceMapping": ("lambda:event-source-mapping:",),
    "rds:CreateDBSnapshot": ("rds:db:", "rds:snapshot:"),
    "rds:FailoverDBCluster": ("rds:cluster:",),
    "rds:ModifyDBCluster": ("rds:cluster:", "rds:cluster-pg:", "rds:og:", "rds:pg:"),
    "rds:ModifyDBInstance": ("rds:db:", "rds:og:", "rds:pg:", "rds:secgrp:", "rds:subgrp:"),
    "rds:PromoteReadReplica": ("rds:db:",),
    "rds:RebootDBInstance": ("rds:db:",),
    "rds:RestoreDBClusterToPointInTime": (
        *("rds:cluster:", "rds:cluster-pg:", "rds:og:", "rds:subgrp:", "rds:cluster-auto-backup:"),
    ),
    "rds:RestoreDBInstanceToPointInTime": ("rds:db:", "rds:og:", "rds:pg:", "rds:subgrp:", "rds:auto-backup:"),
    "route53-recovery-cluster:UpdateRoutingControlStates": ("route53-recovery-control:controlpanel/",),
    "route53:ChangeResourceRecordSets": ("route53:hostedzone/",),
    "s3:DeleteObject": ("s3:",),
    "s3:GetObject": ("s3:",),
    "s3:GetObjectVersion": ("s3:",),
    "s3:GetObjectVersionTagging": ("s3:",),
    "s3:PutObject": ("s3:",),
    "s3:PutObjectTagging": ("s3:",),
    "sqs:CancelMessageMoveTask": ("sqs:",),
    "sqs:DeleteMessage": ("sqs:",),
    "sqs:ReceiveMessage": ("sqs:",),
    "sqs:SendMessage": ("sqs:",),
    "sqs:StartMessageMoveTask": ("sqs:",),
    "ssm:SendCommand": ("ec2:instance/", "ssm:document/", "ssm:managed-instance/", "s3:"),
}
"""Action → the kind of resource that it can be held to, then the other kinds that the same call may name, each as the
beginning of an ARN without its places. From the Service Authorization Reference; a test compares.
"""

NOT_HELD: dict[str, str] = {
    "backup:StartRestoreJob": "its resource is a recovery point, of which there are many kinds",
    "ec2:DetachVolume": "it is about a volume, of which an instance has many; and a run takes off those that it made",
    "ecs:StopTask": "it is about a task: the service that a run is about has many, with ids of their own",
    "lambda:InvokeFunction": "what is called is a team's own function: the run is about something else",
    "rds:CreateDBInstance": "it is about the new instance, and the cluster that it joins may be a restored one",
    "rds:FailoverGlobalCluster": "it is about clusters in two Regions, and the global cluster over them",
    "rds:SwitchoverGlobalCluster": "as for a failover",
    "ssm:StartAutomationExecution": "what is started is a team's own document: the run is about something else",
}
"""Actions on tagged resources that no run's session can hold to its own resource, and why."""

_WITHOUT_NAME = frozenset({"CancelMessageMoveTask", "CancelZonalShift", "StopServiceDeployment"})
"""Operations that name a handle of what was started on the resource: AWS finds the resource by it, and asks IAM."""

_LOWER = frozenset({"rds", "elasticache"})
"""Services that keep names in lower case, whatever was typed (RDS API reference, CreateDBInstance)."""


@dataclass(frozen=True)
class Own:
    """A run's resource, by its ARN, and the declared actions that are held to it."""

    arn: str = ""
    actions: frozenset[str] = frozenset()

    def holds(self, operation: str, action: str, parameters: Mapping[str, Any]) -> bool:
        """Whether a call may go out by this rule: it is not held, or it names the run's resource."""
        if action not in self.actions or operation in _WITHOUT_NAME:
            return True
        name = re.escape(re.split("[:/]", self.arn)[-1])
        named = re.compile(rf"(?<![\w.-]){name}(?![\w-])", re.IGNORECASE)
        return any(OPEN in text or named.search(text) for text in _texts(parameters))


def own(actions: Iterable[str], kind: str, arn: str, elsewhere: Collection[str] = ()) -> Own:
    """Which of these actions are held to the resource of this ARN, which is of this kind: ``ec2:instance/``, or empty
    where that is not known.
    """
    held = {each for each in actions if kind and HELD.get(each, ("",))[0] == kind and each not in elsewhere}
    return Own(drilled(arn), frozenset(held))


def resources(held: Own) -> list[str]:
    """The ARNs to which a session policy holds these actions: the resource as IAM names it, what else the calls may
    name, and what the role allows by name.
    """
    _, partition, _, _, account, _ = held.arn.split(":", 5)
    found = {_filled(each, partition, account) for each in as_iam_names(held.arn)}
    for action in held.actions:
        for kind in HELD[action][1:]:
            service, _, path = kind.partition(":")
            found.add(f"arn:{partition}:{service}:*:*:{path}*")
        if TAGGED in LIMITS[action]:
            named = [limit.resource for limit in LIMITS[action] if limit.resource != "*"]
            ours = [each for each in named if _kind_of(each).startswith(HELD[action][0])]
            found |= {_filled(each, partition, account) for each in ours}
    return sorted(found)


def as_iam_names(arn: str) -> tuple[str, ...]:
    """A run's resource as policies name it: some services know neither Region nor account there, a function's aliases
    and versions are resources of their own, and old ECS services have no cluster in their ARN.
    """
    arn = drilled(arn)
    _, partition, service, region, account, path = arn.split(":", 5)
    place = f"arn:{partition}:{service}"
    if service == "s3":
        return (f"{place}:::{path}/*",)
    if service == "route53":
        return (f"{place}:::{path}",)
    if service == "route53-recovery-control":
        return (f"{place}::{account}:{path}/*",)
    if service == "arc-region-switch":
        return (f"{place}::{account}:{path}",)
    if service == "lambda" and path.startswith("function:"):
        return (arn, f"{arn}:*")
    if service == "ecs":
        return (arn, f"{place}:{region}:{account}:service/{path.rpartition('/')[2]}")
    return (arn, arn.lower()) if service in _LOWER and arn != arn.lower() else (arn,)


def _kind_of(resource: str) -> str:
    """Of ``arn:…:dynamodb:*:…:table/*-restored-*``: ``dynamodb:table/*-restored-*``."""
    _, _, service, rest = resource.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "*").split(":", 3)
    return f"{service}:{rest.split(':', 2)[2]}"


def _filled(resource: str, partition: str, account: str) -> str:
    return resource.replace("${AWS::Partition}", partition).replace("${AWS::AccountId}", account)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value
