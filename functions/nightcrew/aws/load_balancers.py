"""Load balancers themselves: how they are named, which zones they serve, and where their targets are.

How healthy one target is stands in ``nightcrew.aws.elbv2``. States: Elastic Load Balancing API reference, TargetHealth
and LoadBalancerState.
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_elbv2 = calls("elbv2")
_NO_PART = frozenset({"draining", "unused"})


def only_balancer(answer: Any) -> dict[str, Any]:
    """The one of a DescribeLoadBalancers answer: ``{"arn", "state", "zones"}``, the zones by name."""
    balancers = answer["LoadBalancers"]
    if not balancers:
        raise Unknown("there is no such load balancer")
    found = balancers[0]
    return {
        "arn": found["LoadBalancerArn"],
        "state": found.get("State", {}).get("Code"),
        "zones": sorted(str(zone["ZoneName"]) for zone in found.get("AvailabilityZones", [])),
    }


def target_groups(answer: Any) -> dict[str, str]:
    """The target groups of a DescribeTargetGroups answer: ARN → what its targets are, "instance" or "ip"."""
    found = {str(group["TargetGroupArn"]): str(group.get("TargetType", "instance")) for group in answer["TargetGroups"]}
    return dict(sorted(found.items()))


def targets(answer: Any) -> dict[str, Any]:
    """Who takes part, from a DescribeTargetHealth answer: ``{"healthy": [ids], "ill": [ids], "zones": {id: zone}}``.

    Left out is what is on its way out ("draining") and what nobody asks ("unused"). ``zones`` is of addresses only:
    where an instance is knows EC2. A target with several ports is healthy where one of them is.
    """
    listed = [each for each in answer["TargetHealthDescriptions"] if each["TargetHealth"]["State"] not in _NO_PART]
    healthy = {str(each["Target"]["Id"]) for each in listed if each["TargetHealth"]["State"] == "healthy"}
    zones = {each["Target"]["Id"]: each["Target"].get("AvailabilityZone") for each in listed}
    return {
        "healthy": sorted(healthy),
        "ill": sorted({str(each["Target"]["Id"]) for each in listed} - healthy),
        "zones": {name: zone for name, zone in sorted(zones.items()) if zone},
    }


def _surroundings(answer: Any) -> Surroundings:
    described = answer["TagDescriptions"]
    return Surroundings(tags=tags_of(described[0].get("Tags"))) if described else Surroundings()


LoadBalancer = Annotated[
    str,
    ResourceName(
        "elasticloadbalancing",
        "loadbalancer/{}",
        # As CloudWatch has it in the dimension LoadBalancer: the end of the ARN, from the kind on.
        pattern=r"(?:app|net)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}",
        example="app/checkout/50dc6c495c0c9188",
        lookup=Lookup(
            "elasticloadbalancing:DescribeTags",
            lambda arn: _elbv2.describe_tags(ResourceArns=[arn]),
            _surroundings,
            by_arn=True,
        ),
    ),
]
"""An Application or Network Load Balancer, by the end of its ARN."""
