"""Drill the restore of an RDS database: restore it in isolation, look at it, measure RTO and RPO, and delete it."""

from datetime import datetime, timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import rds_settings as probes
from nightcrew.aws.drills import (
    DRILL_TAG,
    GONE,
    DrilledInstance,
    SecurityGroup,
    SubnetGroup,
    as_alone,
    drill_name,
)
from nightcrew.aws.lambda_ import FunctionName
from nightcrew.aws.tags import RUN_TAG, listed
from runbooks.restore import drilling
from runbooks.restore.drilling import (
    DEADLINE,
    LONGEST_RDS,
    ask_probe,
    clear_away,
    measure_and_clear_away,
    require_isolated,
    see_to_the_end,
)

rds = calls("rds")

SETTLING = timedelta(hours=1)


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=2),
    deadline=DEADLINE,
    undo_if_ineffective=True,
    permissions=[
        "ec2:DescribeSecurityGroups",
        "lambda:InvokeFunction",
        "rds:DeleteDBInstance",
        "rds:DescribeDBInstances",
        "rds:RestoreDBInstanceToPointInTime",
    ],
)
def drill_rds_restore(
    run: Run,
    instance: DrilledInstance,
    subnet_group: SubnetGroup,
    security_group: SecurityGroup,
    to: datetime | None = None,
    probe: FunctionName | None = None,
    qualifier: str | None = None,
    rto: timedelta | None = None,
    rpo: timedelta | None = None,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Restores `instance` as it was at the time `to`, or as late as can be, where nobody reaches it; looks whether it
    is right; and deletes it, without a last snapshot. `instance` itself is only read.

    The drill's instance is called like the drilled one, with `-restored-drill-` and the run behind, and takes nobody's
    name. It has the class and the parameters of the drilled one, one zone, no public address, no protection, no
    automated backups, and the tags `nightcrew:run` and `nightcrew:drill`, none of the drilled one's. It stands in
    `subnet_group`, which must be another than the drilled one's, behind `security_group`, which must let no address in
    and nobody out: a restored database may have jobs of its own that write to others. It costs what such an instance
    costs, for as long as the drill takes.

    Proved are that it is available, engine, key and parameters, and that it stands alone. Whether the *data* is right
    only their team knows: `probe` is a Lambda function of theirs, tagged `nightcrew=managed`, that is given
    `{"address", "run"}` and fails where they are not. It must be in the same VPC and in a security group that
    `security_group` lets in; and it may be asked twice. What it gives back is not read.

    **RTO** is measured from the start of the run to the last of these proofs, **RPO** from the moment that the data is
    from to the start. Where the targets `rto` or `rpo` are given and missed, the run ends as failed.

    The instance is deleted on every path: at the end, where a proof is missing or something fails, and, if the run
    dies, by `clear-away-drill`, fifteen hours later. If the restore is not through `within` the time given (10 h at
    most), it is deleted as soon as AWS allows.

    Left alone are instances of a cluster (Aurora), read replicas, RDS Custom, and what is joined to a directory.
    """
    began = run.now
    old = run.read("find it", rds.describe_db_instances(DBInstanceIdentifier=instance), pick=probes.only_db_instance)
    run.require("it stands alone: no cluster owns it", old["cluster"] is None)
    run.require("it is no read replica", old["source"] is None)
    run.require("it is not RDS Custom", not old["engine"].startswith("custom-"))
    run.require("it is joined to no directory", not old["domains"])
    run.require("it keeps automated backups", old["settings"].get("BackupRetentionPeriod") and old["latest"])
    run.require(probes.restorable_words(old, to), probes.can_be_restored_to(old, to))
    run.require("its subnet group is not the drilled one's", subnet_group != old["settings"].get("DBSubnetGroupName"))
    used = old["settings"].get("VpcSecurityGroupIds", [])
    run.require("its security group is none of those that the drilled one has", security_group not in used)
    require_isolated(run, security_group)

    name = drill_name(instance, run.id, LONGEST_RDS)
    made = drilling.database(name, run.id)
    state = run.read("look whether the drill's name is free", made.look, pick=made.state)
    run.require("nobody has that name yet", state == GONE)
    see_to_the_end(run, "RDS", name, within)

    def delete_the_drills_instance() -> None:
        clear_away(run, made)

    alone = as_alone(probes.to_restore(old["settings"]), subnet_group, security_group)
    run.change(
        "restore it in isolation",
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=instance,
            TargetDBInstanceIdentifier=name,
            **({"RestoreTime": to} if to else {"UseLatestRestorableTime": True}),
            **alone,
            MultiAZ=False,
            PubliclyAccessible=False,
            Tags=listed({RUN_TAG: run.id, DRILL_TAG: instance}),
        ),
        undo=delete_the_drills_instance,
        took_effect=(made.look, lambda answer: probes.is_made_by(run.id, answer)),
        pick=lambda answer: answer["DBInstance"]["DBInstanceStatus"],
    )
    run.wait_until("the restore is through", made.look, drilling.is_usable, within=within, pick=made.state)
    seen = run.prove(
        "it has the engine, the key and the parameters, and stands alone",
        made.look,
        lambda found: not found["differences"] and found["in_sync"],
        within=min(SETTLING, within),
        pick=lambda answer: _compared(old, subnet_group, security_group, answer),
    )
    ask_probe(run, probe, qualifier, seen["address"])
    as_of = to.isoformat() if to else str(old["latest"])
    return f"{instance}: {measure_and_clear_away(run, began, as_of, (rto, rpo), made)}"


def _compared(old: dict[str, Any], subnet_group: str, security_group: str, answer: Any) -> dict[str, Any]:
    """Where the new one is unlike what it must be."""
    new = probes.only_db_instance(answer)
    kept = ("DBInstanceClass", "DBParameterGroupName", "KmsKeyId")
    wanted = {name: old["settings"].get(name) for name in kept}
    wanted |= {"VpcSecurityGroupIds": [security_group], "DBSubnetGroupName": subnet_group, "PubliclyAccessible": False}
    is_now = {name: new["settings"].get(name) for name in wanted}
    is_now["PubliclyAccessible"] = bool(is_now["PubliclyAccessible"])
    unlike = probes.differences(wanted, is_now)
    engines = [] if new["engine"] == old["engine"] else [f"engine: {old['engine']}, now {new['engine']}"]
    return {"differences": [*engines, *unlike], "in_sync": new["in_sync"], "address": new["address"]}
