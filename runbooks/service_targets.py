"""The targets of an ECS service, as the runbooks about services see to them: each task is one, in each target group."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from nightcrew import Run, calls
from nightcrew.aws.calls import Call
from nightcrew.aws.elbv2 import in_use, target_group_name, target_health

elbv2 = calls("elbv2")


def asked_groups(run: Run, groups: Iterable[str]) -> list[str]:
    """Of these target groups (ARNs) those in which a load balancer asks the tasks; what they say is kept."""
    health = {arn: run.read(f"ask {target_group_name(arn)}", _ask(arn), pick=target_health) for arn in groups}
    return [arn for arn, seen in health.items() if in_use(seen)]


def prove_targets(run: Run, groups: Iterable[str], wanted: int, *, within: timedelta) -> None:
    """Prove that each of these target groups has as many healthy targets as the service has tasks, and no ill one."""
    for arn in groups:
        title = f"{wanted} are healthy targets of {target_group_name(arn)}"
        run.prove(title, _ask(arn), partial(_all_healthy, wanted), within=within, pick=target_health)


def _all_healthy(wanted: int, health: dict[str, int]) -> bool:
    return health.get("healthy", 0) >= wanted and not health.get("unhealthy")


def _ask(target_group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=target_group)
