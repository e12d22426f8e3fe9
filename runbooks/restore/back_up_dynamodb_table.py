"""Take a backup of a DynamoDB table, unless there is a recent one, and prove that it can be restored."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import dynamodb as probes
from nightcrew.aws.dynamodb import TableName

dynamodb = calls("dynamodb")

SOON = timedelta(minutes=1)
BEFORE = timedelta(minutes=10)
"""So much may clocks differ."""


@runbook(
    family="restore",
    risk="low",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=2),
    permissions=[
        "dynamodb:CreateBackup",
        "dynamodb:DescribeBackup",
        "dynamodb:DescribeTable",
        "dynamodb:ListBackups",
        "dynamodb:ListTagsOfResource",
    ],
)
def back_up_dynamodb_table(
    run: Run,
    table: TableName,
    recent: timedelta = timedelta(hours=1),
    within: timedelta = timedelta(hours=1),
) -> str:
    """Takes a backup on demand, by itself or as a part of a change that one may want to go back behind.

    If there is one that is not older than `recent`, whoever took it, it proves that this one can be restored, says
    which it is, and takes none; `recent=0s` takes one in any case. Those of AWS Backup do not count: it alone restores
    them. The new one is called like the table, with `-nightcrew-` and the run's id behind: backups have no tags. Nobody
    who reads or writes notices it. restore-dynamodb-backup restores it.

    It holds the items. What else belongs to a table (who may read it, how it scales, when items expire) is not in it.
    Where point-in-time recovery is on, the table can be restored to any second anyway; a backup outlives its window.

    It stays, whatever happens afterwards: a change that went wrong is when somebody wants it. Nothing deletes it, and
    the deployed role could not; it costs until a person does. One that takes longer than `within` becomes whole later,
    unwatched. Whether one was made is looked up by its name: there is never a second one of a run.
    """
    name = f"{table[: probes.LONGEST_NAME - len(run.id) - len('-nightcrew-')]}-nightcrew-{run.id}"

    found = run.read("find the table", dynamodb.describe_table(TableName=table), pick=probes.table)
    run.require("it is neither being made nor being deleted", found["status"] in {"ACTIVE", "UPDATING"})
    last = _newest(run, table, run.now - recent)
    if last is not None:
        run.prove(
            "its recent backup can be restored",
            dynamodb.describe_backup(BackupArn=last["arn"]),
            _is_whole,
            within=SOON,
            pick=probes.backup,
        )
        return f"{table} has {last['name']} of {last['at']}, and needs no other"

    # Only those since this run began: so it is on the first page.
    made = dynamodb.list_backups(TableName=table, TimeRangeLowerBound=run.now - BEFORE, BackupType="USER")
    ours = partial(probes.backup_named, name)
    run.change(
        "take a backup",
        dynamodb.create_backup(TableName=table, BackupName=name),
        took_effect=(made, lambda answer: any(each["BackupName"] == name for each in answer["BackupSummaries"])),
        pick=lambda answer: answer["BackupDetails"]["BackupStatus"],
    )
    seen = run.wait_until("it is whole", made, lambda one: one["status"] == "AVAILABLE", within=within, pick=ours)
    ready = dynamodb.describe_backup(BackupArn=f"{found['arn']}/backup/{seen['id']}")
    run.prove("it can be restored", ready, _is_whole, within=SOON, pick=probes.backup)
    return f"{table} has {name} now; it costs: delete it when nobody will want it any more"


def _newest(run: Run, table: str, since: datetime) -> dict[str, Any] | None:
    """The newest whole backup on demand since then."""
    which = {"TableName": table, "TimeRangeLowerBound": since, "BackupType": "USER"}
    pick = partial(probes.newest_backup, since)
    page = run.read("look for a recent backup", dynamodb.list_backups(**which), pick=pick)
    found = [page["newest"]]
    while page["more"]:
        more = dynamodb.list_backups(**which, ExclusiveStartBackupArn=page["more"])
        page = run.read("look further for a recent backup", more, pick=pick)
        found.append(page["newest"])
    whole: list[dict[str, Any]] = [each for each in found if each is not None]
    return max(whole, key=lambda each: str(each["at"]), default=None)


def _is_whole(backup: dict[str, Any]) -> bool:
    return bool(backup["status"] == "AVAILABLE")
