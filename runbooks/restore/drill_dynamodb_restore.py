"""Drill the restore of a DynamoDB table: restore it, look at it, measure RTO and RPO, and delete it again."""

from datetime import datetime, timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import dynamodb as probes
from nightcrew.aws.checked import JsonObject, object_of
from nightcrew.aws.drills import DRILL_TAG, GONE, DrilledTable, drill_name
from nightcrew.aws.dynamodb_settings import differences
from nightcrew.aws.placeholder import Planned
from nightcrew.aws.tags import RUN_TAG, listed
from runbooks.restore import drilling
from runbooks.restore.drilling import DEADLINE, clear_away, measure_and_clear_away, see_to_the_end

dynamodb = calls("dynamodb")

SOON = timedelta(minutes=5)


@runbook(
    family="restore",
    risk="costly",
    by_hand=timedelta(hours=1),
    deadline=DEADLINE,
    undo_if_ineffective=True,
    permissions=[
        "dynamodb:DeleteTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:ListTagsOfResource",
        "dynamodb:RestoreTableToPointInTime",
        "dynamodb:Scan",
        "dynamodb:TagResource",
    ],
)
def drill_dynamodb_restore(
    run: Run,
    table: DrilledTable,
    to: datetime | None = None,
    key: JsonObject = "{}",
    at_least: int = 1,
    rto: timedelta | None = None,
    rpo: timedelta | None = None,
    within: timedelta = timedelta(hours=6),
) -> str:
    """Restores `table` as it was at the time `to`, or as late as can be, into a table that nobody knows; looks whether
    it is right; and deletes it. `table` itself is only read.

    The drill's table is called like the drilled one, with `-restored-drill-` and the run behind, and has the tags
    `nightcrew:run` and `nightcrew:drill`. It costs what a table of that size costs, for as long as the drill takes.

    Proved are keys, indexes, billing and encryption, that it holds `at_least` so many items (1,000 at most are
    counted), and, where `key` is given as JSON like `{"pk": {"S": "a"}}`, that the item of that key is there. What the
    item holds is read by nobody.

    **RTO** is measured from the start of the run to the last of these proofs, **RPO** from the moment that the data is
    from to the start. Where the targets `rto` or `rpo` are given and missed, the run ends as failed.

    The table is deleted on every path: at the end, where a proof is missing or something fails, and, if the run dies,
    by `clear-away-drill`, fifteen hours later. If the restore is not through `within` the time given (10 h at most),
    it is deleted as soon as AWS allows: not while it is being created.
    """
    began = run.now
    found = run.read("find the table", dynamodb.describe_table(TableName=table), pick=probes.table)
    run.require("it is neither being made nor being deleted", found["status"] in {"ACTIVE", "UPDATING"})
    run.require("from 0 to 1000 items are counted", 0 <= at_least <= 1000)
    backups = dynamodb.describe_continuous_backups(TableName=table)
    window = run.read("find the times to which it can be restored", backups, pick=probes.recovery)
    run.require("its point-in-time recovery is on", window["on"])
    run.require(probes.restorable_words(window, to), probes.can_be_restored_to(window, to))

    name = drill_name(table, run.id, probes.LONGEST_NAME)
    made = drilling.table(name, found["arn"])
    wanted = object_of(key)
    ask = dynamodb.get_item(TableName=name, Key=wanted) if wanted else None
    state = run.read("look whether the drill's name is free", made.look, pick=made.state, missing=GONE)
    run.require("nobody has that name yet", state == GONE)
    see_to_the_end(run, "DynamoDB", name, within)

    def delete_the_drills_table() -> None:
        clear_away(run, made)

    run.change(
        "restore it into a table of the drill's own",
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table,
            TargetTableName=name,
            **({"RestoreDateTime": to} if to else {"UseLatestRestorableTime": True}),
        ),
        undo=delete_the_drills_table,
        took_effect=(made.look, lambda answer: probes.is_restored_from(found["arn"], answer)),
        pick=lambda answer: answer["TableDescription"]["TableStatus"],
    )
    run.wait_until("the restore is through", made.look, lambda seen: seen["ready"], within=within, pick=probes.progress)
    arn = f"{found['arn'].rsplit('/', 1)[0]}/{name}"
    run.change(
        "tag it as the drill's own",
        dynamodb.tag_resource(ResourceArn=arn, Tags=listed({RUN_TAG: run.id, DRILL_TAG: table})),
    )

    def compared(answer: Any) -> dict[str, Any]:
        new = probes.table(answer)
        return {"differences": differences(found, new), "as_of": new["as_of"]}

    seen = run.prove(
        "it has the same keys, indexes, billing and encryption",
        made.look,
        lambda answer: not answer["differences"],
        within=SOON,
        pick=compared,
    )
    count = dynamodb.scan(TableName=name, Select="COUNT", Limit=max(at_least, 1))
    enough = f"it holds {at_least} items or more" if at_least else "it can be read"
    run.prove(enough, count, lambda items: items >= at_least, within=SOON, pick=probes.items_seen)
    if ask is not None:
        run.prove("the item of the key is there", ask, bool, within=SOON, pick=lambda answer: "Item" in answer)
    latest = str(to.isoformat() if to else window["latest"])
    as_of = latest if isinstance(seen, Planned) else str(seen["as_of"] or latest)
    return f"{table}: {measure_and_clear_away(run, began, as_of, (rto, rpo), made)}"
