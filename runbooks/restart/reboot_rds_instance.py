"""Reboot an RDS database instance that runs out of memory or connections, without failing it over."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import has_left, is_available, maintenance_due, only_database
from runbooks.databases import connected_clients, prove_clients_return

rds = calls("rds")
SOON = timedelta(hours=1)


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/RDS", "FreeableMemory", direction="low", instance="DBInstanceIdentifier"),
        Alarm("AWS/RDS", "DatabaseConnections", direction="high", instance="DBInstanceIdentifier"),
    ],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:DescribeDBInstances",
        "rds:DescribePendingMaintenanceActions",
        "rds:RebootDBInstance",
    ],
)
def reboot_rds_instance(run: Run, instance: DbInstanceId, within: timedelta = timedelta(minutes=15)) -> str:
    """Restarts the database engine; every connection is cut, and nobody can connect for a minute or more.

    Parameters that wait for a reboot ("pending-reboot") take effect with it, wanted or not: the ledger says whether
    there were any. The longer its transactions, the longer it recovers. It stays in its zone: a Multi-AZ instance is
    not failed over. There is nothing to take back.

    An instance of Aurora or of a Multi-AZ cluster is left alone (see fail-over-aurora-cluster), as is one that is not
    available, or whose maintenance is under way or begins within the hour. A crash of the run that nobody resumes until
    the instance is back may reboot it once more.
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=instance)
    before = run.read("find the database", state, pick=only_database)
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    run.require("it is available", is_available(before))
    soon = run.now + SOON
    due = run.read(
        "look for maintenance",
        rds.describe_pending_maintenance_actions(ResourceIdentifier=before["arn"]),
        pick=lambda answer: maintenance_due(answer, soon),
    )
    run.require("no maintenance is under way or begins within the hour", not due)
    clients = connected_clients(run, instance)

    run.change(
        "reboot it",
        rds.reboot_db_instance(DBInstanceIdentifier=instance, ForceFailover=False),
        took_effect=(state, lambda answer: has_left(only_database(answer))),
        pick=lambda answer: {"status": answer["DBInstance"]["DBInstanceStatus"]},
    )
    # Right after the call "available" can still be what it was.
    run.wait_until("it is rebooting", state, has_left, within=within, pick=only_database)
    run.prove(
        "it is available again, and no parameter waits for a reboot",
        state,
        lambda seen: is_available(seen) and "pending-reboot" not in seen["parameters"],
        within=within,
        pick=only_database,
    )
    prove_clients_return(run, instance, clients, within)
    applied = "; parameters that waited for it are in effect" if "pending-reboot" in before["parameters"] else ""
    return f"{instance} was rebooted{applied}"
