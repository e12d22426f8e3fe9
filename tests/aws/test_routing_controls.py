"""ARC routing controls: answers in AWS's shapes, what is read out of them, and what a run's parameters say."""

from typing import get_args

import pytest

from nightcrew.aws.arns import ResourceName
from nightcrew.aws.calls import Place
from nightcrew.aws.routing_controls import ControlPanelId, controls, endpoints_of, entries, panel_arn, places_in

ONE, OTHER = "https://aaaaaaaa.route53-recovery-cluster.us-east-1.amazonaws.com/v1", "https://b.amazonaws.com/v1"


def test_endpoints_are_read_from_a_text_once_each() -> None:
    text = f"us-east-1={ONE}, eu-west-1={OTHER},us-east-1={ONE}"
    assert places_in(text) == [Place("us-east-1", ONE), Place("eu-west-1", OTHER)]
    assert places_in("") == []


@pytest.mark.parametrize(
    "text", [ONE, f"Dublin={ONE}", "eu-west-1=http://b.amazonaws.com", "eu-west-1=https://amazonaws.com.example.org/v1"]
)
def test_what_is_no_endpoint_of_aws_is_none(text: str) -> None:
    """What is sent there is signed."""
    assert places_in(text) is None


def test_a_clusters_endpoints_come_in_the_same_order_at_every_look() -> None:
    listed = [{"Region": "us-east-1", "Endpoint": ONE}, {"Region": "eu-west-1", "Endpoint": OTHER}]
    assert endpoints_of({"Cluster": {"ClusterEndpoints": listed}}) == [["eu-west-1", OTHER], ["us-east-1", ONE]]


def control(name: str, state: str) -> dict[str, str]:
    """As ListRoutingControls has it."""
    return {"RoutingControlName": name, "RoutingControlArn": f"arn:{name}", "RoutingControlState": state}


def test_controls_are_told_by_their_names() -> None:
    found = controls({"RoutingControls": [control("a", "On"), control("b", "Off")]})
    assert found == {"arns": {"a": "arn:a", "b": "arn:b"}, "on": {"a": True, "b": False}, "whole": True}
    assert entries(found["arns"], {"b": True}) == [{"RoutingControlArn": "arn:b", "RoutingControlState": "On"}]


def test_names_that_are_not_unique_or_another_page_are_no_whole() -> None:
    assert not controls({"RoutingControls": [control("a", "On"), control("a", "Off")]})["whole"]
    assert not controls({"RoutingControls": [control("a", "On")], "NextToken": "more"})["whole"]


def test_a_control_panel_is_in_no_region_for_arc() -> None:
    """For Nightcrew it is where the run is."""
    marker = get_args(ControlPanelId)[1]
    assert isinstance(marker, ResourceName)
    resource = marker.arn("0123", account="123456789012", region="eu-west-1")
    assert panel_arn(resource, "0123") == "arn:aws:route53-recovery-control::123456789012:controlpanel/0123"
    chinese = marker.arn("0123", account="123456789012", region="cn-north-1")
    assert panel_arn(chinese, "0123").startswith("arn:aws-cn:")
