"""Start an EC2 instance that AWS stopped: its hardware failed, or its retirement has come."""

from datetime import timedelta

from nightcrew import Event, Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, checks_pass, is_starting, only_instance, statuses
from nightcrew.aws.ec2_schedule import by_aws, stopped_by
from runbooks.target_health import prove_healthy, standings, target_groups_of_vpc

ec2 = calls("ec2")


@runbook(
    family="restart",
    risk="low",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[
        Event(
            "aws.ec2",
            "EC2 Instance State-change Notification",
            where={"state": "stopped"},
            instance_id="instance-id",
        )
    ],
    permissions=[
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "ec2:StartInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def start_ec2_instance(
    run: Run,
    instance_id: InstanceId,
    whoever_stopped_it: bool = False,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Starts an instance that was running until AWS stopped it, for a failure or a retirement; it comes back on other
    hardware. Its public IP address is another one unless it is an Elastic IP.

    One that somebody stopped, or that shut itself down, is left alone: it was meant to stop. EC2 says which it was; the
    event that an instance has stopped does not, and one comes for every instance that stops. `whoever_stopped_it` is
    for a person who knows better. Left alone, too, are Spot instances and those that an Auto Scaling group owns.

    Proved are both status checks and its health in each target group that asks it. It is not stopped again where the
    proof is missing: it was to run.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is stopped", instance["state"] == "stopped")
    why = run.read("ask who stopped it", state, pick=stopped_by)
    run.require("AWS stopped it, or whoever_stopped_it is said", by_aws(why) or whoever_stopped_it)
    run.require("it is not a Spot instance", instance["lifecycle"] != "spot")
    run.require("no Auto Scaling group owns it", instance["group"] is None)

    run.change("start it", ec2.start_instances(InstanceIds=[instance_id]), took_effect=(state, is_starting))
    run.prove(
        "both status checks pass",
        ec2.describe_instance_status(InstanceIds=[instance_id]),
        checks_pass,
        within=within,
        pick=statuses,
    )
    serving = standings(run, instance_id, target_groups_of_vpc(run, instance["vpc"]))
    prove_healthy(run, instance_id, serving, within=within)
    return f"{instance_id} runs again ({why})"
