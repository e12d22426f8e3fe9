"""A control panel with two cells, one of which is ill, and a person who sends everybody to the other.

moto knows no ARC cluster: the embedded cloud's says at once what it was told, at each of its endpoints.
"""

from typing import Any

from nightcrew.aws.cloud import READING
from nightcrew.demo.embedded import clients_of
from tests.kill.scenario import Arranging, Scenario, Start

CELLS = ("dublin", "oregon")


def arrange(cloud: Arranging) -> Start:
    config = cloud.client("route53-recovery-control-config")
    made = config.create_cluster(ClusterName="shop")["Cluster"]
    panel = _panel(cloud)
    arns = [
        config.create_routing_control(ClusterArn=made["ClusterArn"], ControlPanelArn=panel, RoutingControlName=name)
        for name in CELLS
    ]
    first = arns[0]["RoutingControl"]["RoutingControlArn"]
    _cluster(cloud).update_routing_control_states(
        UpdateRoutingControlStateEntries=[{"RoutingControlArn": first, "RoutingControlState": "On"}]
    )
    endpoints = ",".join(f"{each['Region']}={each['Endpoint']}" for each in made["ClusterEndpoints"])
    given = {"panel": panel.rsplit("/", 1)[1], "off": CELLS[0], "on": CELLS[1], "endpoints": endpoints}
    return Start(parameters=given)


def _panel(cloud: Arranging) -> str:
    (panel,) = cloud.client("route53-recovery-control-config").list_control_panels()["ControlPanels"]
    return str(panel["ControlPanelArn"])


def _cluster(cloud: Arranging) -> Any:
    here = cloud.client("route53-recovery-control-config").meta.endpoint_url
    return clients_of(here)("route53-recovery-cluster", READING)


def afterwards(cloud: Arranging) -> Any:
    found = _cluster(cloud).list_routing_controls(ControlPanelArn=_panel(cloud))["RoutingControls"]
    return {each["RoutingControlName"]: each["RoutingControlState"] for each in found}


SCENARIO = Scenario("set-routing-control", arrange, afterwards, "succeeded")
