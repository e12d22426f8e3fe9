"""A resource and what contains it exclude each other, whichever two runbooks want them: an instance and its Auto
Scaling group, a service and its cluster, a database instance and its Aurora cluster.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.admission.approvals import decide
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.autoscaling import AutoScalingGroupName
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import ClientMaker
from nightcrew.aws.ec2 import InstanceId
from nightcrew.aws.ecs import ClusterName, ServiceName
from nightcrew.aws.rds import ClusterId, DbInstanceId
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.scripted import Scripted
from nightcrew.dispatch.answer import Answer
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.groups import a_group

ec2, autoscaling, ecs, rds = calls("ec2"), calls("autoscaling"), calls("ecs"), calls("rds")
ADA, BOB = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob"))
BUDGET = "defaults: {breaker: 10000, budget_hour: 100}\n"
_numbers = itertools.count(1)


def tend(run: Run, call: Call) -> str:
    """In progress until somebody agrees that it ends."""
    run.approve("it may end")
    run.prove("it is there", call, bool)
    return "tended"


def tend_instance(run: Run, instance: InstanceId) -> str:
    """Tends an instance."""
    return tend(run, ec2.describe_instances(InstanceIds=[instance]))


def tend_group(run: Run, group: AutoScalingGroupName) -> str:
    """Tends an Auto Scaling group."""
    return tend(run, autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group]))


def tend_service(run: Run, cluster: ClusterName, service: ServiceName) -> str:
    """Tends a service."""
    return tend(run, ecs.describe_services(cluster=cluster, services=[service]))


def tend_ecs_cluster(run: Run, cluster: ClusterName) -> str:
    """Tends a cluster of services."""
    return tend(run, ecs.describe_clusters(clusters=[cluster]))


def tend_db_instance(run: Run, instance: DbInstanceId) -> str:
    """Tends a database instance."""
    return tend(run, rds.describe_db_instances(DBInstanceIdentifier=instance))


def tend_db_cluster(run: Run, cluster: ClusterId) -> str:
    """Tends a database cluster."""
    return tend(run, rds.describe_db_clusters(DBClusterIdentifier=cluster))


LOOKS: dict[Callable[..., Any], str] = {
    tend_instance: "ec2:DescribeInstances",
    tend_group: "autoscaling:DescribeAutoScalingGroups",
    tend_service: "ecs:DescribeServices",
    tend_ecs_cluster: "ecs:DescribeClusters",
    tend_db_instance: "rds:DescribeDBInstances",
    tend_db_cluster: "rds:DescribeDBClusters",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Six runbooks, of which each may only look."""
    usual: dict[str, Any] = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1)}
    return Catalog([runbook(**usual, permissions=[action])(function) for function, action in LOOKS.items()])


@dataclass(frozen=True)
class Wish:
    """A runbook with its parameters."""

    runbook: str
    parameters: dict[str, str]


Pair = tuple[Wish, Wish]
"""One on a member, and one on what contains it."""


def instance_and_group(house: House) -> Pair:
    """Moto tags the group's instances as AWS does."""
    group = a_group(house, desired=1)
    found = house.crew.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    instance = found["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
    return Wish("tend-instance", {"instance": instance}), Wish("tend-group", {"group": group})


def service_and_cluster(house: House) -> Pair:
    """A service without tasks, beside one of the same name in another cluster."""
    client = house.crew.client("ecs")
    client.register_task_definition(
        family="exclusion", containerDefinitions=[{"name": "web", "image": "web", "memory": 64}]
    )
    cluster = f"exclusion-{next(_numbers)}"
    for name in (cluster, f"{cluster}-other"):
        client.create_cluster(clusterName=name)
        client.create_service(cluster=name, serviceName="web", taskDefinition="exclusion", desiredCount=0)
    return (
        Wish("tend-service", {"cluster": cluster, "service": "web"}),
        Wish("tend-ecs-cluster", {"cluster": cluster}),
    )


def db_instance_and_cluster(house: House) -> Pair:
    """An instance of a cluster."""
    cluster = a_cluster(house, zones="a")
    found = house.crew.client("rds").describe_db_clusters(DBClusterIdentifier=cluster)
    instance = found["DBClusters"][0]["DBClusterMembers"][0]["DBInstanceIdentifier"]
    return Wish("tend-db-instance", {"instance": instance}), Wish("tend-db-cluster", {"cluster": cluster})


PAIRS = pytest.mark.parametrize("made", [instance_and_group, service_and_cluster, db_instance_and_cluster])
Made = Callable[[House], Pair]


@pytest.fixture
def house(clients: ClientMaker, scripted: Scripted, catalog: Catalog) -> House:
    """A crew with these runbooks."""
    scripted.reset()
    return House.build(clients, scripted, catalog, load(BUDGET), SkippingClock())


def asks(house: House, wish: Wish) -> Answer:
    """Ada asks for it; nothing of it is carried out yet."""
    who = {"actor": ADA, "account": ACCOUNT, "region": REGION}
    return house.crew.dispatcher.person(wish.runbook, wish.parameters, **who, reason="")


def goes_on(house: House, run: str | None) -> str:
    """Carried on until it ends or waits for somebody; which of both."""
    assert run is not None
    return house.crew.engine.drive(run, until=house.crew.installation.clock.now()).status


def ends(house: House, run: str | None) -> dict[str, Any]:
    """Bob lets it end; how it ended."""
    assert run is not None
    decided = decide(house.crew.store, run, by=BOB, approve=True, now=house.crew.installation.clock.now())
    assert decided.callback is not None
    house.crew.engine.answer(decided.callback, decided.value)
    result: dict[str, Any] = house.crew.engine.drive(run).result
    return result


@PAIRS
def test_a_run_on_a_member_is_refused_at_hold_while_one_has_the_group(house: House, made: Made) -> None:
    """Admission knows the resource only. It ends before anything is done, and the next one after the group's may."""
    member, group = made(house)
    first = asks(house, group)
    assert goes_on(house, first.run) == "WAITING"
    second = asks(house, member)
    assert second.kind == "admitted"
    assert goes_on(house, second.run) == "SUCCEEDED"
    closing = house.closing(str(second.run))
    assert (closing["outcome"], closing["gate"]) == ("refused", "lock")
    assert f"{group.runbook} has it (run {first.run})" in closing["words"]
    assert ends(house, first.run)["outcome"] == "succeeded"
    third = asks(house, member)
    assert goes_on(house, third.run) == "WAITING"
    assert ends(house, third.run)["outcome"] == "succeeded"


@PAIRS
def test_a_run_on_a_group_is_not_admitted_while_one_works_on_a_member(house: House, made: Made) -> None:
    """The refusal names the run on the member; after that one, the group's is admitted."""
    member, group = made(house)
    first = asks(house, member)
    assert goes_on(house, first.run) == "WAITING"
    second = asks(house, group)
    assert (second.kind, second.gate) == ("refused", "lock")
    assert f"a runbook on a member of it has it (run {first.run})" in second.words
    assert ends(house, first.run)["outcome"] == "succeeded"
    third = asks(house, group)
    assert goes_on(house, third.run) == "WAITING"
    assert ends(house, third.run)["outcome"] == "succeeded"


def test_services_of_one_name_in_two_clusters_are_two(house: House) -> None:
    """Neither shares anything with the other."""
    member, group = service_and_cluster(house)
    assert goes_on(house, asks(house, group).run) == "WAITING"
    elsewhere = Wish(member.runbook, {**member.parameters, "cluster": f"{group.parameters['cluster']}-other"})
    assert goes_on(house, asks(house, elsewhere).run) == "WAITING"


@pytest.mark.parametrize(
    "gone",
    [
        Wish("tend-service", {"cluster": "exclusion-none", "service": "web"}),
        Wish("tend-ecs-cluster", {"cluster": "exclusion-none"}),
        Wish("tend-db-instance", {"instance": "exclusion-none"}),
    ],
    ids=lambda wish: wish.runbook,
)
def test_around_what_does_not_exist_nothing_is_held(house: House, gone: Wish) -> None:
    """The look-up refuses nothing: the run itself finds out."""
    run = asks(house, gone).run
    assert goes_on(house, run) == "WAITING"
    assert [fact["held"] for fact in house.facts(str(run)) if "held" in fact] == [[]]
