"""ARC routing controls: which of a control panel are on, and where their cluster is asked.

A cluster has five endpoints, one in each of five Regions, and any of them will do; ARC takes them out of service in
turn, and at least three are always up. Sources: ARC developer guide, "Getting and updating routing control states using
the ARC API" and "Best practices for routing control in ARC"; Routing Control API reference.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from nightcrew.aws.arns import ResourceName, partition_of
from nightcrew.aws.calls import Place

HOME = Place("us-west-2")
"""The only Region in which what is configured can be asked: the control plane (API reference, "Welcome")."""

_ENDPOINT = re.compile(r"([a-z]{2}[a-z0-9-]*-[0-9])=(https://[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?(?:/v1)?/?)")
"""Of AWS only: what is sent there is signed."""


def places_in(text: str) -> list[Place] | None:
    """The endpoints in ``us-east-1=https://…/v1,eu-west-1=https://…``; none in an empty text, None where it is another.

    What is repeated counts once.
    """
    found = [_ENDPOINT.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    if None in found:
        return None
    return list(dict.fromkeys(Place(each[1], each[2]) for each in found if each is not None))


def endpoints_of(answer: Any) -> list[list[str]]:
    """Of a DescribeCluster answer: each endpoint as ``[Region, address]``, the same order at every look."""
    return sorted([each["Region"], each["Endpoint"]] for each in answer["Cluster"]["ClusterEndpoints"])


def controls(answer: Any) -> dict[str, Any]:
    """Of a ListRoutingControls answer: ``{"arns": {name: ARN}, "on": {name: bool}, "whole"}``.

    ``whole`` is whether they are all there and no two of them share a name.
    """
    listed = answer["RoutingControls"]
    return {
        "arns": {str(each["RoutingControlName"]): str(each["RoutingControlArn"]) for each in listed},
        "on": {str(each["RoutingControlName"]): each["RoutingControlState"] == "On" for each in listed},
        "whole": not answer.get("NextToken") and len({each["RoutingControlName"] for each in listed}) == len(listed),
    }


def entries(arns: Mapping[str, str], wanted: Mapping[str, bool]) -> list[dict[str, str]]:
    """What UpdateRoutingControlStates wants for these states, by their names."""
    return [
        {"RoutingControlArn": arns[name], "RoutingControlState": "On" if on else "Off"}
        for name, on in sorted(wanted.items())
    ]


def panel_arn(resource: str, panel: str) -> str:
    """The ARN by which ARC knows a control panel: it is in no Region. ``resource`` is the run's."""
    _, _, _, region, account, _ = resource.split(":", 5)
    return f"arn:{partition_of(region)}:route53-recovery-control::{account}:controlpanel/{panel}"


ControlPanelId = Annotated[
    str,
    ResourceName(
        # Control panels are in no Region; the ARN has that of the run all the same, which is where its policy looks.
        # Their tags are not asked for: only the control plane knows them, and that may be what is down.
        "route53-recovery-control",
        "controlpanel/{}",
        pattern=r"[A-Za-z0-9]{1,64}",
        example="0123456bbbbbbb0123456bbbbbb01234",
    ),
]
"""The id of an ARC control panel: the end of its ARN."""
