"""What each rescued resource would need for good: its sizes now, and what its own hours would want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.knowledge.capacity import auto_scaling, figures, services
from nightcrew.knowledge.capacity.figures import Metric, Points
from nightcrew.knowledge.capacity.group import Group
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.rescued import Rescued
from nightcrew.knowledge.capacity.wanted import ENOUGH, TARGET, Hour, Sizes, Wanted, wanted

PERMISSIONS = (*auto_scaling.PERMISSIONS, *services.PERMISSIONS, *figures.PERMISSIONS)

OTHERS = "figures are of Auto Scaling groups and ECS services only"


@dataclass(frozen=True)
class Need:
    """A rescued resource. Without ``wanted``, ``why`` says why there is no figure. ``assumed``: how many served is not
    known hour by hour, and was taken to be what is desired now.
    """

    rescued: Rescued
    of: str = "instance"
    sizes: Sizes | None = None
    wanted: Wanted | None = None
    assumed: bool = False
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "resource": self.rescued.resource,
            "times": self.rescued.times,
            "put_back": self.rescued.put_back,
            "of": self.of if self.sizes else None,
            "sizes": self.sizes.to_dict() if self.sizes else None,
            "wanted": self.wanted.to_dict() if self.wanted else None,
            "assumed": self.assumed,
            "why": self.why,
        }


def needs(
    cloud: Cloud,
    found: Sequence[Rescued],
    begin: datetime,
    end: datetime,
    lacking: Lacking,
    target: float = TARGET,
) -> list[Need]:
    """Of each of these, by its hours from ``begin`` to ``end``. One request for fifty groups, two for ten services of a
    cluster, and one for the metrics of 250.
    """
    resources = [each.resource for each in found]
    told: dict[str, Group | str] = {
        **auto_scaling.auto_scaling_groups(cloud, resources, lacking),
        **services.services(cloud, resources, lacking),
    }
    metrics = [metric for each in told.values() if isinstance(each, Group) for metric in (each.serving, each.cpu)]
    points = lacking.tried("metrics of groups", lambda: figures.figures(cloud, metrics, begin, end), None)
    return [_need(each, told.get(each.resource, OTHERS), points, target) for each in found]


def _need(rescued: Rescued, group: Group | str, points: Mapping[Metric, Points] | None, target: float) -> Need:
    if isinstance(group, str):
        return Need(rescued, why=group)
    if points is None:
        return Need(rescued, group.of, group.sizes, why="its metrics could not be read")
    serving, cpu = points[group.serving], points[group.cpu]
    assumed = not serving and group.fixed is not None
    if assumed:
        serving = dict.fromkeys(cpu, float(group.fixed or 0))
    hours = [Hour(serving[at], percent) for at, percent in sorted(cpu.items()) if at in serving]
    made = wanted(hours, group.sizes, target)
    why = "" if made else _why_not(group, serving, cpu, len(hours))
    return Need(rescued, group.of, group.sizes, made, assumed=assumed and bool(made), why=why)


def _why_not(group: Group, serving: Points, cpu: Points, hours: int) -> str:
    if not cpu:
        return f"CloudWatch has no {group.cpu.name} of it"
    if not serving:
        return f"CloudWatch has no {group.serving.name} of it: {group.remedy}"
    return f"{hours} hours have figures, and {ENOUGH} are the least to go by"
