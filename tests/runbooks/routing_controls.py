"""ARC clusters with their routing controls in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nightcrew.aws.calls import Place
from nightcrew.aws.cloud import CHANGING, READING
from tests.house import House

CONFIG, CLUSTER = "route53-recovery-control-config", "route53-recovery-cluster"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Panel:
    """A control panel of a test's own."""

    house: House
    arn: str
    places: tuple[Place, ...]

    @property
    def id(self) -> str:
        """As a run takes it."""
        return self.arn.rsplit("/", 1)[1]

    @property
    def endpoints(self) -> str:
        """As a run takes them."""
        return ",".join(f"{each.region}={each.endpoint}" for each in self.places)

    def listed(self) -> list[dict[str, Any]]:
        """Its routing controls, in the cloud itself."""
        client = self.house.crew.clients(CLUSTER, READING, self.places[0])
        found: list[dict[str, Any]] = client.list_routing_controls(ControlPanelArn=self.arn)["RoutingControls"]
        return found

    def states(self) -> dict[str, str]:
        """What is on and what is off."""
        return {each["RoutingControlName"]: each["RoutingControlState"] for each in self.listed()}

    def set(self, states: Mapping[str, str]) -> None:
        """Somebody turns some on or off."""
        arns = {each["RoutingControlName"]: each["RoutingControlArn"] for each in self.listed()}
        wanted = [{"RoutingControlArn": arns[name], "RoutingControlState": state} for name, state in states.items()]
        client = self.house.crew.clients(CLUSTER, CHANGING, self.places[0])
        client.update_routing_control_states(UpdateRoutingControlStateEntries=wanted)


def a_panel(house: House, **states: str) -> Panel:
    """One whose cells are as given: ``dublin="On", oregon="Off"``."""
    config = house.crew.client(CONFIG)
    made = config.create_cluster(ClusterName=f"cluster-{next(_numbers)}")["Cluster"]
    (panel,) = config.list_control_panels(ClusterArn=made["ClusterArn"])["ControlPanels"]
    found = Panel(
        house,
        panel["ControlPanelArn"],
        tuple(Place(each["Region"], each["Endpoint"]) for each in made["ClusterEndpoints"]),
    )
    for name in states:
        config.create_routing_control(ClusterArn=made["ClusterArn"], ControlPanelArn=found.arn, RoutingControlName=name)
    found.set(states)
    return found
