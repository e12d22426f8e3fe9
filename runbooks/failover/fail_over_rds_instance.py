"""Fail a Multi-AZ RDS instance over to its standby, in another zone, when its disk is slow to write."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import has_left, is_available, only_database
from runbooks.databases import connected_clients, prove_clients_return

rds = calls("rds")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/RDS", "WriteLatency", direction="high", instance="DBInstanceIdentifier")],
    permissions=["cloudwatch:GetMetricStatistics", "rds:DescribeDBInstances", "rds:RebootDBInstance"],
)
def fail_over_rds_instance(run: Run, instance: DbInstanceId, within: timedelta = timedelta(minutes=15)) -> str:
    """Makes the standby the primary. Every connection is cut, and nobody can connect for one or two minutes.

    The standby has every commit: nothing that was committed is lost. The endpoint's name stays and points to another
    address: who keeps DNS answers longer than its minute (a JVM may, for ever) connects to the old one until restarted.
    Parameters that wait for a reboot take effect. AWS may show the new zone some minutes late.

    That the zone is another one is the proof that it moved. If the run fails after that, it is failed over once more,
    back to where it was. An instance without a standby is left alone, as is one of Aurora or of a Multi-AZ cluster.
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=instance)
    fail_over = rds.reboot_db_instance(DBInstanceIdentifier=instance, ForceFailover=True)

    before = run.read("find the database", state, pick=only_database)
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    run.require("it is available", is_available(before))
    run.require("it is Multi-AZ: there is a standby", before["multi_az"])
    home = before["zone"]
    clients = connected_clients(run, instance)

    def moves_from(zone: str, answer: Any) -> bool:
        seen = only_database(answer)
        return has_left(seen) or bool(seen["zone"] != zone)

    def go_back() -> None:
        settled = run.wait_until("it is available", state, is_available, within=within, pick=only_database)
        if settled["zone"] != home:
            run.change(
                f"fail back to {home}",
                fail_over,
                took_effect=(state, lambda answer: moves_from(settled["zone"], answer)),
                pick=_status,
            )
            run.wait_until(
                f"it is in {home} again",
                state,
                lambda seen: is_available(seen) and seen["zone"] == home,
                within=within,
                pick=only_database,
            )

    run.change(
        f"fail it over from {home}",
        fail_over,
        undo=go_back,
        took_effect=(state, lambda answer: moves_from(home, answer)),
        pick=_status,
    )
    # "available" can be what it was before: another zone cannot.
    moved = run.wait_until(
        "it is in another zone", state, lambda seen: seen["zone"] != home, within=within, pick=only_database
    )
    run.prove(
        "it is available there, with a standby",
        state,
        lambda seen: is_available(seen) and seen["multi_az"] and seen["zone"] != home,
        within=within,
        pick=only_database,
    )
    prove_clients_return(run, instance, clients, within)
    return f"{instance} was failed over from {home} to {moved['zone']}"


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBInstance"]["DBInstanceStatus"]}
