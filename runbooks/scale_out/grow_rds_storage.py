"""Grow the storage of an RDS instance that runs full. It cannot be made smaller again."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Event, Run, calls, runbook
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import largest_storage, only_database, storage_changes

rds = calls("rds")

USABLE = ("available", "storage-full")
GROWN = ("available", "storage-optimization")
SIX_HOURS = 360
LEAST = 10
"""Percent: RDS takes no smaller step (API reference, ModifyDBInstance, AllocatedStorage)."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=2),
    triggers=[
        Alarm("AWS/RDS", "FreeStorageSpace", direction="low", instance="DBInstanceIdentifier"),
        # "Allocated storage has been exhausted" (RDS user guide, "Amazon RDS event categories and event messages").
        Event("aws.rds", "RDS DB Instance Event", where={"EventID": "RDS-EVENT-0007"}, instance="SourceIdentifier"),
    ],
    permissions=[
        "rds:DescribeDBInstances",
        "rds:DescribeEvents",
        "rds:DescribeValidDBInstanceModifications",
        "rds:ModifyDBInstance",
    ],
)
def grow_rds_storage(
    run: Run,
    instance: DbInstanceId,
    percent: int = 20,
    at_most: int = 1000,
    within: timedelta = timedelta(hours=1),
) -> str:
    """Adds `percent` to the allocated storage, 10 at least, never above `at_most` GiB nor above the maximum that its
    storage autoscaling has. It stays online, slower while AWS optimizes the volume, which may take a day.

    Storage cannot be taken back, and costs from now on: so a person agrees first, whatever the policy says. For six
    hours, or until the optimizing ends, AWS takes no other change of the storage: take enough. If the maximum of
    autoscaling is in the way, raising it is the remedy, and this runbook is not.

    An instance is left alone whose storage was changed in the last six hours, or is being optimized; that is neither
    available nor full; that has other changes pending, since these would be made at once as well; or that is in a
    cluster (Aurora's storage grows by itself).
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=instance)
    lately = rds.describe_events(SourceIdentifier=instance, SourceType="db-instance", Duration=SIX_HOURS)
    allowed = rds.describe_valid_db_instance_modifications(DBInstanceIdentifier=instance)

    before = run.read("find the database", state, pick=only_database)
    size, kind, autoscaled = before["storage"], before["storage_type"], before["most_storage"]
    run.require(f"percent is {LEAST} at least", percent >= LEAST)
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    run.require("it is available or full, and its storage is not being optimized", before["status"] in USABLE)
    run.require("no other change of it is pending", not before["pending"])
    run.require(
        "its storage was not changed in the last six hours",
        not run.read("look for changes of its storage", lately, pick=storage_changes),
    )
    largest = run.read("ask how large it may be", allowed, pick=lambda answer: largest_storage(answer, kind))
    cap = min(each for each in (at_most, largest, autoscaled) if each is not None)
    wanted = min(_more(size, percent), cap)
    run.require(
        f"{LEAST} % more than {size} GiB fit under the lowest maximum, {cap} GiB (at_most {at_most}, "
        f"the storage type's {largest}, autoscaling's {autoscaled or 'is off'})",
        wanted >= _more(size, LEAST),
    )

    def grows(answer: Any) -> bool:
        seen = only_database(answer)
        return bool(seen["storage"] >= wanted or seen["pending"].get("AllocatedStorage", 0) >= wanted)

    run.change(
        f"grow it from {size} to {wanted} GiB",
        rds.modify_db_instance(DBInstanceIdentifier=instance, AllocatedStorage=wanted, ApplyImmediately=True),
        irreversible=True,
        took_effect=(state, grows),
        pick=lambda answer: {"status": answer["DBInstance"]["DBInstanceStatus"]},
    )
    run.prove(
        f"it has {wanted} GiB and can be used",
        state,
        lambda seen: seen["storage"] >= wanted and seen["status"] in GROWN and not seen["pending"],
        within=within,
        pick=only_database,
    )
    return f"{instance} went from {size} to {wanted} GiB, and stays there; its next change is six hours away at least"


def _more(size: int, percent: int) -> int:
    """Rounded up: RDS rounds up what is less than a tenth."""
    return size + -(-size * percent // 100)
