"""Runbooks that no team would run, made of what is hard to survive.

They switch lamps: queues, whose time-out is their light. One is for changes that can only be repeated, with polls and
pauses between them; one for a change that may not be repeated; one for the way back; one has another as a part. And
ours, where they end otherwise than well.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from nightcrew import Run, calls, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.calls import Call
from tests.kill.cloud import Refuse
from tests.kill.scenario import Arranging, Scenario, Start, scenario_of

sqs = calls("sqs")
Lamp = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z]+", example="lamp")]
PERMISSIONS = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"]
LAMP, BELL = "lamp", "bell"
OFF, DIM, ON, TOO_MUCH = 0, 30, 60, 999_999


def look(lamp: str) -> Call:
    return sqs.get_queue_attributes(QueueUrl=_url(lamp), AttributeNames=["VisibilityTimeout"])


def put(lamp: str, light: int) -> Call:
    """Sets an absolute value: to repeat it does no harm."""
    return sqs.set_queue_attributes(QueueUrl=_url(lamp), Attributes={"VisibilityTimeout": str(light)})


def shows(light: int) -> Callable[[Any], bool]:
    return lambda answer: bool(answer["Attributes"]["VisibilityTimeout"] == str(light))


def _url(lamp: str) -> str:
    return f"https://sqs.eu-west-1.amazonaws.com/123456789012/{lamp}"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS)
def drill_of_patience(run: Run, lamp: Lamp) -> str:
    """Changes without a way to see whether they took effect, with polls that take their time, and pauses."""
    run.change("switch it on", put(lamp, ON))
    run.wait_until("the bell is there", look(BELL), shows(OFF), within=timedelta(minutes=2))
    run.wait("let it warm up", timedelta(minutes=1))
    run.wait("let it burn", timedelta(minutes=10))
    run.change("dim it", put(lamp, DIM))
    run.prove("it is dim", look(lamp), shows(DIM))
    return "dim"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS)
def drill_of_caution(run: Run, lamp: Lamp) -> str:
    """A change that may not be repeated, after one that may."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.change("ring the bell", put(BELL, ON), undo=put(BELL, OFF), once=True)
    run.prove("it is on", look(lamp), shows(ON), within=timedelta(minutes=1))
    return "on"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS)
def drill_of_regret(run: Run, lamp: Lamp) -> str:
    """Two changes, and a third that the cloud refuses: each is taken back, the last one first."""

    def switch_it_off() -> None:
        run.wait_until("it can be switched off", look(lamp), shows(ON), within=timedelta(minutes=1))
        run.wait("let it cool down", timedelta(minutes=1))
        run.change("switch it off", put(lamp, OFF), took_effect=(look(lamp), shows(OFF)))

    run.change("switch it on", put(lamp, ON), undo=switch_it_off, took_effect=(look(lamp), shows(ON)))
    run.change("ring the bell", put(BELL, ON), undo=put(BELL, OFF))
    run.change("ask too much", put(lamp, TOO_MUCH))
    return "never"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS)
def drill_of_rivalry(run: Run, lamp: Lamp) -> str:
    """What another process does to the same lamp, when the first one's time is over."""
    run.change("put it out", put(lamp, OFF))
    run.prove("it is out", look(lamp), shows(OFF), within=timedelta(minutes=1))
    return "out"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS)
def drill_of_light(run: Run, lamp: Lamp) -> str:
    """A part of another one."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.prove("it is on", look(lamp), shows(ON), within=timedelta(minutes=1))
    return "on"


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=PERMISSIONS, parts=[drill_of_light])
def drill_of_parts(run: Run, lamp: Lamp) -> str:
    """A change, another runbook as a part, and a change that the cloud refuses: both are taken back."""
    run.change("ring the bell", put(BELL, ON), undo=put(BELL, OFF), took_effect=(look(BELL), shows(ON)))
    run.runbook(drill_of_light, lamp=lamp)
    run.change("ask too much", put(lamp, TOO_MUCH))
    return "never"


CATALOG = Catalog(
    [drill_of_patience, drill_of_caution, drill_of_regret, drill_of_rivalry, drill_of_light, drill_of_parts]
)


def lamps(cloud: Arranging) -> Start:
    for name in (LAMP, BELL):
        cloud.client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(OFF)})
    return Start(parameters={"lamp": LAMP})


def lamps_in_the_fog(cloud: Arranging) -> Start:
    """The bell is not seen at once."""
    fog = Refuse("sqs:GetQueueAttributes", "QueueDoesNotExist", containing=BELL, times=3)
    return Start(parameters=lamps(cloud).parameters, refuse=(fog,))


def lamps_that_have_limits(cloud: Arranging) -> Start:
    """By themselves they would take any light."""
    limit = Refuse("sqs:SetQueueAttributes", "InvalidAttributeValue", containing=str(TOO_MUCH))
    return Start(parameters=lamps(cloud).parameters, refuse=(limit,))


def lights(cloud: Arranging) -> Any:
    asked = {name: cloud.client("sqs").get_queue_attributes(**look(name).parameters) for name in (LAMP, BELL)}
    return {name: answer["Attributes"]["VisibilityTimeout"] for name, answer in asked.items()}


RESTART = scenario_of("restart-ec2-instance")


def no_capacity(cloud: Arranging) -> Start:
    """An instance that cannot be started again, until the undo tries."""
    start = RESTART.arrange(cloud)
    return Start(start.event, refuse=(Refuse("ec2:StartInstances", "InsufficientInstanceCapacity", until_undo=True),))


def in_a_group(cloud: Arranging) -> Start:
    """An instance that an Auto Scaling group owns: the run holds the group's lock before it finds out."""
    start = RESTART.arrange(cloud)
    found = cloud.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    cloud.client("ec2").create_tags(Resources=[found], Tags=[{"Key": "aws:autoscaling:groupName", "Value": "web"}])
    return start


RESTORE, CLUSTER = scenario_of("drill-dynamodb-restore"), scenario_of("drill-aurora-restore")


def no_tags(cloud: Arranging) -> Start:
    """A drill's table that cannot be tagged: it is deleted by the undo."""
    start = RESTORE.arrange(cloud)
    return Start(parameters=start.parameters, refuse=(Refuse("dynamodb:TagResource", "LimitExceededException"),))


def no_room(cloud: Arranging) -> Start:
    """A drill's cluster for whose instance there is no room: the cluster is deleted by the undo."""
    start = CLUSTER.arrange(cloud)
    refused = Refuse("rds:CreateDBInstance", "InsufficientDBInstanceCapacity")
    return Start(parameters=start.parameters, refuse=(refused,))


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("drill-of-patience", lamps_in_the_fog, lights, "succeeded", "repeated, polled and paused", CATALOG),
        Scenario("drill-of-caution", lamps, lights, "succeeded", "not to be repeated", CATALOG),
        Scenario("drill-of-regret", lamps_that_have_limits, lights, "failed", "undone", CATALOG),
        Scenario("drill-of-parts", lamps_that_have_limits, lights, "failed", "a part undone", CATALOG),
        Scenario(RESTART.runbook, no_capacity, RESTART.afterwards, "failed", "undone: no capacity to start it"),
        Scenario(RESTART.runbook, in_a_group, RESTART.afterwards, "not_applicable", "a group owns it"),
        Scenario(RESTORE.runbook, no_tags, RESTORE.afterwards, "failed", "undone: no tag is taken"),
        Scenario(CLUSTER.runbook, no_room, CLUSTER.afterwards, "failed", "undone: no room for its instance"),
    )
}
