"""Target health, as several runbooks see to it: where an instance serves, that it is not the last one there, and that
it is healthy again.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.calls import Call
from nightcrew.aws.elbv2 import (
    is_asked,
    is_healthy,
    is_the_last,
    standing_of,
    target_group_name,
    target_groups_in,
)

elbv2 = calls("elbv2")

MOST = 40
"""So many target groups are asked for one instance: each is a read of its own, and AWS has no call that tells which."""

Standings = dict[str, dict[str, Any]]
"""Target group's ARN → what it says of the instance: its ``states`` there, and how many ``others`` are healthy."""


def target_groups_of_vpc(run: Run, vpc: str | None) -> list[str]:
    """The ARNs of the target groups in which an instance of that VPC may be. Ends the run where they are too many."""
    page = run.read("list the target groups of its VPC", elbv2.describe_target_groups(), pick=target_groups_in(vpc))
    found = list(page["arns"])
    while page["more"]:
        more = elbv2.describe_target_groups(Marker=page["more"])
        page = run.read("list more of its VPC's target groups", more, pick=target_groups_in(vpc))
        found += page["arns"]
    run.require(f"its VPC has no more than {MOST} target groups that load balancers use", len(found) <= MOST)
    return found


def standings(run: Run, instance: str, groups: Iterable[str]) -> Standings:
    """What each of these target groups says of the instance: only those in which a load balancer asks it."""
    asked = {
        arn: run.read(f"ask {target_group_name(arn)} how it is", health_of(arn), pick=standing_of(instance))
        for arn in groups
    }
    return {arn: standing for arn, standing in asked.items() if is_asked(standing)}


def require_not_the_last(run: Run, found: Standings) -> None:
    """End the run where a target group would have no healthy target without the instance."""
    alone = any(is_the_last(standing) for standing in found.values())
    run.require("it is not the last healthy target of a target group", not alone)


def all_healthy(found: Standings) -> bool:
    """Whether it is healthy wherever it is asked; true where it is asked nowhere."""
    return all(is_healthy(standing) for standing in found.values())


def prove_healthy(run: Run, instance: str, found: Standings, *, within: timedelta) -> None:
    """Wait until the instance is a healthy target again wherever it was one, or was asked to be."""
    for arn in found:
        title = f"it is a healthy target of {target_group_name(arn)}"
        run.prove(title, health_of(arn), is_healthy, within=within, pick=standing_of(instance))


def health_of(target_group: str) -> Call:
    """Ask for the health of all targets of a target group."""
    return elbv2.describe_target_health(TargetGroupArn=target_group)
