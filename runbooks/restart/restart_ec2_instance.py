"""Stop and start an EC2 instance, so that it comes back on other hardware."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, checks_pass, is_starting, is_stopped, is_stopping, only_instance, statuses

ec2 = calls("ec2")


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/EC2", "StatusCheckFailed_Instance", direction="high", instance_id="InstanceId")],
    permissions=["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:StopInstances", "ec2:StartInstances"],
)
def restart_ec2_instance(run: Run, instance_id: InstanceId, within: timedelta = timedelta(minutes=10)) -> str:
    """Moves the instance to other hardware; it is down for some minutes.

    Its public IP address changes unless it is an Elastic IP. What is on instance-store disks would be lost, so an
    instance that has any is left alone, as is a Spot instance and one that an Auto Scaling group owns: the group
    would replace it.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])
    stop = ec2.stop_instances(InstanceIds=[instance_id])
    start = ec2.start_instances(InstanceIds=[instance_id])

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    run.require(
        "its root disk is EBS, and no disk is instance store", instance["root"] == "ebs" and instance["ephemeral"] == 0
    )
    run.require("it is not a Spot instance", instance["lifecycle"] != "spot")
    run.require("no Auto Scaling group owns it", instance["group"] is None)

    def bring_it_back() -> None:
        run.wait_until("it can be started", state, is_stopped, within=within)
        run.change("start it again", start, took_effect=(state, is_starting))

    run.change("stop it", stop, undo=bring_it_back, took_effect=(state, is_stopping))
    run.wait_until(
        "it has stopped",
        state,
        is_stopped,
        within=within,
        or_else=("force it to stop", ec2.stop_instances(InstanceIds=[instance_id], Force=True)),
    )
    run.change("start it", start, took_effect=(state, is_starting))
    run.prove(
        "both status checks pass",
        ec2.describe_instance_status(InstanceIds=[instance_id]),
        checks_pass,
        within=within,
        pick=statuses,
    )
    return f"{instance_id} came back on other hardware"
