"""Delete what a restore drill left behind that died."""

from datetime import timedelta
from typing import Literal

from nightcrew import Run, calls, runbook
from nightcrew.aws.drills import DrilledArn, RunId, is_drill_name
from nightcrew.aws.placeholder import Planned
from nightcrew.aws.rds import instances
from runbooks.restore import drilling
from runbooks.restore.drilling import Made, clear_away, prove_gone, wait_for_the_end

rds = calls("rds")

Kind = Literal["Aurora", "DynamoDB", "RDS"]


@runbook(
    family="restore",
    risk="low",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=8),
    permissions=[
        "dynamodb:DeleteTable",
        "dynamodb:DescribeTable",
        "rds:DeleteDBCluster",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
    ],
)
def clear_away_drill(run: Run, drilled: DrilledArn, kind: Kind, made: str, by: RunId, point: bool = False) -> str:
    """Deletes `made`, which the drill of `drilled` restored in the run `by`, if it is still there. Each drill has this
    started fifteen hours later. As a rule there is nothing to do then, and the run ends as not applicable.

    Nothing but a drill's own is deleted: the name must end in `-restored-drill-` and the id of that run, which is never
    used again; a table must come of a restore of the drilled one; a database must carry that run's tag. What AWS Backup
    restored (`point`) has no tag of a run: its name tells.
    """
    run.require("the name is one that this drill gave", is_drill_name(made.removesuffix("-1"), by))
    found = _made(kind, made, drilled, by, point)
    state = run.read("look what is left of it", found.look, pick=found.state, missing="gone")
    run.require("something is left of it", isinstance(state, Planned) or state != "gone")
    if kind == "Aurora":
        members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [made]}])
        for each in run.read("look at its instances", members, pick=instances):
            instance = drilling.member(str(each["id"]), by)
            clear_away(run, instance)
            wait_for_the_end(run, instance)
    clear_away(run, found)
    prove_gone(run, found)
    return f"{made} was left by the drill {by}, and is deleted"


def _made(kind: str, name: str, source: str, by: str, point: bool) -> Made:
    if kind == "DynamoDB":
        return drilling.table(name, "" if point else source)
    if kind == "RDS":
        return drilling.database(name, by, tagged=not point)
    return drilling.cluster(name, by, tagged=not point)
