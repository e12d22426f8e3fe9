"""Restore a recovery point of AWS Backup, of whatever it is, beside what stands."""

from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import backup as probes
from nightcrew.aws.backup import BESIDE, RecoveryPointArn, RoleArn, VaultName
from nightcrew.aws.checked import JsonObject, object_of
from nightcrew.aws.drill_jobs import is_for_drills
from nightcrew.aws.placeholder import Planned
from runbooks.restore.cut_over import name_beside
from runbooks.restore.recovery_points import follow_job, require_restorable, restore_job
from runbooks.restore.restored_resource import KNOWN, PERMISSIONS, delete_restored, restored

backup = calls("backup")

DEADLINE = timedelta(hours=16)
LONGEST = timedelta(hours=12)
USABLE = timedelta(minutes=30)


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=1),
    deadline=DEADLINE,
    permissions=[
        "backup:DescribeRecoveryPoint",
        "backup:DescribeRestoreJob",
        "backup:GetRecoveryPointRestoreMetadata",
        "backup:StartRestoreJob",
        "tag:GetResources",
        *PERMISSIONS,
    ],
)
def restore_recovery_point(
    run: Run,
    point: RecoveryPointArn,
    vault: VaultName,
    target: str | None = None,
    metadata: JsonObject = "{}",
    role: RoleArn | None = None,
    copy_tags: bool = False,
    within: timedelta = timedelta(hours=10),
) -> str:
    """Has AWS Backup make something new of a recovery point. Nothing that stands is changed, and nothing ever takes
    over: point whoever needs it to the new one yourself, or use restore-rds-instance, restore-aurora-cluster,
    restore-dynamodb-table or restore-ebs-volume, which know more of their own.

    It is restored with what AWS Backup wrote down when it made the backup (the restore metadata), and with what
    `metadata` says in their place, as JSON: `{"DBInstanceClass": "db.m6g.large"}`. These keys are AWS's, for each type
    others (AWS Backup developer guide, "Restoring a backup"). What was written down is shown to nobody, since it may
    hold secrets; what you give here stands in the ledger. For FSx you must give most of it: AWS Backup has it not.

    A new database, table, cluster or bucket is called `target`, or like the old one with `-restored-` and the time
    behind: what the deployed role may delete again has that in its name. It costs from the first minute on.
    `copy_tags` gives it the tags that the old one had; not all types take them.

    **EFS** is restored into a new file system, and there into a directory `aws-backup-restore_…`: the files are not at
    its root. It has no mount targets yet. **EC2** starts a new instance, with another address. **Aurora**,
    **DocumentDB** and **Neptune** give a cluster without instances. **S3** goes into a new bucket.

    A large one, or one from cold storage, takes hours; it is waited for `within` the time given (12 h at most). Proved
    is that the job is completed and says what it made; of an RDS database, a DynamoDB table and an EBS volume also
    that it can be used. Whether the *data* is right you must see yourself.

    AWS has no way to stop such a job. If it fails, is not through in time, or the run is cancelled, the run waits for
    its end, and deletes what it made where that is a database, table or volume; of other types it says what is left
    for a person to delete. If the proof is missing, it stays.

    AWS Backup restores as `role`: its own default role, unless another is given, whose name must begin with
    `nightcrew-restore-`, and not with `nightcrew-restore-drill`, which is for restore drills. A deployed Nightcrew
    restores only recovery points with the tag `nightcrew=managed`, which AWS Backup copies from what it backs up.

    Left alone are Multi-AZ clusters of RDS, CloudFormation stacks, Redshift, Timestream, Storage Gateway, virtual
    machines, EKS and SAP HANA: such a restore may write into what stands, or needs more than is known here.
    """
    this = {"RecoveryPointArn": point, "BackupVaultName": vault}
    found = run.read("find the recovery point", backup.describe_recovery_point(**this), pick=probes.recovery_point)
    kind = found["type"]
    restorer = require_restorable(run, found, role)
    run.require("the role is not one of drills: what it restores is deleted", not is_for_drills(restorer))
    way = BESIDE[kind]
    run.require("a name is given only where the new one has one", target is None or way.name)
    source = probes.name_of(found["of"])
    new = (target or name_beside(source, "restored", run.now, way.longest)) if way.name else ""
    run.require("the new name is another, and not too long", new != source and len(new) <= way.longest)
    overrides = object_of(metadata)
    wrong = probes.wrong_overrides(way, overrides)
    run.require(f"the metadata can be told so{f' ({wrong})' if wrong else ''}", wrong is None)
    run.require("it is waited for 12 h at most, so that the undo has time, too", within <= LONGEST)
    if kind in KNOWN and way.name:
        it = restored(kind, new)
        taken = run.read("look whether the new name is free", it.look, pick=it.state, missing="gone")
        run.require(f"there is no {new} yet", taken == "gone")

    # AWS Backup knows a token for an hour, and a run that was killed is carried on sooner. After that, what has a name
    # would be refused as taken.
    token = run.token("restore it")
    instead = probes.told(way, new, token, overrides)

    # A plan asks what would take it back before there is a job.
    started: Any = Planned("restore it beside")

    def take_it_away() -> None:
        ended = run.wait_until(
            "the job has ended", follow_job(started), lambda job: job["over"], within=DEADLINE, pick=probes.job
        )
        made = ended["made"]
        if made and kind in KNOWN:
            delete_restored(run, kind, probes.name_of(made))
        else:
            run.require(f"nothing is left of it: a person must delete {made}", not made)

    started = run.change(
        "restore it beside",
        restore_job(this, restorer, token, kind, instead, copy_tags=copy_tags),
        undo=take_it_away,
    )
    follow = follow_job(started)
    run.wait_until("the restore is through", follow, probes.is_completed, within=within, pick=probes.job)
    made = run.read("see what it made", follow, pick=probes.made_name)
    run.prove("the job is completed, and says what it made", follow, _has_made, within=min(USABLE, within))
    if kind in KNOWN:
        it = restored(kind, made["name"])
        usable = partial(_is, "usable")
        run.prove("the new one can be used", it.look, usable, within=min(USABLE, within), pick=it.state)
    return f"{made['arn']} was made of {source} as it was on {found['made']}; nothing uses it yet"


def _has_made(answer: dict[str, str]) -> bool:
    return probes.is_completed(probes.job(answer)) and bool(answer.get("CreatedResourceArn"))


def _is(wanted: str, state: str) -> bool:
    return state == wanted
