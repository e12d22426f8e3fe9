"""Keep a load balancer's traffic away from one Availability Zone for a while, when that zone serves errors."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.ec2 import zones_of
from nightcrew.aws.elbv2 import target_group_name
from nightcrew.aws.load_balancers import LoadBalancer, only_balancer, target_groups, targets
from nightcrew.aws.zonal_shift import LONGEST, minutes, shift_of, shifted, zone_id

ec2 = calls("ec2")
elbv2 = calls("elbv2")
arc = calls("arc-zonal-shift")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/ApplicationELB", metric, direction="high", balancer="LoadBalancer", zone="AvailabilityZone")
        for metric in ("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount")
    ],
    permissions=[
        "arc-zonal-shift:CancelZonalShift",
        "arc-zonal-shift:GetManagedResource",
        "arc-zonal-shift:ListZonalShifts",
        "arc-zonal-shift:StartZonalShift",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def shift_zone(
    run: Run,
    balancer: LoadBalancer,
    zone: str,
    keep: int = 50,
    expires: timedelta = timedelta(hours=2),
    settle: timedelta = timedelta(minutes=3),
    within: timedelta = timedelta(minutes=5),
) -> str:
    """New connections go to the other zones, by ARC zonal shift; those that are open end by themselves, in minutes.

    It ends by itself when it `expires` (72 h at most), whatever the zone does by then: extend it in ARC, or start it
    again. The balancer must have zonal shift turned on, which it has not by default, and no shift may hold already. The
    other zones must have `keep` percent of each target group's targets, and have them healthy; targets that are
    neither instances nor addresses have no zone. If these do not stay healthy under the load, the shift is cancelled.

    An alarm that only counts errors of the zone may have no data afterwards: let it treat missing data as good, or the
    run ends as ineffective, and the shift stays. Whether the other zones have room in CPU is not looked at.
    """
    name = balancer.split("/")[1]
    found = run.read("find the load balancer", elbv2.describe_load_balancers(Names=[name]), pick=only_balancer)
    run.require("it is that one, and not another of its name", found["arn"].endswith(f"loadbalancer/{balancer}"))
    run.require("it is active", found["state"] in {"active", "active_impaired"})
    run.require(f"it serves {zone}, and other zones too", zone in found["zones"] and len(found["zones"]) > 1)
    run.require("it shall last a minute at least and 72 h at most", timedelta(minutes=1) <= expires <= LONGEST)
    away = run.read(f"the id of {zone}", ec2.describe_availability_zones(ZoneNames=[zone]), pick=zone_id)

    state = arc.get_managed_resource(resourceIdentifier=found["arn"])
    before = run.read("see what is shifted", state, pick=shifted)
    run.require("zonal shift knows it in that zone", away in before["weights"])
    run.require("no shift or autoshift holds already", not before["away"])

    groups = run.read(
        "find its target groups",
        elbv2.describe_target_groups(LoadBalancerArn=found["arn"], PageSize=400),
        pick=target_groups,
    )
    run.require("its targets are instances or addresses", set(groups.values()) <= {"instance", "ip"})
    room = {arn: _room(run, arn, kind, zone, keep) for arn, kind in groups.items()}
    run.require("it has targets", any(wanted for _, wanted in room.values()))

    comment = f"nightcrew:run {run.id}"
    ours = arc.list_zonal_shifts(resourceIdentifier=found["arn"], status="ACTIVE")
    our_shift = partial(shift_of, comment=comment)

    def shift_back() -> None:
        shift = run.wait_until(
            "find our shift", ours, lambda seen: seen["id"] is not None, within=within, pick=our_shift
        )
        run.change(
            "cancel the shift",
            arc.cancel_zonal_shift(zonalShiftId=shift["id"]),
            took_effect=(ours, lambda answer: our_shift(answer)["id"] is None),
        )
        run.wait_until(f"{zone} gets traffic again", state, _weighs(away, 1), within=within, pick=shifted)

    run.change(
        f"shift traffic away from {zone}",
        arc.start_zonal_shift(
            resourceIdentifier=found["arn"], awayFrom=away, expiresIn=minutes(expires), comment=comment
        ),
        undo=shift_back,
        took_effect=(ours, lambda answer: our_shift(answer)["id"] is not None),
    )
    run.wait_until(f"{zone} gets no new traffic", state, _weighs(away, 0), within=within, pick=shifted)
    run.wait("let open connections end", settle)
    for arn, (others, wanted) in room.items():
        if wanted:
            run.wait_until(
                f"{target_group_name(arn)} bears it in the other zones",
                _ask(arn),
                partial(_enough, others, wanted),
                within=within,
                pick=targets,
            )
    run.prove(f"{zone} still gets none", state, _weighs(away, 0), within=within, pick=shifted)
    return f"{name} serves nothing new from {zone} ({away}); cancel the shift in ARC when the zone is well again"


def _room(run: Run, group: str, kind: str, zone: str, keep: int) -> tuple[list[str], int]:
    """The targets in the other zones, and how many of them must be healthy; 0 where the group has none at all."""
    name = target_group_name(group)
    seen = run.read(f"the targets of {name}", _ask(group), pick=targets)
    everyone = [*seen["healthy"], *seen["ill"]]
    if not everyone:
        return [], 0
    zones = seen["zones"]
    if kind == "instance":
        zones = run.read(f"the zones of {name}", ec2.describe_instances(InstanceIds=everyone), pick=zones_of)
    others = [each for each in everyone if zones.get(each, zone) != zone]
    wanted = max(-(-len(everyone) * keep // 100), 1)
    run.require(f"{name} has {wanted} of {len(everyone)} healthy in other zones", _enough(others, wanted, seen))
    return others, wanted


def _enough(others: list[str], wanted: int, seen: Any) -> bool:
    return len(set(others) & set(seen["healthy"])) >= wanted


def _weighs(zone: str, weight: int) -> Callable[[Any], bool]:
    return lambda seen: bool(seen["weights"].get(zone) == weight)


def _ask(group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=group)
