"""Drill the restore of an Aurora cluster: restore it in isolation, look at it, measure RTO and RPO, and delete it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import aurora_settings as probes
from nightcrew.aws.drills import (
    DRILL_TAG,
    GONE,
    DrilledCluster,
    SecurityGroup,
    SubnetGroup,
    as_alone,
    drill_name,
)
from nightcrew.aws.lambda_ import FunctionName
from nightcrew.aws.rds_settings import differences, is_made_by
from nightcrew.aws.tags import RUN_TAG, listed
from runbooks.restore import drilling
from runbooks.restore.aurora_members import MAKING, members_of_cluster
from runbooks.restore.drilling import (
    DEADLINE,
    LONGEST_RDS,
    ask_probe,
    clear_away,
    measure_and_clear_away,
    require_isolated,
    see_to_the_end,
    wait_for_the_end,
)

rds = calls("rds")


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=2, minutes=30),
    deadline=DEADLINE,
    undo_if_ineffective=True,
    permissions=[
        "ec2:DescribeSecurityGroups",
        "lambda:InvokeFunction",
        "rds:CreateDBInstance",
        "rds:DeleteDBCluster",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:RestoreDBClusterToPointInTime",
    ],
)
def drill_aurora_restore(
    run: Run,
    cluster: DrilledCluster,
    subnet_group: SubnetGroup,
    security_group: SecurityGroup,
    to: datetime | None = None,
    probe: FunctionName | None = None,
    qualifier: str | None = None,
    rto: timedelta | None = None,
    rpo: timedelta | None = None,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Restores `cluster` as it was at the time `to`, or as late as can be, where nobody reaches it, with one instance
    that writes; looks whether it is right; and deletes both, without a last snapshot. `cluster` itself is only read.

    The drill's cluster is called like the drilled one, with `-restored-drill-` and the run behind, and takes nobody's
    name; its instance like it, with `-1` behind. It is a full copy, as a real restore is, and no clone. It has the
    parameters of the drilled one, its writer's class, no public address, no protection, and the tags `nightcrew:run`
    and `nightcrew:drill`, none of the drilled one's. It stands in `subnet_group`, which must be another than the
    drilled one's, behind `security_group`, which must let no address in and nobody out: a restored database may have
    jobs of its own that write to others. It costs what such a cluster costs, for as long as the drill takes.

    Proved are that the cluster and its writer are available, engine, key and parameters, and that it stands alone.
    Whether the *data* is right only their team knows: `probe` is a Lambda function of theirs, tagged
    `nightcrew=managed`, that is given `{"address", "run"}` and fails where they are not. It must be in the same VPC and
    in a security group that `security_group` lets in; and it may be asked twice. What it gives back is not read.

    **RTO** is measured from the start of the run to the last of these proofs, **RPO** from the moment that the data is
    from to the start. Where the targets `rto` or `rpo` are given and missed, the run ends as failed.

    Both are deleted on every path: at the end, where a proof is missing or something fails, and, if the run dies, by
    `clear-away-drill`, fifteen hours later. If the restore is not through `within` the time given (10 h at most), they
    are deleted as soon as AWS allows.
    """
    began = run.now
    look = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    old = run.read("find it", look, pick=probes.only_whole_cluster)
    provisioned = old["engine"].startswith("aurora") and old["mode"] == "provisioned"
    run.require("it is Aurora, with instances of its own: not Serverless v1", provisioned)
    run.require("it is not Limitless, and in a VPC", not old["special"])
    run.require("it is joined to no directory", not old["domains"])
    run.require("an instance of it writes", old["writer"])
    run.require("it has restorable times", old["first"] and old["latest"])
    run.require(probes.restorable_words(old, to), probes.can_be_restored_to(old, to))
    writer = run.read(
        "look at its writer", members_of_cluster(cluster), pick=lambda answer: probes.members_of(old["writer"], answer)
    )[0]
    run.require("its subnet group is not the drilled one's", subnet_group != old["settings"].get("DBSubnetGroupName"))
    used = old["settings"].get("VpcSecurityGroupIds", [])
    run.require("its security group is none of those that the drilled one has", security_group not in used)
    require_isolated(run, security_group)

    name = drill_name(cluster, run.id, LONGEST_RDS)
    made, instance = drilling.cluster(name, run.id), drilling.member(f"{name}-1", run.id)
    for each in (made, instance):
        state = run.read(f"look whether the name of the drill's {each.word} is free", each.look, pick=each.state)
        run.require("nobody has that name yet", state == GONE)
    see_to_the_end(run, "Aurora", name, within)
    tags = listed({RUN_TAG: run.id, DRILL_TAG: cluster})

    def delete_the_drills_cluster() -> None:
        clear_away(run, made)

    def delete_the_drills_instance() -> None:
        clear_away(run, instance)
        wait_for_the_end(run, instance)

    run.change(
        "restore it in isolation",
        rds.restore_db_cluster_to_point_in_time(
            SourceDBClusterIdentifier=cluster,
            DBClusterIdentifier=name,
            RestoreType="full-copy",
            **({"RestoreToTime": to} if to else {"UseLatestRestorableTime": True}),
            **as_alone(probes.to_restore(old["settings"]), subnet_group, security_group),
            Tags=tags,
        ),
        undo=delete_the_drills_cluster,
        took_effect=(made.look, partial(probes.is_cluster_made_by, run.id)),
        pick=lambda answer: answer["DBCluster"]["Status"],
    )
    run.wait_until("the restore is through", made.look, drilling.is_usable, within=within, pick=made.state)
    like = {"DBInstanceClass", "DBParameterGroupName"}
    run.change(
        "add an instance that writes",
        rds.create_db_instance(
            **{name: value for name, value in probes.to_create(writer["settings"]).items() if name in like},
            DBClusterIdentifier=name,
            DBInstanceIdentifier=instance.name,
            Engine=old["engine"],
            PubliclyAccessible=False,
            Tags=tags,
        ),
        undo=delete_the_drills_instance,
        took_effect=(instance.look, partial(is_made_by, run.id)),
        pick=lambda answer: answer["DBInstance"]["DBInstanceStatus"],
    )
    settling = min(MAKING, within)
    run.prove("its instance is available", instance.look, drilling.is_usable, within=settling, pick=instance.state)
    seen = run.prove(
        "it has the engine, the key and the parameters, its instance writes, and it stands alone",
        made.look,
        lambda found: not found["differences"] and found["settled"] and found["writer"] == instance.name,
        within=settling,
        pick=partial(_compared, old, subnet_group, security_group),
    )
    ask_probe(run, probe, qualifier, seen["address"])
    as_of = to.isoformat() if to else str(old["latest"])
    return f"{cluster}: {measure_and_clear_away(run, began, as_of, (rto, rpo), instance, made)}"


def _compared(old: dict[str, Any], subnet_group: str, security_group: str, answer: Any) -> dict[str, Any]:
    """Where the new one is unlike what it must be."""
    new = probes.only_whole_cluster(answer)
    wanted = {name: old["settings"].get(name) for name in ("DBClusterParameterGroupName", "KmsKeyId")}
    wanted |= {"VpcSecurityGroupIds": [security_group], "DBSubnetGroupName": subnet_group}
    unlike = differences(wanted, {name: new["settings"].get(name) for name in wanted})
    engines = [] if new["engine"] == old["engine"] else [f"engine: {old['engine']}, now {new['engine']}"]
    return {
        "differences": [*engines, *unlike],
        "settled": new["in_sync"] and new["status"] == "available",
        "writer": new["writer"],
        "address": new["address"],
    }
