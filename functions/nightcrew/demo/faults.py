"""What can be made to go wrong: how AWS behaves then, as runbooks see it."""

from collections.abc import Mapping
from typing import Any

from nightcrew.demo.estate import Dress
from nightcrew.demo.scripted import Refusal, Scripted

EVENT = "ec2-status-check"
"""The event that is played while something goes wrong: an instance is restarted."""


def stop_hangs(scripted: Scripted) -> None:
    """An instance goes on stopping until it is forced to stop, as it does where its host does not answer."""
    hanging: set[str] = set()

    def stopped(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        del answer
        (hanging.difference_update if asked.get("Force") else hanging.update)(asked["InstanceIds"])

    def described(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        del asked
        for instance in (each for one in answer["Reservations"] for each in one["Instances"]):
            if instance["InstanceId"] in hanging and instance["State"]["Name"] == "stopped":
                instance["State"].update(Name="stopping", Code=64)

    scripted.after("ec2", "StopInstances", stopped)
    scripted.after("ec2", "DescribeInstances", described)


def throttle(scripted: Scripted) -> None:
    """The API refuses calls as too many: the first tries of each change, and some polls after it."""
    left = {"StopInstances": 2, "StartInstances": 1, "DescribeInstances": 0, "DescribeInstanceStatus": 3}

    def script(operation: str) -> None:
        def answer(asked: Mapping[str, Any]) -> Refusal | None:
            del asked
            if not left[operation]:
                return None
            left[operation] -= 1
            return Refusal("RequestLimitExceeded", "Request limit exceeded.", 503)

        scripted.script("ec2", operation, answer)

    def stopped(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        del asked, answer
        left["DescribeInstances"] = 2

    for operation in left:
        script(operation)
    scripted.after("ec2", "StopInstances", stopped)


WORDS: Mapping[str, str] = {
    "stop-hangs": "An instance is to be restarted, and goes on stopping until it is forced to.",
    "throttle": "An instance is to be restarted, and the API says of every other call that it is one too many.",
    "kill": "An instance is to be restarted, and the process that does it is killed: twice, in the middle of a change.",
}

SCRIPTS: Mapping[str, Dress] = {"stop-hangs": stop_hangs, "throttle": throttle}
"""The faults that lie with AWS; ``kill`` lies with us, and is in ``nightcrew.demo.kill``."""
