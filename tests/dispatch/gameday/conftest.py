"""A field to play on: an instance, its alarm and one that blocks, and policy's game days about them."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.demo.experiments import have_template
from nightcrew.demo.gameday import put_status_alarm
from nightcrew.demo.house import EVERYTHING_RUNS, House
from nightcrew.demo.meanwhile import Meanwhile
from nightcrew.demo.moto_time import moto_by
from nightcrew.demo.scripted import Scripted
from nightcrew.dispatch.gameday.allowed import Ready, allowed
from nightcrew.dispatch.gameday.faults import PERMISSIONS
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.dispatch.gameday.play import play
from nightcrew.dispatch.gameday.report import Report

_NUMBERS = itertools.count(1)
FAULTS = ("fis", "set-alarm", "stop-instance")
TAGS = {"nightcrew": "managed", "nightcrew:gameday": "allowed"}


@dataclass
class Field:
    """``aws`` is the cloud as it is; ``scripted`` as the game day sees it, and the runbook."""

    house: House
    scripted: Scripted
    aws: ClientMaker
    ground: Ground
    instance: str
    alarm: str
    blocking: str
    template: str

    def ready(self, fault: str = "fis") -> Ready:
        """Asked, and allowed."""
        policy = self.house.crew.installation.policy
        return allowed(self.ground, next(each for each in policy.game_days if each.name == fault))

    def play(self, fault: str = "fis", *, turning: bool = True) -> Report:
        """Played; ``turning``: CloudWatch and EventBridge do their part."""
        return play(self.turning() if turning else self.ground, self.ready(fault))

    def turning(self) -> Ground:
        """The ground on which the world turns while somebody waits."""
        return replace(self.ground, pause=Meanwhile(self.house.crew, self.aws, self.alarm).pause)

    def client(self, service: str) -> Any:
        """A client of one's own."""
        return self.house.crew.client(service)

    def state(self) -> str:
        """The instance's."""
        found = self.client("ec2").describe_instances(InstanceIds=[self.instance])
        return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])

    def says(self, alarm: str) -> str:
        """An alarm's state."""
        return str(self.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"])

    def sets(self, alarm: str, state: str) -> None:
        """An alarm changes."""
        self.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="so it is")

    def changes(self) -> list[str]:
        """The changes that left, of whoever sees the script."""
        reads = ("Describe", "Get", "List")
        return [each.operation for each in self.scripted.sent if not each.operation.startswith(reads)]


Build = Callable[..., Field]


@pytest.fixture
def build(clients: ClientMaker, scripted: Scripted, catalog: Catalog) -> Iterator[Build]:
    """Builds a field of this test's own; ``more`` is further policy, ``rules`` instead of those by which all runs."""
    with ExitStack() as stack:

        def made(more: str = "", rules: str = EVERYTHING_RUNS, account: str = ACCOUNT, within: str = "20m") -> Field:
            number = next(_NUMBERS)
            scripted.reset()
            clock = SkippingClock()
            stack.enter_context(moto_by(clock))
            ec2 = clients("ec2", READING)
            tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
            instance = ec2.run_instances(
                ImageId=IMAGE, MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}]
            )["Instances"][0]["InstanceId"]
            alarm, blocking, template = f"gd-{number}-status", f"gd-{number}-5xx", f"EXTgameday{number:04}"
            for name in (alarm, blocking):
                put_status_alarm(clients("cloudwatch", READING), name, instance)
            arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"
            stop = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{blocking}"
            have_template(ACCOUNT, REGION, template, [arn], stop=stop)
            targets = {"fis": template, "set-alarm": alarm, "stop-instance": instance}
            days = "".join(
                f"  - name: {fault}\n    fault: {{{fault}: {targets[fault]}}}\n"
                f"    expects: {{alarm: {alarm}, runbook: restart-ec2-instance, within: {within}}}\n"
                f'    blocking: [{blocking}]\n    account: "{account}"\n'
                for fault in FAULTS
            )
            text = f"{rules}game_days:\n{days}{more.replace('ALARM', alarm)}"
            house = House.build(clients, scripted, catalog, load(text), clock)
            cloud = Cloud(scripted, PERMISSIONS, "a game day")
            looks = timedelta(seconds=30)
            who = ("ada", ACCOUNT, REGION)
            ground = Ground(house.crew.dispatcher, cloud, *who, clock.sleep, soon=looks, seldom=looks)
            return Field(house, scripted, clients, ground, instance, alarm, blocking, template)

        yield made
