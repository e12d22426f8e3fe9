"""Move an EC2 instance off hardware that AWS is about to retire or to maintain, at a time of one's own."""

from datetime import timedelta
from typing import Any

from nightcrew import Event, Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, only_instance
from nightcrew.aws.ec2_schedule import scheduled
from runbooks.restart.restart_ec2_instance import restart_ec2_instance
from runbooks.target_health import prove_healthy, require_not_the_last, standings, target_groups_of_vpc

ec2 = calls("ec2")

ANNOUNCED = (
    "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
    "AWS_EC2_INSTANCE_STOP_SCHEDULED",
    "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED",
    "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED",
)
"""What AWS Health calls what a stop and a start gets out of the way of."""


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=30),
    deadline=timedelta(hours=1),
    parts=[restart_ec2_instance],
    triggers=[
        Event(
            "aws.health",
            "AWS Health Event",
            where={"eventTypeCode": ANNOUNCED, "statusCode": ("open", "upcoming")},
            instance_id="affectedEntities.entityValue",
        )
    ],
    permissions=[
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def move_ec2_instance(run: Run, instance_id: InstanceId, within: timedelta = timedelta(minutes=10)) -> str:
    """Stops and starts the instance (`restart-ec2-instance`), for which AWS has scheduled a retirement, a stop, a
    reboot or maintenance: it comes back on other hardware, and the day that AWS chose passes it by. It is down for
    some minutes, and its public IP address changes unless it is an Elastic IP.

    AWS announces these about two weeks ahead. A freeze of the policy (the working hours, say) holds it back until it
    ends; or let it ask a person first.

    It is left alone if nothing is scheduled for it that is still to come, whatever the event said: so an update of an
    announcement moves nothing twice. And if it is the last healthy target of a target group; if it has instance-store
    disks or is a Spot instance; and if an Auto Scaling group owns it, which replaces it.

    Proved are that it was launched anew, both status checks, and its health in each target group.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])
    checks = ec2.describe_instance_status(InstanceIds=[instance_id])

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    planned = run.read("look what AWS has scheduled for it", checks, pick=scheduled)
    run.require("AWS has scheduled something for it that is still to come", planned)
    serving = standings(run, instance_id, target_groups_of_vpc(run, instance["vpc"]))
    require_not_the_last(run, serving)
    before = run.read("look when it was launched", state, pick=_launched)

    run.runbook(restart_ec2_instance, instance_id=instance_id, within=within)
    run.prove("it was launched anew", state, lambda now: now != before, within=within, pick=_launched)
    prove_healthy(run, instance_id, serving, within=within)
    return f"{instance_id} is on other hardware, before {' and '.join(sorted(planned))}"


def _launched(answer: Any) -> str:
    return str(only_instance(answer)["launched"])
