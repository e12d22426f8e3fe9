"""Drill the restore of a recovery point of AWS Backup: restore it in isolation, measure, and delete it again."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import backup as probes
from nightcrew.aws.backed_up import DrilledBackup
from nightcrew.aws.backup import BESIDE, DrillRoleArn, RecoveryPointArn, VaultName
from nightcrew.aws.checked import JsonObject, object_of
from nightcrew.aws.drill_isolation import (
    PLACE_WORDS,
    Subnet,
    isolated_metadata,
    kept_metadata,
    needs,
    standing,
    wrong_of_isolation,
)
from nightcrew.aws.drill_jobs import DRILL_ROLES, is_for_drills
from nightcrew.aws.drilled_points import BY_JOB, CLUSTERS
from nightcrew.aws.drills import GONE, SecurityGroup, SubnetGroup, drill_name
from nightcrew.aws.lambda_ import FunctionName
from nightcrew.aws.placeholder import Planned
from runbooks.restore import drilling
from runbooks.restore.drilled_points import PERMISSIONS, Drill, find_point, made_of_point, see_it
from runbooks.restore.drilling import (
    DEADLINE,
    LONGEST_RDS,
    ask_probe,
    clear_all_away,
    measure_and_clear_away,
    require_isolated,
    see_to_the_end,
)
from runbooks.restore.recovery_points import follow_job, require_restorable, restore_job

backup, ec2 = calls("backup"), calls("ec2")

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
        "backup:ListRecoveryPointsByResource",
        "backup:StartRestoreJob",
        "ec2:DescribeInstances",
        "ec2:DescribeSecurityGroups",
        "lambda:InvokeFunction",
        "tag:GetResources",
        *PERMISSIONS,
    ],
)
def drill_recovery_point(
    run: Run,
    of: DrilledBackup,
    point: RecoveryPointArn | None = None,
    vault: VaultName | None = None,
    subnet_group: SubnetGroup | None = None,
    subnet: Subnet | None = None,
    security_group: SecurityGroup | None = None,
    metadata: JsonObject = "{}",
    role: DrillRoleArn | None = None,
    probe: FunctionName | None = None,
    qualifier: str | None = None,
    rto: timedelta | None = None,
    rpo: timedelta | None = None,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Has AWS Backup restore the newest recovery point of the resource `of` where nobody reaches it, looks whether it
    can be used, and deletes it: of DynamoDB, RDS, Aurora, DocumentDB, Neptune, EBS, EC2, EFS, FSx and S3. What was
    backed up is not even read, and need not be there any more.

    `point` is another recovery point than the newest; `vault` is where alone it is looked for, among copies, say.

    **A database or a cluster** stands in `subnet_group`, **an instance or a file system of FSx** in `subnet`, all of
    them behind `security_group`, which must let no address in and nobody out (of FSx, to other groups only: Windows
    needs its directory); these must be given then. An instance has no instance profile, so no rights of its own. A
    cluster has no instances: proved is that its storage is back. An EFS has no mount targets, a volume is attached to
    nothing, a bucket is restored without ACLs.

    It is restored with what AWS Backup wrote down when it made the backup, of an instance with its type alone, and with
    what `metadata` says in their place, as in `restore-recovery-point`. **FSx** needs most of it there: one
    configuration, and for Windows in it the directory (`ActiveDirectoryId`) of drills, since it would join
    production's. **S3** takes `{"ItemsToRestore": …}` for a part of a bucket. What would lead out of isolation is
    refused.

    A table, a database, a cluster and a bucket are called like what was backed up, with `-restored-drill-` and the run
    behind. **EBS, EC2, EFS and FSx** have no name by which a drill could tell what it made: of these the restore job
    tells, by its `role`. So `role` must be given, its name must begin with `nightcrew-restore-drill`, and nobody may
    restore anything else as it: what it restores is deleted. It has no path, and may use the key of what is encrypted.

    Proved is that the job is completed and that what it made is available; of an instance that both status checks pass.
    Whether the *data* is right only their team knows: `probe` is a Lambda function of theirs, tagged
    `nightcrew=managed`, that is given `{"address", "run"}`, the address being the ARN of what was restored, and fails
    where they are not. It may be asked twice. What it gives back is not read.

    **RTO** is measured from the start of the run to the last of these proofs, **RPO** from when the recovery point was
    made to the start: so a scheduled drill of the newest one also tells when no more are made. Where the targets `rto`
    or `rpo` are given and missed, the run ends as failed. It costs what such a thing costs, for as long as the drill
    takes.

    What it made is deleted on every path: at the end, where the proof is missing or something fails, and, if the run
    dies, by `clear-away-drill`, fifteen hours later. AWS has no way to stop a restore job: its end is waited for. A
    bucket is emptied first, a thousand versions at a time, half a million at most: restore a part of a larger one.

    Left alone are continuous backups, which the drill of the service itself restores, what `restore-recovery-point`
    leaves alone, and volumes of FSx for ONTAP: these are restored into a file system that others use. AWS Backup's own
    *restore testing* drills more types; `nightcrew drill` reads its results in.
    """
    began = run.now
    chosen = find_point(run, of, point, vault)
    this = {"RecoveryPointArn": chosen["arn"], "BackupVaultName": chosen["vault"]}
    found = run.read("look at the recovery point", backup.describe_recovery_point(**this), pick=probes.recovery_point)
    kind = found["type"]
    run.require("it is one of that resource", found["of"] == of)
    run.require("it is from one moment, no continuous backup", found["status"] != "AVAILABLE")
    restorer = require_restorable(run, found, role)
    run.require("it is restored into nothing that stands", kind != "FSx" or ":file-system/" in of)
    by_role = f"the role is one as which only drills restore: its name begins with {DRILL_ROLES}"
    run.require(by_role, kind not in BY_JOB or is_for_drills(restorer))

    place = {"subnet_group": subnet_group, "subnet": subnet, "security_group": security_group}
    for each in needs(kind):
        run.require(PLACE_WORDS[each], place[each])
    if "security_group" in needs(kind):
        require_isolated(run, str(security_group), groups=kind == "FSx")
    way, alone, overrides = BESIDE[kind], isolated_metadata(kind, place), object_of(metadata)
    wrong = probes.wrong_overrides(way, overrides, alone) or wrong_of_isolation(kind, overrides)
    run.require(f"the metadata can be told so{f' ({wrong})' if wrong else ''}", wrong is None)

    source, name, drill = probes.name_of(of), "", Drill(kind, of, run.id)
    if kind in BY_JOB:
        see_to_the_end(run, kind, of, within, point=chosen["arn"], role=restorer)
    else:
        name = drill_name(source, run.id, min(way.longest, LONGEST_RDS))
        (free,) = made_of_point(drill, name, "")
        state = run.read("look whether the drill's name is free", free.look, pick=free.state, missing=GONE)
        run.require("nobody has that name yet", state == GONE)
        see_to_the_end(run, "Aurora" if kind in CLUSTERS else kind, name, within, point=chosen["arn"])

    token = run.token("restore it in isolation")
    instead = probes.told(way, name, token, {**overrides, **alone})
    started: Any = Planned("restore it in isolation")
    seen = False

    def delete_what_it_made() -> None:
        job = follow_job(started)
        ended = run.wait_until("the job has ended", job, lambda one: one["over"], within=DEADLINE, pick=probes.job)
        planned = isinstance(ended, Planned)
        if not planned and ended["status"] == "COMPLETED":
            run.require("the job says what it made: else a person must look for it", ended["made"])
        if name or planned or ended["made"]:
            made = made_of_point(drill, name or ended["name"], ended["made"])
            if not planned and not seen and ended["status"] == "COMPLETED":
                see_it(run, made[0])
            clear_all_away(run, *made)

    started = run.change(
        "restore it in isolation",
        restore_job(this, restorer, token, kind, instead, only=kept_metadata(kind)),
        undo=delete_what_it_made,
    )
    job = follow_job(started)
    run.wait_until("the restore is through", job, probes.is_completed, within=within, pick=probes.job)
    restored = run.read("see what it made", job, pick=probes.made_name)
    made = made_of_point(drill, name or restored["name"], restored["arn"])
    first, settling = made[0], min(SETTLING, within)
    run.prove("what it made can be used", first.look, drilling.is_usable, within=settling, pick=first.state)
    seen = True
    if kind == "EC2":
        alone_there = {"subnet": subnet, "groups": [security_group], "rights": False}
        look = ec2.describe_instances(InstanceIds=[restored["name"]])
        title = "it stands there alone, and has no rights"
        run.prove(title, look, lambda found: found == alone_there, within=settling, pick=standing)
    ask_probe(run, probe, qualifier, restored["arn"])
    words = measure_and_clear_away(run, began, str(found["made"]), (rto, rpo), *made)
    return f"{source}: {words}"
