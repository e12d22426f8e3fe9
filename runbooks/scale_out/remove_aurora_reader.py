"""Take away a reader that add-aurora-reader added, once the others can bear the load without it."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.cloudwatch import lately, latest
from nightcrew.aws.rds import DbInstanceId, instances, only_cluster
from nightcrew.aws.rds_instance import is_available, only_database, settings_of
from nightcrew.aws.tags import RUN_TAG, listed, tags_with_run

rds = calls("rds")


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:CreateDBInstance",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
    ],
)
def remove_aurora_reader(
    run: Run,
    instance: DbInstanceId,
    calm: int = 50,
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Deletes the reader; who is connected to it is cut off, and connects to another reader. No data goes with it:
    the cluster's instances share their storage.

    Only a reader with the tag `nightcrew:run` is deleted: one that Nightcrew added. It is left alone if it writes by
    now (a failover may have promoted it), or if the readers' CPU was above `calm` percent lately: start it again when
    the load is gone. If the run is cancelled or halted after that, a reader of its name and settings is added again.
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=instance)
    before = run.read("find the reader", state, pick=only_database)
    cluster = before["cluster"]
    run.require("it is in a cluster", cluster)
    run.require(f"Nightcrew added it: it has the tag {RUN_TAG}", RUN_TAG in before["tags"])
    run.require("it is available", is_available(before))
    whole = run.read("find its cluster", rds.describe_db_clusters(DBClusterIdentifier=cluster), pick=only_cluster)
    run.require("it is a reader: it does not write", whole["writer"] not in {instance, None})
    load = run.read(
        "see how busy the readers are",
        lately("CPUUtilization", {"DBClusterIdentifier": cluster, "Role": "READER"}, run.now, namespace="AWS/RDS"),
        pick=latest,
    )
    run.require(f"the readers' CPU is {calm} % at most, where CloudWatch knows", load is None or load <= calm)

    members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
    settings = run.read("look at what it is like", members, pick=lambda answer: settings_of(answer, instance))
    tier = run.read("look at its tier", members, pick=lambda answer: _one(instances(answer), instance)["tier"])

    again = rds.create_db_instance(
        **{**settings, "Tags": listed(tags_with_run(settings["Tags"], before["tags"][RUN_TAG]))},
        DBInstanceIdentifier=instance,
        DBClusterIdentifier=cluster,
        PromotionTier=tier,
    )

    def is_there(answer: Any) -> bool:
        return bool(_one(instances(answer), instance))

    def add_it_again() -> None:
        left = run.wait_until(
            "its name is free, or it stayed",
            members,
            lambda seen: _one(seen, instance).get("status") != "deleting",
            within=within,
            pick=instances,
        )
        if not _one(left, instance):
            run.change(f"add {instance} again", again, took_effect=(members, is_there), pick=_status)

    run.change(
        f"delete {instance}",
        rds.delete_db_instance(DBInstanceIdentifier=instance),
        undo=add_it_again,
        took_effect=(members, lambda answer: _one(instances(answer), instance).get("status") in {"deleting", None}),
        pick=_status,
    )
    run.prove(
        f"{instance} is gone, and the others are there",
        members,
        lambda seen: not _one(seen, instance) and whole["writer"] in {each["id"] for each in seen},
        within=within,
        pick=instances,
    )
    return f"{cluster} is without {instance} again"


def _one(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Empty where there is none."""
    return next((each for each in found if each["id"] == name), {})


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBInstance"]["DBInstanceStatus"]}
