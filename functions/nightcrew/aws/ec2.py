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

    ``{"id", "state", "type", "lifecycle", "root", "ephemeral", "vpc", "zone", "ip", "elastic", "launched", "group"}``:
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
        "vpc": found.get("VpcId"),
        "zone": found.get("Placement", {}).get("AvailabilityZone"),
        "ip": found.get("PublicIpAddress"),
        "elastic": bool(owners - {"amazon", None}),
        "launched": found.get("LaunchTime"),
        "group": tags_of(found.get("Tags")).get(GROUP_TAG),
    }


def instance_state(answer: Any) -> str:
    """The state of the one instance: pending, running, stopping, stopped, shutting-down, terminated."""
    return str(only_instance(answer)["state"])


def can_be_moved(instance: dict[str, Any]) -> bool:
    """Whether a stop and a start would bring it back with its disks, from what ``only_instance`` found."""
    return bool(instance["root"] == "ebs" and instance["ephemeral"] == 0 and instance["lifecycle"] != "spot")


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


def failing_checks(answer: Any) -> list[str]:
    """The status checks that say "impaired" in a DescribeInstanceStatus answer: "system", "instance", "disks".

    "disks" are the attached EBS volumes. One that is initializing, or has too little data, does not fail.
    """
    kinds = {"system": "SystemStatus", "instance": "InstanceStatus", "disks": "AttachedEbsStatus"}
    return [
        kind
        for kind, member in kinds.items()
        if any(each.get(member, {}).get("Status") == "impaired" for each in answer["InstanceStatuses"])
    ]


def console_posted(answer: Any) -> str | None:
    """When the console's output was posted, from a GetConsoleOutput answer; None where there is none.

    Without ``Latest`` it is posted shortly after each start, stop, reboot and termination (EC2 user guide, "Instance
    console output"): the one boot marker that AWS itself shows. What the console says may hold secrets and is not kept.
    """
    posted = answer.get("Timestamp")
    return str(posted) if posted else None


def zones_of(answer: Any) -> dict[str, str]:
    """Instance → its Availability Zone, of a DescribeInstances answer."""
    found = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    return {str(each["InstanceId"]): str(each["Placement"]["AvailabilityZone"]) for each in found}


def template_versions(answer: Any) -> dict[str, str]:
    """What ``lt-0abc:$Latest`` and ``lt-0abc:$Default`` mean now, as ``lt-0abc:3``; from DescribeLaunchTemplates."""
    meant = {}
    for each in answer["LaunchTemplates"]:
        name = each["LaunchTemplateId"]
        meant[f"{name}:$Latest"] = f"{name}:{each['LatestVersionNumber']}"
        meant[f"{name}:$Default"] = f"{name}:{each['DefaultVersionNumber']}"
    return meant


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
