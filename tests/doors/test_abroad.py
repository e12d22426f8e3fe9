"""Other accounts and Regions: a run acts where its resource is, by that account's roles, and its ledger is here."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.aws.cloud import READING
from nightcrew.clock import stamp
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.demo.estate import Estate
from nightcrew.demo.scripted import Refusal
from nightcrew.dispatch.alarm_state import PERMISSIONS, alarm_state
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.deployed import house as deployed_house
from nightcrew.engine.deployed import roles_of
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import nobody
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.ways import asking
from nightcrew.ledger.store import Tables
from tests.doors.conftest import ALIAS, REMEDIATORS
from tests.house import House

MEMBER, FAR = "111122223333", "us-east-1"
EXTERNAL = "b6f1c5e2-said-to-members"
RUNBOOK = "scale-out-auto-scaling-group"
ENVIRONMENT = {
    "NIGHTCREW_LEDGER": Tables().ledger,
    "NIGHTCREW_STATE": Tables().state,
    "NIGHTCREW_EXECUTOR": ALIAS,
    "NIGHTCREW_REMEDIATORS": REMEDIATORS,
    "NIGHTCREW_READER": f"arn:aws:iam::{ACCOUNT}:role/nightcrew-reader-{REGION}",
    "NIGHTCREW_EXTERNAL_ID": EXTERNAL,
}
"""What template.yaml sets, in a stack that looks after others too."""

Event = Callable[[str], dict[str, Any]]
Place = tuple[str, str]


@dataclass
class World:
    """The embedded cloud in several places, and a Nightcrew in one of them."""

    house: House
    policy: Policy
    estate: Estate

    def client(self, service: str, place: Place) -> Any:
        """A client of one's own, there."""
        account, region = place
        return self.estate.plain(f"arn:aws:{service}:{region}:{account}:any")(service, READING)

    def group(self, name: str, *places: Place) -> None:
        """A group of this name in each of these places."""
        for place in places:
            data = {"ImageId": IMAGE, "InstanceType": "t3.micro"}
            self.client("ec2", place).create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
            self.client("autoscaling", place).create_auto_scaling_group(
                AutoScalingGroupName=name,
                LaunchTemplate={"LaunchTemplateName": name},
                AvailabilityZones=[f"{place[1]}a"],
                MinSize=1,
                DesiredCapacity=2,
                MaxSize=8,
            )

    def wants(self, name: str, *places: Place) -> list[int]:
        """How many instances the group of this name wants, in each of these places."""
        asked = {"AutoScalingGroupNames": [name]}
        found = [self.client("autoscaling", place).describe_auto_scaling_groups(**asked) for place in places]
        return [int(each["AutoScalingGroups"][0]["DesiredCapacity"]) for each in found]

    def alarm(self, event: dict[str, Any], name: str, place: Place, state: str = "OK") -> dict[str, Any]:
        """The event of an alarm about a group, both there. ``state`` is what the alarm says when it is asked."""
        account, region = place
        detail = event["detail"]
        detail["alarmName"] = f"{name}-busy"
        metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
        metric["dimensions"] = {"AutoScalingGroupName": name}
        now = stamp(self.house.crew.installation.clock.now())
        detail["state"]["timestamp"] = event["time"] = now
        event |= {"account": account, "region": region}
        event["resources"] = [f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}-busy"]
        client = self.client("cloudwatch", place)
        client.put_metric_alarm(
            AlarmName=f"{name}-busy",
            Namespace=metric["namespace"],
            MetricName=metric["name"],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=80.0,
            ComparisonOperator="GreaterThanThreshold",
        )
        client.set_alarm_state(AlarmName=f"{name}-busy", StateValue=state, StateReason="a test")
        return event

    def arrives(self, event: dict[str, Any]) -> Answer:
        """What intake answers."""
        door = front_door(ENVIRONMENT, nobody, self.house.scripted)()
        installation = replace(door.installation, clock=self.house.crew.installation.clock, policy=self.policy)
        return replace(door, installation=installation).event(event)

    def carried_out(self, run: str) -> dict[str, Any]:
        """What the executor makes of it."""
        clock = self.house.crew.installation.clock
        built = deployed_house(ENVIRONMENT, nobody, self.house.scripted)()
        installation = replace(built, clock=clock, policy=self.policy)
        engine = LocalEngine(durable_handler(lambda: installation), Journal(":memory:", clock), clock)
        engine.start(run, {"run": run})
        ended: dict[str, Any] = engine.drive(run).result
        return ended

    def taken(self) -> list[tuple[str, str | None]]:
        """The roles that were taken, each once, and what was said for it."""
        sent = [each.parameters for each in self.house.scripted.sent if each.operation == "AssumeRole"]
        return sorted({(str(each["RoleArn"]).split("::")[1], each.get("ExternalId")) for each in sent}, key=str)


@pytest.fixture
def house(on_tables: House) -> House:
    """As it is deployed, with the tables."""
    return on_tables


@pytest.fixture
def world(house: House, auto_policy: Policy) -> World:
    house.scripted.answer("lambda", "Invoke", *[{"StatusCode": 202}] * 5)
    return World(house, auto_policy, Estate())


@pytest.mark.parametrize("place", [(MEMBER, REGION), (MEMBER, FAR)], ids=["account", "account-and-region"])
def test_a_run_acts_in_the_account_and_the_region_of_its_alarm(world: World, event: Event, place: Place) -> None:
    """The group there has grown, and those of the same name here and in the other Region have not; the entries are
    here; the roles are that account's, for who says the external id, which stands in no entry.
    """
    name = f"abroad-{place[1]}"
    others = [(ACCOUNT, REGION), (ACCOUNT, FAR), (MEMBER, FAR if place[1] == REGION else REGION)]
    world.group(name, place, *others)
    answer = world.arrives(world.alarm(event("asg-cpu-high"), name, place))
    assert answer.run is not None, answer
    assert world.carried_out(answer.run)["outcome"] == "cured"
    assert world.wants(name, place, *others) == [3, 2, 2, 2]
    chain = world.house.entries(answer.run)
    assert (chain[0].kind, chain[-1].kind) == ("opening", "closing")
    assert chain[0].body["resource"].split(":")[3:5] == [place[1], MEMBER]
    assert EXTERNAL not in json.dumps([entry.body for entry in chain])
    assert world.taken() == [
        (f"{MEMBER}:role/nightcrew-reader-{REGION}", EXTERNAL),
        (f"{MEMBER}:role/nightcrew-remediator-scale-out-{REGION}", EXTERNAL),
    ]


def test_in_another_region_of_its_own_account_it_acts_by_its_own_roles(world: World, event: Event) -> None:
    """IAM knows no Regions; and whether the alarm is OK it asks by its own rights."""
    here, far = (ACCOUNT, REGION), (ACCOUNT, FAR)
    world.group("far", far, here)
    answer = world.arrives(world.alarm(event("asg-cpu-high"), "far", far))
    assert answer.run is not None, answer
    assert world.carried_out(answer.run)["outcome"] == "cured"
    assert world.wants("far", far, here) == [3, 2]
    assert world.taken() == [(f"{ACCOUNT}:role/nightcrew-remediator-scale-out-{REGION}", None)]


def test_an_alarm_that_watches_another_account_is_asked_where_it_is(world: World, event: Event) -> None:
    """The alarm is here, the group in the member account: as where one account watches many."""
    world.group("watched", (MEMBER, REGION))
    sent = world.alarm(event("asg-cpu-high"), "watched", (ACCOUNT, REGION))
    sent["detail"]["configuration"]["metrics"][0]["accountId"] = MEMBER
    answer = world.arrives(sent)
    assert answer.run is not None, answer
    assert world.carried_out(answer.run)["outcome"] == "cured"
    assert world.wants("watched", (MEMBER, REGION)) == [3]
    assert world.taken() == [(f"{MEMBER}:role/nightcrew-remediator-scale-out-{REGION}", EXTERNAL)]


@pytest.mark.parametrize("claimed", [ACCOUNT, "444455556666"])
def test_an_alarm_of_a_member_cannot_ask_for_a_run_in_another_account(world: World, event: Event, claimed: str) -> None:
    """Whoever may make an alarm there could else have something done here. Its envelope is EventBridge's word."""
    sent = world.alarm(event("asg-cpu-high"), f"claims-{claimed}", (MEMBER, REGION))
    sent["detail"]["configuration"]["metrics"][0]["accountId"] = claimed
    answer = world.arrives(sent)
    assert (answer.kind, answer.reason, answer.run) == ("left", "foreign-account", None)
    assert MEMBER in answer.words
    assert claimed in answer.words


@pytest.mark.parametrize("place", [(MEMBER, REGION), (ACCOUNT, FAR), (MEMBER, FAR)])
@pytest.mark.parametrize("state", ["ALARM", "OK"])
def test_the_sweeper_asks_an_alarm_where_it_is(world: World, event: Event, place: Place, state: str) -> None:
    """Before a second try. One of the same name here is not meant."""
    name = f"asked-{place[0]}-{place[1]}-{state}"
    other = "OK" if state == "ALARM" else "ALARM"
    sent = world.alarm(event("asg-cpu-high"), name, place, state)
    world.alarm(event("asg-cpu-high"), name, (ACCOUNT, REGION), other)
    at = asking(world.house.scripted, roles_of(ENVIRONMENT), PERMISSIONS)
    assert alarm_state(at)(sent["resources"][0], f"{name}-busy") == state
    abroad = [(f"{MEMBER}:role/nightcrew-reader-{REGION}", EXTERNAL)] if place[0] == MEMBER else []
    assert world.taken() == abroad


def test_sts_is_asked_in_nightcrews_own_region(world: World, event: Event) -> None:
    """Not in the one that has its trouble, and not at the global endpoint, which is in one Region."""
    world.group("sts", (MEMBER, FAR))
    answer = world.arrives(world.alarm(event("asg-cpu-high"), "sts", (MEMBER, FAR)))
    assert answer.run is not None
    world.carried_out(answer.run)
    asked = {each.endpoint for each in world.house.scripted.sent if each.operation == "AssumeRole"}
    assert asked == {f"https://sts.{REGION}.amazonaws.com"}


def test_where_there_is_no_role_the_run_is_refused_and_says_so(world: World, event: Event) -> None:
    """In a member that only observes, or whose template is not deployed: before anything was read or changed."""
    world.group("no-role", (MEMBER, REGION))
    answer = world.arrives(world.alarm(event("asg-cpu-high"), "no-role", (MEMBER, REGION)))
    assert answer.run is not None
    denied = Refusal("AccessDenied", "is not authorized to perform: sts:AssumeRole", status=403)
    world.house.scripted.script("sts", "AssumeRole", lambda _: denied)
    ended = world.carried_out(answer.run)
    assert ended["outcome"] == "refused"
    assert "AssumeRole" in ended["words"]
    assert world.wants("no-role", (MEMBER, REGION)) == [2]
