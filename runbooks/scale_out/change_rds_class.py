"""Give an RDS instance another class, the next larger one of its family unless one is named. It is down meanwhile."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import is_available, larger_class, only_database, zones_on_offer
from runbooks.databases import connected_clients, prove_clients_return
from runbooks.restore.back_up_rds_instance import back_up_rds_instance

rds = calls("rds")


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=40),
    deadline=timedelta(hours=5),
    parts=[back_up_rds_instance],
    triggers=[Alarm("AWS/RDS", "CPUUtilization", direction="high", instance="DBInstanceIdentifier")],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:DescribeDBInstances",
        "rds:DescribeOrderableDBInstanceOptions",
        "rds:ModifyDBInstance",
    ],
)
def change_rds_class(
    run: Run,
    instance: DbInstanceId,
    target: str | None = None,
    back_up: bool = False,
    within: timedelta = timedelta(hours=1),
) -> str:
    """Changes the class now, outside the maintenance window: an outage of some minutes, with Multi-AZ of a failover.

    A person agrees first, whatever the policy says. Memory, connections and costs change with the class, and so does
    what its parameters make of the memory; parameters that wait for a reboot take effect. Reserved instances may not
    cover the new class.

    Nothing puts the old class back by itself: that is an outage as well, and when people bear one is theirs to say. Run
    it again, with the old class as `target`.

    With `back_up` a snapshot is taken before the change, once somebody agreed, unless there is one of the last hour
    (back-up-rds-instance): the outage begins when that is whole, up to two hours later, and the snapshot stays even if
    the change fails. If there is none in time, the class is not changed.

    If it does not have the new class in time it gets the old one back, which is a second outage. If the alarm does not
    end, the new class stays. Left alone: an instance that is not available, one in a cluster, one with other changes
    pending (these would be made at once as well), and a class that AWS does not offer for it in its zone.
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=instance)

    before = run.read("find the database", state, pick=only_database)
    old = before["class"]
    wanted = target or larger_class(old)
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    run.require("it is available", is_available(before))
    run.require("no other change of it is pending", not before["pending"])
    run.require(f"there is a class to change to: {wanted or 'name one, none is known above ' + old}", wanted)
    run.require(f"it is not {wanted} already", wanted != old)
    zones = run.read(
        f"ask whether {wanted} can be had",
        rds.describe_orderable_db_instance_options(
            Engine=before["engine"], EngineVersion=before["version"], DBInstanceClass=wanted
        ),
        pick=zones_on_offer,
    )
    needed = {before["zone"], before["standby"]} - {None}
    run.require(f"AWS offers {wanted} for its engine in its zone", needed <= set(zones))
    clients = connected_clients(run, instance)

    def has(name: str, seen: Any) -> bool:
        return bool(is_available(seen) and seen["class"] == name and "DBInstanceClass" not in seen["pending"])

    def changes_to(name: str, answer: Any) -> bool:
        seen = only_database(answer)
        return name in {seen["class"], seen["pending"].get("DBInstanceClass")}

    def change_back() -> None:
        settled = run.wait_until("it is available", state, is_available, within=within, pick=only_database)
        if settled["class"] != old or "DBInstanceClass" in settled["pending"]:
            run.change(
                f"change it back to {old}",
                _become(instance, old),
                took_effect=(state, lambda answer: changes_to(old, answer)),
                pick=_status,
            )
            run.wait_until(f"it is {old} again", state, lambda seen: has(old, seen), within=within, pick=only_database)

    run.approve(f"agree to an outage{', after a backup' if back_up else ''}: {instance} becomes {wanted}")
    if back_up:
        run.runbook(back_up_rds_instance, instance=instance)
        # It says "backing-up" meanwhile, and somebody may have changed it.
        run.wait_until("it can be changed again", state, _is_idle, within=within, pick=only_database)
    run.change(
        f"change it from {old} to {wanted}",
        _become(instance, wanted),
        undo=change_back,
        took_effect=(state, lambda answer: changes_to(str(wanted), answer)),
        pick=_status,
    )
    run.wait_until(f"it is {wanted}", state, lambda seen: seen["class"] == wanted, within=within, pick=only_database)
    run.prove(
        f"it is available as {wanted}", state, lambda seen: has(str(wanted), seen), within=within, pick=only_database
    )
    prove_clients_return(run, instance, clients, min(within, timedelta(minutes=15)))
    return f"{instance} is {wanted} now, and was {old}"


def _is_idle(seen: dict[str, Any]) -> bool:
    return is_available(seen) and not seen["pending"]


def _become(instance: str, name: str | None) -> Call:
    return rds.modify_db_instance(DBInstanceIdentifier=instance, DBInstanceClass=name, ApplyImmediately=True)


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBInstance"]["DBInstanceStatus"]}
