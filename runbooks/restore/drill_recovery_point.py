"""Drill the restore of a recovery point of AWS Backup: restore it in isolation, measure, and delete it again."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import backup as probes
from nightcrew.aws.arns import drilled
from nightcrew.aws.backup import BESIDE, RoleArn, VaultName
from nightcrew.aws.calls import Carried
from nightcrew.aws.drills import (
    GONE,
    DrilledPoint,
    SecurityGroup,
    SubnetGroup,
    drill_name,
    isolated_metadata,
)
from nightcrew.aws.placeholder import Planned
from runbooks.restore import drilling
from runbooks.restore.drilling import (
    DEADLINE,
    LONGEST_RDS,
    Made,
    clear_away,
    measure_and_clear_away,
    require_isolated,
    see_to_the_end,
)
from runbooks.restore.restore_recovery_point import follow_job

backup = calls("backup")

CLUSTERS = ("Aurora", "DocumentDB", "Neptune")
"""Clusters of all three have ARNs of RDS, whose API shows and deletes them."""
KINDS = (*CLUSTERS, "DynamoDB", "RDS")
SETTLING = timedelta(minutes=30)


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=1, minutes=30),
    deadline=DEADLINE,
    undo_if_ineffective=True,
    permissions=[
        "backup:DescribeRecoveryPoint",
        "backup:DescribeRestoreJob",
        "backup:GetRecoveryPointRestoreMetadata",
        "backup:StartRestoreJob",
        "dynamodb:DeleteTable",
        "dynamodb:DescribeTable",
        "ec2:DescribeSecurityGroups",
        "rds:DeleteDBCluster",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "tag:GetResources",
    ],
)
def drill_recovery_point(
    run: Run,
    point: DrilledPoint,
    vault: VaultName,
    subnet_group: SubnetGroup | None = None,
    security_group: SecurityGroup | None = None,
    role: RoleArn | None = None,
    rto: timedelta | None = None,
    rpo: timedelta | None = None,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Has AWS Backup restore a recovery point of a DynamoDB table, an RDS database, or a cluster of Aurora, DocumentDB
    or Neptune where nobody reaches it; looks whether it can be used; and deletes it. What was backed up is not even
    read.

    What it makes is called like what was backed up, with `-restored-drill-` and the run behind. A database stands in
    `subnet_group`, behind `security_group`, which must let no address in and none out; both must be given then. A
    cluster has no instances: proved is that its storage is back. It costs what such a thing costs, for as long as the
    drill takes.

    **RTO** is measured from the start of the run to the proof that what was restored can be used, **RPO** from when
    the recovery point was made to the start. Where the targets `rto` or `rpo` are given and missed, the run ends as
    failed.

    What it made is deleted on every path: at the end, where the proof is missing or something fails, and, if the run
    dies, by `clear-away-drill`, fifteen hours later. AWS has no way to stop a restore job: its end is waited for.

    Recovery points of other types (EBS, EC2, EFS, FSx, S3 and more) have no name by which a drill could tell what it
    made: have AWS Backup's own *restore testing* drill these, which deletes what it made; `nightcrew drill` reads its
    results in. AWS Backup restores as `role`, as in `restore-recovery-point`.
    """
    began = run.now
    found = run.read(
        "find the recovery point",
        backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=point),
        pick=probes.recovery_point,
    )
    kind = found["type"]
    run.require(f"{kind} has a name by which a drill can tell what it made: {', '.join(KINDS)}", kind in KINDS)
    way = BESIDE[kind]
    run.require(f"the recovery point is complete: it is {found['status']}", found["usable"])
    run.require("its time is not over", probes.is_kept(found, run.now))
    restorer = role or probes.default_role(drilled(run.resource))
    run.require(
        "the role is AWS Backup's own in this account, or one whose name begins with nightcrew-restore-",
        probes.role_may_be_passed(restorer, run.resource),
    )
    alone: dict[str, str] = {}
    if kind != "DynamoDB":
        run.require("it is said where a database is restored to: subnet_group", subnet_group)
        run.require("it is said what a database is behind: security_group", security_group)
        require_isolated(run, str(security_group), [])
        alone = isolated_metadata(kind, str(subnet_group), str(security_group))
    name = drill_name(probes.name_of(found["of"]), run.id, min(way.longest, LONGEST_RDS))
    made = _made(kind, name, run.id)
    state = run.read("look whether the drill's name is free", made.look, pick=made.state, missing=GONE)
    run.require("nobody has that name yet", state == GONE)
    see_to_the_end(run, "Aurora" if kind in CLUSTERS else kind, name, within, point=True)

    token = run.token("restore it in isolation")
    instead = probes.told(way, name, token, alone)
    started: Any = Planned("restore it in isolation")

    def delete_what_it_made() -> None:
        job = follow_job(started)
        run.wait_until("the job has ended", job, lambda seen: seen["over"], within=DEADLINE, pick=probes.job)
        clear_away(run, made)

    started = run.change(
        "restore it in isolation",
        backup.start_restore_job(
            RecoveryPointArn=point,
            Metadata=Carried(
                backup.get_recovery_point_restore_metadata(BackupVaultName=vault, RecoveryPointArn=point),
                lambda answer: probes.merged(answer["RestoreMetadata"], instead),
                like=instead,
            ),
            IamRoleArn=restorer,
            IdempotencyToken=token,
            ResourceType=kind,
        ),
        undo=delete_what_it_made,
    )
    job = follow_job(started)
    run.wait_until("the restore is through", job, probes.is_completed, within=within, pick=probes.job)
    run.prove("what it made can be used", made.look, drilling.is_usable, within=min(SETTLING, within), pick=made.state)
    words = measure_and_clear_away(run, began, str(found["made"]), (rto, rpo), made)
    return f"{probes.name_of(found['of'])}: {words}"


def _made(kind: str, name: str, run: str) -> Made:
    if kind == "DynamoDB":
        return drilling.table(name, "")
    if kind == "RDS":
        return drilling.database(name, run, tagged=False)
    return drilling.cluster(name, run, tagged=False)
