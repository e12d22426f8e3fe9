"""What all restore drills do alike: look at what they made, measure, and clear it away, whatever happened before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.arns import drilled
from nightcrew.aws.calls import Call
from nightcrew.aws.drills import (
    BUSY,
    DELETING,
    FOREIGN,
    GONE,
    MEASURED,
    USABLE,
    cluster_state,
    database_state,
    figures,
    in_figures,
    misses,
    open_to,
    table_state,
)
from nightcrew.aws.invoking import answered, said_of
from nightcrew.aws.placeholder import Planned

dynamodb, ec2, functions, rds = calls("dynamodb"), calls("ec2"), calls("lambda"), calls("rds")

LONGEST = timedelta(hours=10)
DEADLINE = timedelta(hours=14)
GOING = timedelta(hours=2)
AFTERWARDS = DEADLINE + timedelta(hours=1)
"""When it is seen to that nothing is left: the lease of a dead run is over by then."""

LONGEST_RDS = 61
"""Of 63: a number is put behind it for an instance of a cluster."""


@dataclass(frozen=True)
class Made:
    """What a drill makes, in a ``word``, and what takes it away: ``state`` is one of nightcrew.aws.drills, from
    ``look``'s answer.
    """

    word: str
    name: str
    look: Call
    state: Callable[[Any], str]
    remove: Callable[[Run, "Made"], object]


def deleted_by(call: Call) -> Callable[[Run, Made], object]:
    """For what one call deletes."""
    return partial(delete, call)


def delete(call: Call, run: Run, made: Made) -> None:
    """Have it deleted by this call; that is over when it is gone."""
    going = (made.look, lambda answer: made.state(answer) in {GONE, DELETING})
    run.change(f"delete the drill's {made.word}", call, took_effect=going, pick=lambda answer: "deleting")


def table(name: str, source: str) -> Made:
    """A table that is restored from the one with the ARN ``source``; by AWS Backup, from one that is not asked for."""
    look = dynamodb.describe_table(TableName=name)
    return Made("table", name, look, partial(table_state, source), deleted_by(dynamodb.delete_table(TableName=name)))


def database(name: str, run: str, *, tagged: bool = True) -> Made:
    """A database instance; without automated backups of its own that would outlive it."""
    look = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])
    call = rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    return Made("instance", name, look, partial(database_state, run, tagged=tagged), deleted_by(call))


def member(name: str, run: str) -> Made:
    """An instance of a cluster: it has no data, and no backups."""
    look = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])
    call = rds.delete_db_instance(DBInstanceIdentifier=name)
    return Made("instance", name, look, partial(database_state, run), deleted_by(call))


def cluster(name: str, run: str, *, tagged: bool = True) -> Made:
    """A cluster; its instances go before it."""
    look = rds.describe_db_clusters(Filters=[{"Name": "db-cluster-id", "Values": [name]}])
    call = rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    return Made("cluster", name, look, partial(cluster_state, run, tagged=tagged), deleted_by(call))


def see_to_the_end(run: Run, kind: str, made: str, within: timedelta, **more: Any) -> None:
    """Have it seen to that nothing is left, should this run die: before the first change."""
    run.require("it is waited for 10 h at most, so that there is time to delete", within <= LONGEST)
    about = {"drilled": drilled(run.resource), "kind": kind, "made": made, "by": run.id, **more}
    run.later("see to it that nothing is left of the drill", "clear-away-drill", about, after=AFTERWARDS)


def require_isolated(run: Run, security_group: str, *, groups: bool = False) -> None:
    """End the run where what is restored could reach somebody, but for other ``groups``, or be reached by address."""
    look = ec2.describe_security_groups(GroupIds=[security_group])
    reached = run.read("look at its security group", look, pick=partial(open_to, groups=groups))
    out = "no address" if groups else "nobody"
    run.require(f"its security group lets no address in, and {out} out", not reached)


def ask_probe(run: Run, probe: str | None, qualifier: str | None, address: Any) -> None:
    """Have the team's own function look at the data, at this address; it fails where they are not right."""
    if probe is None:
        return
    payload = f'{{"address": "{address}", "run": "{run.id}"}}'
    version = {"Qualifier": qualifier} if qualifier else {}
    ask = functions.invoke(
        FunctionName=probe, InvocationType="RequestResponse", LogType="None", Payload=payload, **version
    )
    said = run.change(f"have {probe} look at the data", ask, pick=answered)
    run.require(f"{probe} finds the data right{said_of(said)}", said if isinstance(said, Planned) else said["ok"])


def clear_away(run: Run, made: Made) -> None:
    """Delete it as soon as AWS would, if it is there. Never what is another's."""
    state = run.wait_until(
        f"the drill's {made.word} can be deleted", made.look, _not_busy, within=GOING, pick=made.state, missing=GONE
    )
    planned = isinstance(state, Planned)
    run.require(f"the {made.word} {made.name} is the drill's own", planned or state != FOREIGN)
    if planned or state not in {GONE, DELETING}:
        made.remove(run, made)


def clear_all_away(run: Run, *made: Made) -> None:
    """One after the other: the next one waits until the one before is gone. For the last one that is not waited for."""
    for each in made:
        clear_away(run, each)
        if each is not made[-1]:
            wait_for_the_end(run, each)


def wait_for_the_end(run: Run, made: Made) -> None:
    """Until it is gone; what contains it can be deleted then."""
    run.wait_until(f"the drill's {made.word} is gone", made.look, _is_gone, within=GOING, pick=made.state, missing=GONE)


def prove_gone(run: Run, made: Made) -> None:
    """For a run that measured nothing."""
    run.prove(f"the drill's {made.word} is gone", made.look, _is_gone, within=GOING, pick=made.state, missing=GONE)


def measure_and_clear_away(
    run: Run, began: datetime, as_of: str, targets: tuple[timedelta | None, timedelta | None], *made: Made
) -> str:
    """Once the restore is validated: delete what was made, the last one last; prove it; and hold what was measured
    against the ``targets``, RTO and RPO. Returns the figures in words.
    """
    found = figures(began, run.now, as_of)
    clear_all_away(run, *made)
    last = made[-1]
    seen = run.prove(
        MEASURED,
        last.look,
        lambda answer: answer["state"] == GONE,
        within=GOING,
        pick=lambda answer: {"state": last.state(answer), **found},
        missing={"state": GONE, **found},
    )
    words = in_figures(found, *targets)
    run.require(f"its targets are met: {words}", isinstance(seen, Planned) or not misses(found, *targets))
    return f"{words}; it was as at {found['as_of']}, and is deleted again"


def is_usable(state: str) -> bool:
    """Whether what was restored is available. Waiting for it does not end where AWS says that it failed: it is late
    then.
    """
    return state == USABLE


def _is_gone(state: str) -> bool:
    return state == GONE


def _not_busy(state: str) -> bool:
    return state != BUSY
