"""Restore a DynamoDB table to a point in time, beside the old one, with the settings that a restore loses."""

from datetime import datetime, timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws import dynamodb as probes
from nightcrew.aws.dynamodb import TableName
from runbooks.restore.cut_over import name_beside
from runbooks.restore.dynamodb_beside import DEADLINE, PERMISSIONS, look_for_room, restore_beside, settings_of

dynamodb = calls("dynamodb")


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=1, minutes=30),
    deadline=DEADLINE,
    permissions=[*PERMISSIONS, "dynamodb:RestoreTableToPointInTime"],
)
def restore_dynamodb_table(
    run: Run,
    table: TableName,
    to: datetime | None = None,
    target: TableName | None = None,
    was_empty: bool = False,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Makes a new table with the data that `table` had at the time `to`; without it, as late as can be: about five
    minutes ago.

    The old table is left as it is, and nothing is pointed at the new one: that is a cut-over, and a person's to do.
    The new table is called `target`, or like the old one with `-restored-` and the time of the run behind; to get
    exactly the name that a plan showed, give it. It costs what a table of that size costs, from the first minute on.

    A restore brings keys, indexes, billing mode, capacity and encryption along. The rest is set again as the old
    table has it: tags, resource policy, point-in-time recovery, expiry of items, Contributor Insights, streams,
    deletion protection, and how capacities scale. Items whose time is up by then expire from the new table too,
    within days. What is not brought along is named in the end: alarms, IAM policies, who reads the stream, replicas.

    Restores take from minutes to hours; most are through within one. If this one is not through `within` the time
    given (10 h at most), or if a setting is refused, the new table is deleted as soon as AWS allows: not while it is
    being created.

    Proved are keys, indexes, billing and encryption, each setting, and that the new table holds items; not how many:
    DynamoDB counts them every six hours only. Say `was_empty` of a table that held none at that time. If a proof is
    missing, the new table stays, for a person to look at.
    """
    there = dynamodb.describe_table(TableName=table)
    backups = dynamodb.describe_continuous_backups(TableName=table)
    new = target or name_beside(table, "restored", run.now, probes.LONGEST_NAME)

    old = run.read("find the table", there, pick=probes.table)
    run.require("it is neither being made nor being deleted", old["status"] in {"ACTIVE", "UPDATING"})
    window = run.read("find the times to which it can be restored", backups, pick=probes.recovery)
    run.require("its point-in-time recovery is on", window["on"])
    run.require(probes.restorable_words(window, to), probes.can_be_restored_to(window, to))
    look_for_room(run, new, within)
    restore = dynamodb.restore_table_to_point_in_time(
        SourceTableName=table,
        TargetTableName=new,
        **({"RestoreDateTime": to} if to else {"UseLatestRestorableTime": True}),
    )
    seen = restore_beside(run, restore, settings_of(run, old, window), new, was_empty=was_empty, within=within)
    return f"{new} is {table} as it was at {seen['as_of']}, with its settings; not brought along: {seen['left_behind']}"
