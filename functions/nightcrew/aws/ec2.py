"""EC2 instances: how they are named, and what their answers say.

States and transitions: EC2 user guide, "Amazon EC2 instance state changes".
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_ec2 = calls("ec2")
GROUP_TAG = "aws:autoscaling:groupName"


def only_instance(answer: Any) -> dict[str, Any]:
    """The one instance of a DescribeInstances answer, cut down to what a restart must know.

    ``{"id", "state", "type", "lifecycle", "root", "ephemeral", "zone", "ip", "elastic", "launched", "group"}``:
    ``ephemeral`` counts its instance-store disks (only attached ones are listed; EC2 API reference, Instance),
    ``elastic`` is about its address. Raises Unknown where there is none.
    """
    instances = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    if not instances:
        raise Unknown("there is no such instance")
    found = instances[0]
    association = [interface.get("Association", {}) for interface in found.get("NetworkInterfaces", [])]
    owners = {owner.get("IpOwnerId") for owner in association if owner}
    return {
        "id": found["InstanceId"],
        "state": found["State"]["Name"],
        "type": found.get("InstanceType"),
        "lifecycle": found.get("InstanceLifecycle", "on-demand"),
        "root": found.get("RootDeviceType"),
        "ephemeral": sum("Ebs" not in disk for disk in found.get("BlockDeviceMappings", [])),
        "zone": found.get("Placement", {}).get("AvailabilityZone"),
        "ip": found.get("PublicIpAddress"),
        "elastic": bool(owners - {"amazon", None}),
        "launched": found.get("LaunchTime"),
        "group": tags_of(found.get("Tags")).get(GROUP_TAG),
    }


def instance_state(answer: Any) -> str:
    """The state of the one instance: pending, running, stopping, stopped, shutting-down, terminated."""
    return str(only_instance(answer)["state"])


def is_stopped(answer: Any) -> bool:
    """Whether the instance has stopped: only then can it be started."""
    return instance_state(answer) == "stopped"


def is_stopping(answer: Any) -> bool:
    """Whether a stop has taken effect: on its way, or done."""
    return instance_state(answer) in {"stopping", "stopped"}


def is_starting(answer: Any) -> bool:
    """Whether a start has taken effect: on its way, or done."""
    return instance_state(answer) in {"pending", "running"}


def statuses(answer: Any) -> dict[str, str]:
    """The status checks of the one instance, ``{"system": "ok", "instance": "ok"}``; nothing while it does not run."""
    listed = answer["InstanceStatuses"]
    if not listed:
        return {}
    return {"system": listed[0]["SystemStatus"]["Status"], "instance": listed[0]["InstanceStatus"]["Status"]}


def checks_pass(answer: Any) -> bool:
    """Whether both status checks say ok (from a DescribeInstanceStatus answer, or what ``statuses`` made of it)."""
    seen = statuses(answer) if "InstanceStatuses" in answer else answer
    return bool(seen) and set(seen.values()) == {"ok"}


def _surroundings(answer: Any) -> Surroundings:
    instances = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    tags = tags_of(instances[0].get("Tags")) if instances else {}
    group = tags.get(GROUP_TAG)
    return Surroundings((f"autoscaling:autoScalingGroup:*:autoScalingGroupName/{group}",) if group else (), tags)


InstanceId = Annotated[
    str,
    ResourceName(
        "ec2",
        "instance/{}",
        pattern=r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})",
        example="i-0abc1234def567890",
        lookup=Lookup(
            "ec2:DescribeInstances",
            lambda name: _ec2.describe_instances(InstanceIds=[name]),
            _surroundings,
        ),
    ),
]
"""The id of an EC2 instance."""
