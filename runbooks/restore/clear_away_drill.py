"""Delete what a restore drill left behind that died."""

from datetime import timedelta
from functools import partial
from typing import Any, Literal

from nightcrew import Run, calls, runbook
from nightcrew.aws.backup import DrillRoleArn, RecoveryPointArn
from nightcrew.aws.drill_jobs import DRILL_ROLES, are_over, earliest, is_for_drills, jobs_of
from nightcrew.aws.drilled_points import BY_JOB
from nightcrew.aws.drills import GONE, DrilledArn, RunId, is_drill_name
from nightcrew.aws.placeholder import Planned
from nightcrew.aws.rds import instances
from runbooks.restore import drilling
from runbooks.restore.drilled_points import PERMISSIONS, Drill, made_of_point
from runbooks.restore.drilling import Made, clear_away, prove_gone, wait_for_the_end

backup, rds = calls("backup"), calls("rds")

Kind = Literal["Aurora", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "RDS", "S3"]

ENDING = timedelta(hours=2)
DEADLINE = timedelta(hours=8)


@runbook(
    family="restore",
    risk="low",
    by_hand=timedelta(minutes=15),
    deadline=DEADLINE,
    permissions=["backup:ListRestoreJobs", *PERMISSIONS],
)
def clear_away_drill(
    run: Run,
    drilled: DrilledArn,
    kind: Kind,
    made: str,
    by: RunId,
    point: RecoveryPointArn | None = None,
    role: DrillRoleArn | None = None,
) -> str:
    """Deletes `made`, which the drill of `drilled` restored in the run `by`, if it is still there. Each drill has this
    started fifteen hours later. As a rule there is nothing to do then, and the run ends as not applicable.

    Nothing but a drill's own is deleted: the name must end in `-restored-drill-` and the id of that run, which is never
    used again; a table must come of a restore of the drilled one; a database must carry that run's tag. What AWS Backup
    restored, of the recovery point `point`, has no tag of a run: its name tells.

    Of EBS, EC2, EFS and FSx, which have no such name, `made` is the ARN of what was backed up: what the restore jobs of
    `point` made as `role` is deleted. The name of that role must begin with `nightcrew-restore-drill`: only drills
    restore as it. While this run goes on, no drill of `drilled` does.
    """
    jobs = _jobs(run, point, role if kind in BY_JOB else None, by) if point else []
    if kind in BY_JOB:
        run.require("it is said which recovery point was restored", point)
        run.require(f"the role is one as which only drills restore: {DRILL_ROLES}…", role and is_for_drills(role))
        left = _made_by_jobs(Drill(kind, made, by), jobs)
    else:
        run.require("the name is one that this drill gave", is_drill_name(made.removesuffix("-1"), by))
        left = made_of_point(Drill(kind, drilled, by), made, "") if point else (_made(kind, made, drilled, by),)
    there = [each for each in left if _is_there(run, each)]
    run.require("something is left of it", there)
    if kind == "Aurora":
        members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [made]}])
        for each in run.read("look at its instances", members, pick=instances):
            instance = drilling.member(str(each["id"]), by)
            clear_away(run, instance)
            wait_for_the_end(run, instance)
    for each in left:
        clear_away(run, each)
        prove_gone(run, each)
    return f"{', '.join(each.name for each in there)} was left by the drill {by}, and is deleted"


def _is_there(run: Run, made: Made) -> bool:
    state = run.read(f"look what is left of the {made.word}", made.look, pick=made.state, missing=GONE)
    return isinstance(state, Planned) or state != GONE


def _jobs(run: Run, point: str, role: str | None, by: str) -> list[dict[str, Any]]:
    """The restore jobs of the recovery point, as the role where that is asked for, once none of them goes on."""
    look = backup.list_restore_jobs(ByCreatedAfter=earliest(by), MaxResults=1000)
    title, pick = "its restore jobs have ended", partial(jobs_of, point, role)
    jobs = run.wait_until(title, look, are_over, within=ENDING, pick=pick)
    return [] if isinstance(jobs, Planned) else list(jobs)


def _made_by_jobs(drill: Drill, jobs: list[dict[str, Any]]) -> tuple[Made, ...]:
    """What they made; never what was backed up itself, where somebody restored into that."""
    ended = [job for job in jobs if job["made"] and job["made"] != drill.of]
    found: list[Made] = []
    for place, job in enumerate(ended, 1):
        found += made_of_point(drill, job["name"], job["made"], f" {place}" if place > 1 else "")
    return tuple(found)


def _made(kind: str, name: str, source: str, by: str) -> Made:
    if kind == "DynamoDB":
        return drilling.table(name, source)
    return drilling.database(name, by) if kind == "RDS" else drilling.cluster(name, by)
