"""ARC clusters and their routing controls, which moto 5.2.5 lacks, answered as AWS would where nothing goes wrong.

A cluster has five endpoints, one in each of five Regions, and all of them tell the same; safety rules there are none.
Two services: what is configured, in us-west-2 only, and the states, at the endpoints. (Recovery Control Configuration
API reference; Routing Control API reference.)
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.moto_api._internal import mock_random

from nightcrew.demo.completing import with_service

CONFIG, CLUSTER = "route53-recovery-control-config", "route53-recovery-cluster"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")

url_bases = [
    r"https?://route53-recovery-control-config\.(.+)\.amazonaws\.com",
    r"https?://(?:[a-z0-9]+\.)?route53-recovery-cluster\.(.+)\.amazonaws\.com",
]


class RoutingControlBackend(BaseBackend):
    """An account's clusters, control panels and routing controls, by their ARNs."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.clusters: dict[str, dict[str, Any]] = {}
        self.panels: dict[str, dict[str, Any]] = {}
        self.controls: dict[str, dict[str, Any]] = {}

    @property
    def _url_module(self) -> Any:
        # Where moto finds ``url_bases`` and ``url_paths``.
        return sys.modules[__name__]

    def new_arn(self, kind: str) -> str:
        """Of something new: what ARC has is in no Region."""
        return f"arn:aws:route53-recovery-control::{self.account_id}:{kind}/{mock_random.get_random_hex(32)}"


routing_control_backends = BackendDict(
    RoutingControlBackend, CONFIG, use_boto3_regions=False, additional_regions=["aws"]
)


class _Response(BaseResponse):
    @property
    def backend(self) -> RoutingControlBackend:
        """The account's."""
        return routing_control_backends[self.current_account]["aws"]

    def found(self, kept: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        """What a parameter names."""
        arn = self._get_param(name)
        if arn not in kept:
            raise JsonRESTError("ResourceNotFoundException", f"{arn} was not found")
        return kept[arn]


class ConfigResponse(_Response):
    """What is configured."""

    def __init__(self) -> None:
        super().__init__(service_name=CONFIG)

    def create_cluster(self) -> ActionResult:
        """CreateCluster: it comes with a control panel."""
        arn, panel = self.backend.new_arn("cluster"), self.backend.new_arn("controlpanel")
        host = arn[-8:]
        endpoints = [
            {"Region": region, "Endpoint": f"https://{host}.route53-recovery-cluster.{region}.amazonaws.com/v1"}
            for region in REGIONS
        ]
        made = {"ClusterArn": arn, "Name": self._get_param("ClusterName"), "Status": "DEPLOYED"}
        self.backend.clusters[arn] = {**made, "ClusterEndpoints": endpoints}
        default = {"Name": "DefaultControlPanel", "DefaultControlPanel": True, "Status": "DEPLOYED"}
        self.backend.panels[panel] = {"ControlPanelArn": panel, "ClusterArn": arn, **default}
        return ActionResult({"Cluster": self.backend.clusters[arn]})

    def describe_cluster(self) -> ActionResult:
        """DescribeCluster."""
        return ActionResult({"Cluster": self.found(self.backend.clusters, "ClusterArn")})

    def list_control_panels(self) -> ActionResult:
        """ListControlPanels."""
        cluster = self._get_param("ClusterArn")
        panels = [each for each in self.backend.panels.values() if cluster in {None, each["ClusterArn"]}]
        return ActionResult({"ControlPanels": panels})

    def describe_control_panel(self) -> ActionResult:
        """DescribeControlPanel."""
        return ActionResult({"ControlPanel": self.found(self.backend.panels, "ControlPanelArn")})

    def create_routing_control(self) -> ActionResult:
        """CreateRoutingControl: it is off at first."""
        panel = self.found(self.backend.panels, "ControlPanelArn")["ControlPanelArn"]
        arn = f"{panel}/routingcontrol/{mock_random.get_random_hex(16)}"
        named = {"RoutingControlArn": arn, "ControlPanelArn": panel}
        name = self._get_param("RoutingControlName")
        self.backend.controls[arn] = {**named, "RoutingControlName": name, "RoutingControlState": "Off"}
        return ActionResult({"RoutingControl": {**named, "Name": name, "Status": "DEPLOYED"}})


class ClusterResponse(_Response):
    """The states."""

    def __init__(self) -> None:
        super().__init__(service_name=CLUSTER)

    def list_routing_controls(self) -> ActionResult:
        """ListRoutingControls."""
        panel = self.found(self.backend.panels, "ControlPanelArn")["ControlPanelArn"]
        controls = [each for each in self.backend.controls.values() if each["ControlPanelArn"] == panel]
        return ActionResult({"RoutingControls": controls})

    def update_routing_control_states(self) -> ActionResult:
        """UpdateRoutingControlStates: all of them, or none."""
        wanted = self._get_param("UpdateRoutingControlStateEntries")
        if not {each["RoutingControlArn"] for each in wanted} <= set(self.backend.controls):
            raise JsonRESTError("ResourceNotFoundException", "a routing control was not found")
        for each in wanted:
            self.backend.controls[each["RoutingControlArn"]]["RoutingControlState"] = each["RoutingControlState"]
        return ActionResult({})


url_paths = {
    "{0}/cluster$": ConfigResponse.dispatch,
    "{0}/cluster/(?P<ClusterArn>.+)$": ConfigResponse.dispatch,
    "{0}/controlpanels$": ConfigResponse.dispatch,
    "{0}/controlpanel/(?P<ControlPanelArn>.+)$": ConfigResponse.dispatch,
    "{0}/routingcontrol$": ConfigResponse.dispatch,
    "{0}/v1/?$": ClusterResponse.dispatch,
    "{0}/$": ClusterResponse.dispatch,
}


@contextmanager
def whole_routing_controls() -> Iterator[None]:
    """For as long as the block lasts, moto knows ARC clusters."""
    config, cluster = url_bases
    with (
        with_service(CONFIG, routing_control_backends, config),
        with_service(CLUSTER, routing_control_backends, cluster),
    ):
        yield
