"""Load balancers in three zones with their targets in the embedded cloud, and ARC zonal shift, scripted: moto has none.

ARC's answers follow its API reference (StartZonalShift, CancelZonalShift, GetManagedResource, ListZonalShifts).
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House

ZONES = {"eu-west-1a": "euw1-az3", "eu-west-1b": "euw1-az1", "eu-west-1c": "euw1-az2"}
_numbers = itertools.count(1)


@dataclass
class Zonal:
    """A balancer, its targets by zone, and what ARC knows of it. While it is ``stuck`` no weight moves."""

    house: House
    arn: str
    homes: dict[str, str]
    shifts: list[dict[str, Any]] = field(default_factory=list)
    autoshifts: list[dict[str, Any]] = field(default_factory=list)
    stuck: bool = False

    @property
    def balancer(self) -> str:
        """As a run takes it, and as CloudWatch has it."""
        return self.arn.split("loadbalancer/")[1]

    @property
    def active(self) -> list[dict[str, Any]]:
        """The shifts that hold."""
        return [each for each in self.shifts if each["status"] == "ACTIVE"]

    def follow(self) -> "Zonal":
        """Let ARC answer from here on."""
        for operation, answer in (
            ("GetManagedResource", self.managed),
            ("ListZonalShifts", lambda _: {"items": self.active}),
            ("StartZonalShift", self.start),
            ("CancelZonalShift", self.cancel),
        ):
            self.house.scripted.script("arc-zonal-shift", operation, answer)
        return self

    def managed(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        """GetManagedResource."""
        if asked["resourceIdentifier"] != self.arn:
            return Refusal("ResourceNotFoundException", status=404)
        away = {} if self.stuck else {each["awayFrom"]: 0.0 for each in self.active}
        kept = ("zonalShiftId", "resourceIdentifier", "awayFrom", "expiryTime", "startTime", "comment")
        return {
            "arn": self.arn,
            "appliedWeights": dict.fromkeys(ZONES.values(), 1.0) | away,
            "zonalShifts": [{**{key: each[key] for key in kept}, "appliedStatus": "APPLIED"} for each in self.active],
            "autoshifts": self.autoshifts,
        }

    def start(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        """StartZonalShift: one at a time."""
        if self.active:
            return Refusal("ConflictException", status=409)
        times = {"startTime": "2026-11-21T03:00:00Z", "expiryTime": "2026-11-21T05:00:00Z"}
        made = {"zonalShiftId": f"shift-{len(self.shifts)}", "status": "ACTIVE", **times, **asked}
        made.pop("expiresIn")
        self.shifts.append(made)
        return made

    def cancel(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        """CancelZonalShift."""
        found = [each for each in self.active if each["zonalShiftId"] == asked["zonalShiftId"]]
        if not found:
            return Refusal("ConflictException", status=409)
        found[0]["status"] = "CANCELED"
        return found[0]


def a_balancer(house: House, *, each: int = 2, kind: str = "instance") -> Zonal:
    """A balancer of a test's own in three zones, with ``each`` healthy targets in each, in one target group."""
    name = f"web-{next(_numbers)}"
    ec2, elbv2 = house.crew.client("ec2"), house.crew.client("elbv2")
    found = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    subnets = {subnet["AvailabilityZone"]: subnet for subnet in found}
    balancer = elbv2.create_load_balancer(Name=name, Subnets=[subnets[zone]["SubnetId"] for zone in ZONES])
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=found[0]["VpcId"], TargetType=kind)[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": made}]
    )
    homes: dict[str, str] = {}
    for number, zone in enumerate(ZONES):
        if kind == "instance" and each:
            started = ec2.run_instances(ImageId=IMAGE, MinCount=each, MaxCount=each, SubnetId=subnets[zone]["SubnetId"])
            homes |= {instance["InstanceId"]: zone for instance in started["Instances"]}
        else:
            homes |= {f"10.0.{number}.{place}": zone for place in range(each)}
    zonal = Zonal(house, arn, homes).follow()
    healthy(zonal)
    return zonal


def healthy(zonal: Zonal, *ill: str, after: int = 0) -> None:
    """Let the targets of these zones be ill, from so many requests that change something on. Elastic Load Balancing API
    reference, DescribeTargetHealth: only addresses have a zone.
    """

    def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        sick = ill if len(zonal.house.scripted.changes()) >= after else ()
        return {
            "TargetHealthDescriptions": [
                {
                    "Target": {"Id": name, "Port": 80, **({"AvailabilityZone": zone} if "." in name else {})},
                    "TargetHealth": {"State": "unhealthy" if zone in sick else "healthy"},
                }
                for name, zone in zonal.homes.items()
            ]
        }

    zonal.house.scripted.script("elbv2", "DescribeTargetHealth", answer)
