"""ARC clusters and Region switch in the embedded cloud, which moto alone has none of."""

import pytest
from botocore.exceptions import ClientError

from nightcrew.aws.calls import Place
from nightcrew.aws.cloud import READING, ClientMaker

CONFIG, CLUSTER, SWITCH = "route53-recovery-control-config", "route53-recovery-cluster", "arc-region-switch"


def test_each_endpoint_of_a_cluster_tells_what_one_of_them_was_told(clients: ClientMaker) -> None:
    """A new routing control is off."""
    config = clients(CONFIG, READING)
    made = config.create_cluster(ClusterName="demo")["Cluster"]
    (panel,) = config.list_control_panels(ClusterArn=made["ClusterArn"])["ControlPanels"]
    named = {"ClusterArn": made["ClusterArn"], "ControlPanelArn": panel["ControlPanelArn"]}
    arn = config.create_routing_control(**named, RoutingControlName="a")["RoutingControl"]["RoutingControlArn"]
    places = [Place(each["Region"], each["Endpoint"]) for each in made["ClusterEndpoints"]]
    first, *others = (clients(CLUSTER, READING, place) for place in places)
    (control,) = first.list_routing_controls(ControlPanelArn=panel["ControlPanelArn"])["RoutingControls"]
    assert control["RoutingControlState"] == "Off"
    first.update_routing_control_states(
        UpdateRoutingControlStateEntries=[{"RoutingControlArn": arn, "RoutingControlState": "On"}]
    )
    seen = [each.list_routing_controls(ControlPanelArn=panel["ControlPanelArn"])["RoutingControls"] for each in others]
    assert [each["RoutingControlState"] for (each,) in seen] == ["On"] * 4


def test_of_several_states_all_are_set_or_none(clients: ClientMaker) -> None:
    config = clients(CONFIG, READING)
    made = config.create_cluster(ClusterName="whole")["Cluster"]
    (panel,) = config.list_control_panels(ClusterArn=made["ClusterArn"])["ControlPanels"]
    named = {"ClusterArn": made["ClusterArn"], "ControlPanelArn": panel["ControlPanelArn"]}
    arn = config.create_routing_control(**named, RoutingControlName="a")["RoutingControl"]["RoutingControlArn"]
    place = made["ClusterEndpoints"][0]
    cluster = clients(CLUSTER, READING, Place(place["Region"], place["Endpoint"]))
    wanted = [{"RoutingControlArn": each, "RoutingControlState": "On"} for each in (arn, f"{arn}x")]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cluster.update_routing_control_states(UpdateRoutingControlStateEntries=wanted)
    (control,) = cluster.list_routing_controls(ControlPanelArn=panel["ControlPanelArn"])["RoutingControls"]
    assert control["RoutingControlState"] == "Off"


def test_one_token_starts_one_execution_of_a_plan(clients: ClientMaker) -> None:
    arc = clients(SWITCH, READING)
    plan = arc.create_plan(
        name="demo",
        regions=["eu-west-1", "us-east-1"],
        workflows=[{"workflowTargetAction": "activate", "steps": []}],
        executionRole="arn:aws:iam::123456789012:role/demo",
        recoveryApproach="activePassive",
    )["plan"]["arn"]
    asked = {"planArn": plan, "targetRegion": "us-east-1", "action": "activate", "clientToken": "once"}
    assert len({arc.start_plan_execution(**asked)["executionId"] for _ in range(2)}) == 1
    assert len(arc.list_plan_executions(planArn=plan)["items"]) == 1
    with pytest.raises(ClientError, match="IllegalArgumentException"):
        arc.start_plan_execution(**{**asked, "targetRegion": "eu-north-1"})
