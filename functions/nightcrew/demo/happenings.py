"""What an event beyond alarms says comes true in the demo's cloud: there is no alarm that would see to it."""

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import StateReason

from nightcrew.aws.cloud import READING
from nightcrew.demo.estate import Estate
from nightcrew.demo.machines import SCHEDULED
from nightcrew.signals import Happening

RETIRED = "Server.ScheduledStop"


def come_true(estate: Estate, happening: Happening, resource: str) -> None:
    """The resource (its ARN) is as the event says, as far as the demo knows how: an instance is about to be retired, or
    AWS has stopped it.
    """
    _, _, service, region, account, path = resource.split(":", 5)
    if service != "ec2":
        return
    instance, ec2 = path.rsplit("/", 1)[-1], estate.plain(resource)("ec2", READING)
    if happening.source == "aws.health":
        ec2.create_tags(Resources=[instance], Tags=[{"Key": SCHEDULED, "Value": "instance-retirement"}])
    elif happening.values.get("state") == ("stopped",):
        ec2.stop_instances(InstanceIds=[instance])
        stopped = ec2_backends[account][region].get_instance(instance)
        stopped.state_reason = StateReason(f"{RETIRED}: Stopped due to scheduled retirement", RETIRED)
