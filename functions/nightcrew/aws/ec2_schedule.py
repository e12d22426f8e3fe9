"""What AWS has scheduled for an EC2 instance, and who stopped one: what events tell and the API says again.

EC2 user guide, "Scheduled events for your instances"; EC2 API reference, InstanceStatusEvent and StateReason.
"""

from typing import Any

from nightcrew.errors import Unknown

_OVER = ("[Completed]", "[Canceled]")
"""How the description of an event that is over begins; it is listed for a week more."""


def scheduled(answer: Any) -> dict[str, str]:
    """What is still to come of what AWS scheduled for the one instance of a DescribeInstanceStatus answer.

    Code → description: ``instance-retirement``, ``instance-stop``, ``instance-reboot``, ``system-reboot``,
    ``system-maintenance``. Empty where there is nothing, or the instance does not run.
    """
    listed = answer["InstanceStatuses"]
    events = listed[0].get("Events", []) if listed else []
    return {
        str(event["Code"]): str(event.get("Description", ""))
        for event in events
        if not str(event.get("Description", "")).startswith(_OVER)
    }


def stopped_by(answer: Any) -> str:
    """Why the one instance of a DescribeInstances answer is in its state: ``Server.ScheduledStop`` where AWS stopped
    it, ``Client.UserInitiatedShutdown`` where somebody did, ``Client.InstanceInitiatedShutdown`` where it did itself.
    Empty where EC2 does not say. Raises Unknown where there is no instance.
    """
    instances = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    if not instances:
        raise Unknown("there is no such instance")
    return str(instances[0].get("StateReason", {}).get("Code", ""))


def by_aws(code: str) -> bool:
    """Whether a reason of ``stopped_by`` is AWS's own: a fault or a retirement, and not the end of a Spot request."""
    return code.startswith("Server.") and not code.startswith("Server.Spot")
