"""Send users to another cell, a Region or a zone, by ARC routing controls: some on, others off, in one step."""

import re
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call, Place
from nightcrew.aws.elbv2 import target_group_name, target_health
from nightcrew.aws.routing_controls import (
    HOME,
    ControlPanelId,
    controls,
    endpoints_of,
    entries,
    panel_arn,
    places_in,
)

cluster = calls("route53-recovery-cluster")
control_plane = calls("route53-recovery-control-config")
elbv2 = calls("elbv2")

_GROUP = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/[^/]+/[0-9a-f]+")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    permissions=[
        "elasticloadbalancing:DescribeTargetHealth",
        "route53-recovery-cluster:ListRoutingControls",
        "route53-recovery-cluster:UpdateRoutingControlStates",
        "route53-recovery-control-config:DescribeCluster",
        "route53-recovery-control-config:DescribeControlPanel",
    ],
)
def set_routing_control(
    run: Run,
    panel: ControlPanelId,
    on: str = "",
    off: str = "",
    endpoints: str = "",
    targets: str = "",
    settle: timedelta = timedelta(minutes=2),
    within: timedelta = timedelta(minutes=5),
) -> str:
    """Turns the routing controls `on` on and `off` off, by their names with commas between them, all in one request.
    Route 53 follows within seconds; who has the old answer keeps it for the record's time to live.

    `endpoints` are the cluster's five: `us-east-1=https://…/v1,eu-west-1=https://…`. AWS wants them kept at hand, and
    each of them tried, since they are taken out of service in turn. Give them in policy's binding: without them they
    are asked for in us-west-2, and in a disaster that may not answer.

    At least one of the panel must stay on. Safety rules are never overridden: a ConflictException says that one of
    them forbids it, or that somebody else changes the same. A person overrides one in ARC.

    `targets` are the ARNs of target groups that get the load, in whichever Region: each must have a healthy target, and
    still has one when resolvers had `settle` to forget. Whether the other cell has room for everybody is not looked at.
    It answers no alarm by itself, since no metric names a cell: a team binds it.
    """
    wanted = {**dict.fromkeys(_listed(on), True), **dict.fromkeys(_listed(off), False)}
    given = places_in(endpoints)
    run.require("a routing control is named, and none both on and off", len(wanted) == len(_listed(on) + _listed(off)))
    run.require("one is named at all", wanted)
    groups = _listed(targets)
    run.require("targets are ARNs of target groups", all(_GROUP.fullmatch(each) for each in groups))
    run.require("the endpoints, where given, are like us-east-1=https://….amazonaws.com/v1", given is not None)

    arn = panel_arn(run.resource, panel)
    # AWS recommends a random one to begin with ("Use UpdateRoutingControlState with an AWS SDK"): another in each run.
    places = sorted(given or _ask_for_endpoints(run, arn), key=lambda place: run.token(str(place.endpoint)))
    state = cluster.list_routing_controls(ControlPanelArn=arn, MaxResults=1000).at(*places)
    before = run.read("look what is on", state, pick=controls)
    arns, was = before["arns"], {name: before["on"].get(name) for name in wanted}
    run.require("all of the panel are seen, each by a name of its own", before["whole"])
    run.require(f"the panel has {', '.join(wanted)}", set(wanted) <= set(arns))
    run.require("they are not so already", was != wanted)
    run.require("one of the panel stays on", any({**before["on"], **wanted}.values()))
    for group in groups:
        found = run.read(f"ask {target_group_name(group)}", _health(group), pick=target_health)
        run.require(f"{target_group_name(group)} has a healthy target", found.get("healthy"))

    cells = " and ".join([*(f"{name} on" for name in _listed(on)), *(f"{name} off" for name in _listed(off))])
    run.change(
        f"turn {cells}, if no safety rule forbids it",
        _set_states(arns, wanted, places),
        undo=_set_states(arns, was, places),
        took_effect=(state, lambda answer: _is(wanted, controls(answer))),
    )
    run.wait_until(f"the cluster says {cells}", state, lambda seen: _is(wanted, seen), within=within, pick=controls)
    run.wait("let resolvers forget the old answer", settle)
    run.prove(f"it is still {cells}", state, lambda seen: _is(wanted, seen), within=within, pick=controls)
    for group in groups:
        run.prove(
            f"{target_group_name(group)} has a healthy target under the load",
            _health(group),
            lambda seen: seen.get("healthy"),
            within=within,
            pick=target_health,
        )
    return f"{cells} now; turn them back when the cell is well again"


def _ask_for_endpoints(run: Run, arn: str) -> list[Place]:
    about = control_plane.describe_control_panel(ControlPanelArn=arn).at(HOME)
    name = run.read("find its cluster", about, pick=lambda answer: answer["ControlPanel"]["ClusterArn"])
    asked = control_plane.describe_cluster(ClusterArn=name).at(HOME)
    return [Place(*each) for each in run.read("ask for the cluster's endpoints", asked, pick=endpoints_of)]


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _is(wanted: dict[str, bool], seen: Any) -> bool:
    return all(seen["on"].get(name) == on for name, on in wanted.items())


def _set_states(arns: dict[str, str], wanted: dict[str, bool], places: list[Place]) -> Call:
    asked = cluster.update_routing_control_states(UpdateRoutingControlStateEntries=entries(arns, wanted))
    return asked.at(*places)


def _health(group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=group).at(Place(group.split(":")[3]))
