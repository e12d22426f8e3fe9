"""The two runs that measures 3 and 4 count: an EC2 restart by an alarm, without a group and with one.

The packaged runbook leaves an instance alone that an Auto Scaling group owns, so a run of it holds no group. What a
group costs shows with the same function, on instances whose look-up always finds one.
"""

from dataclasses import replace
from functools import cache, cached_property
from typing import NamedTuple

from bench.deployed import Taken, deployment
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.form import Form
from nightcrew.aws.arns import ResourceName, Surroundings

NAME = "restart-ec2-instance"
GROUP = "autoscaling:autoScalingGroup:*:autoScalingGroupName/web"


class Restarts(NamedTuple):
    """Both, as they were counted."""

    alone: Taken
    grouped: Taken


@cache
def restarts() -> Restarts:
    """Carry both out, once in this process: they are counted, and come out the same each time."""
    packaged = Catalog.load()[NAME]
    grouped = replace(packaged, form=_Grouped(packaged.function))
    with deployment() as deployed:
        return Restarts(deployed.restart(Catalog([packaged])), deployed.restart(Catalog([grouped])))


class _Grouped(Form):
    """The form of the function, whose resource's surroundings are one group."""

    @cached_property
    def resources(self) -> dict[str, ResourceName]:
        found = dict(super().resources)
        instance = found["instance_id"]
        if instance.lookup is None:
            raise LookupError("an instance's surroundings are looked up: nothing is counted without")
        lookup = replace(instance.lookup, read=lambda _: Surroundings((GROUP,)))
        return {**found, "instance_id": replace(instance, lookup=lookup)}
