"""Restore a DynamoDB backup beside the table that it is of, with the settings that a restore loses."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws import dynamodb as probes
from nightcrew.aws.dynamodb import BackupId, TableName
from runbooks.restore.cut_over import name_beside
from runbooks.restore.dynamodb_beside import DEADLINE, PERMISSIONS, look_for_room, restore_beside, settings_of

dynamodb = calls("dynamodb")


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=1, minutes=30),
    deadline=DEADLINE,
    permissions=[*PERMISSIONS, "dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup"],
)
def restore_dynamodb_backup(
    run: Run,
    table: TableName,
    backup: BackupId,
    target: TableName | None = None,
    was_empty: bool = False,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Makes a new table with the data that `backup` holds: the last part of the ARN of a backup of `table`.

    For a time before the window of point-in-time recovery, or a table that has none; otherwise restore-dynamodb-table
    loses less. The old table must still be there: its settings are the new one's. It is left as it is, and nothing is
    pointed at the new one: that is a cut-over, and a person's to do. The new table is called `target`, or like the old
    one with `-restored-` and the time of the run behind. It costs what a table of that size costs, from the first
    minute on.

    A restore brings keys, indexes, billing mode, capacity and encryption along, as they were then. The rest is set
    again as the old table has it today: tags, resource policy, point-in-time recovery, expiry of items, Contributor
    Insights, streams, deletion protection, and how capacities scale. Items whose time is up by then expire from the new
    table too, within days. What is not brought along is named in the end: alarms, IAM policies, who reads the stream,
    replicas.

    If the restore is not through `within` the time given (10 h at most), or if a setting is refused, the new table is
    deleted as soon as AWS allows: not while it is being created. Proved are keys, indexes, billing and encryption, each
    setting, and that the new table holds items; not how many. Say `was_empty` of a table that held none then. If a
    proof is missing, the new table stays, for a person to look at.

    A backup that AWS Backup made is left alone: it is restored by AWS Backup.
    """
    there = dynamodb.describe_table(TableName=table)
    backups = dynamodb.describe_continuous_backups(TableName=table)
    new = target or name_beside(table, "restored", run.now, probes.LONGEST_NAME)

    old = run.read("find the table", there, pick=probes.table)
    run.require("it is neither being made nor being deleted", old["status"] in {"ACTIVE", "UPDATING"})
    arn = f"{old['arn']}/backup/{backup}"
    kept = run.read("find the backup", dynamodb.describe_backup(BackupArn=arn), pick=probes.backup)
    run.require("it can be restored: it is AVAILABLE", kept["status"] == "AVAILABLE")
    run.require("DynamoDB made it, not AWS Backup", kept["kind"] in {"USER", "SYSTEM"})
    recovery = run.read("look at its point-in-time recovery", backups, pick=probes.recovery)
    look_for_room(run, new, within)
    restore = dynamodb.restore_table_from_backup(BackupArn=arn, TargetTableName=new)
    settings = settings_of(run, old, recovery)
    seen = restore_beside(run, restore, settings, new, was_empty=was_empty, within=within)
    return (
        f"{new} is {table} as {kept['name']} has it, of {kept['at']}, with its settings; "
        f"not brought along: {seen['left_behind']}"
    )
