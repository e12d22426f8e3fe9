"""Add a reader to an Aurora cluster whose readers are too busy, and have it taken away again a day later."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.rds import ClusterId, instances, only_cluster, readers_of
from nightcrew.aws.rds_instance import is_available, only_database, settings_of
from nightcrew.aws.tags import RUN_TAG, listed, tags_with_run

rds = calls("rds")

MOST_READERS = 15
"""Of one cluster (Aurora user guide, "Adding Aurora Replicas to a DB cluster")."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/RDS", "CPUUtilization", direction="high", where={"Role": "READER"}, cluster="DBClusterIdentifier")
    ],
    permissions=[
        "rds:CreateDBInstance",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
    ],
)
def add_aurora_reader(
    run: Run,
    cluster: ClusterId,
    tier: int = 15,
    keep: timedelta = timedelta(days=1),
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Adds one reader of the same class and settings as the readers that are there. Nobody's connection is cut.

    It is named `<cluster>-extra-<n>`, has their tags and `nightcrew:run`, and is the last to be promoted (`tier`). The
    reader endpoint gives it new connections; those that stand stay where they are. It costs until
    `remove-aurora-reader` takes it away, which is due after `keep`. Enhanced monitoring is not set up on it, its
    Performance Insights have the account's default key, and custom endpoints with a fixed list do not take it in.

    If it does not become available, it is deleted again. If the alarm does not end, it stays: taking it away would make
    things worse. A cluster of 15 readers is left alone, as is one in which an instance is just being made.
    """
    state = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])

    before = run.read("find the cluster", state, pick=only_cluster)
    run.require(
        "it is Aurora, and not Serverless v1", before["engine"].startswith("aurora") and before["mode"] != "serverless"
    )
    run.require("it is available", before["status"] == "available")
    run.require("tier is 0 to 15", 0 <= tier <= 15)
    found = run.read("look at its instances", members, pick=instances)
    readers = [each for each in found if each["id"] != before["writer"]]
    run.require(f"it has fewer than {MOST_READERS} readers", len(readers) < MOST_READERS)
    run.require("no instance of it is being made", all(each["status"] != "creating" for each in found))
    model = next((each["id"] for each in readers if each["status"] == "available"), before["writer"])
    run.require("it has an instance to go by", model)
    settings = run.read(f"look at what {model} is like", members, pick=lambda answer: settings_of(answer, model))

    tags = tags_with_run(settings["Tags"], run.id)
    run.require(f"there is room for one more tag, {RUN_TAG}", RUN_TAG in tags)

    name = _free_name(cluster, {each["id"] for each in found})
    one = rds.describe_db_instances(DBInstanceIdentifier=name)

    def take_it_away() -> None:
        run.wait_until(
            f"{name} can be deleted", members, lambda seen: _status(seen, name) != "creating", pick=instances
        )
        run.change(
            f"delete {name}",
            rds.delete_db_instance(DBInstanceIdentifier=name),
            took_effect=(members, lambda answer: _status(instances(answer), name) in {"deleting", None}),
            pick=_new_status,
        )

    run.change(
        f"add {name}",
        rds.create_db_instance(
            **{**settings, "Tags": listed(tags)},
            DBInstanceIdentifier=name,
            DBClusterIdentifier=cluster,
            PromotionTier=tier,
        ),
        undo=take_it_away,
        took_effect=(one, lambda answer: only_database(answer)["tags"].get(RUN_TAG) == run.id),
        pick=_new_status,
    )
    run.wait_until(f"{name} is available", one, is_available, within=within, pick=only_database)
    run.later(f"take {name} away again", "remove-aurora-reader", {"instance": name}, after=keep)
    run.prove(
        f"the reader endpoint reaches {name}: it is available, in the cluster, and reads",
        state,
        lambda seen: name in seen,
        within=within,
        pick=readers_of,
    )
    return f"{cluster} has {name} now, a {settings['DBInstanceClass']}; it is due to go when its time is over"


def _free_name(cluster: str, taken: set[str]) -> str:
    """The first number that is free; an identifier has 63 characters at most."""
    names = (f"{cluster[:54].rstrip('-')}-extra-{number}" for number in range(1, MOST_READERS + 2))
    return next(name for name in names if name not in taken)


def _status(found: list[dict[str, Any]], name: str) -> str | None:
    return next((str(each["status"]) for each in found if each["id"] == name), None)


def _new_status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBInstance"]["DBInstanceStatus"]}
