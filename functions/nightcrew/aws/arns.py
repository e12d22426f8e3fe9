"""Parameter types that name an AWS resource: what is allowed, the ARN that it builds, and what contains it.

A run's resource is its first parameter of such a type. Plain ``Annotated`` markers, so that importing the catalog loads
neither pydantic nor a service's model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, get_args

from nightcrew.aws.calls import Call

DRILL = "/drill"
"""How the ARN ends that a restore drill holds instead of the resource that it drills: it only reads that one's backups,
so it must hold up no remediation, and nothing that a remediation counts (cool-down, chain) may come from it.
"""

_NO_REGION = ("rds:global-cluster:",)
"""What spans Regions: clusters in two Regions share this one group (Service Authorization Reference, Amazon RDS)."""


@dataclass(frozen=True)
class Surroundings:
    """What contains a resource (names of groups, as ARN paths like ``autoscaling:autoScalingGroup/web``), and its
    tags.
    """

    groups: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lookup:
    """How the surroundings of a resource are read, once, when a run takes hold of it.

    ``call`` gets the resource's name, or with ``by_arn`` its ARN. An answer may be a page of several: ``more`` is the
    member in which it says so, and by which the next request asks for the next page.
    """

    action: str
    call: Callable[[str], Call]
    read: Callable[[Any], Surroundings]
    by_arn: bool = False
    more: str | None = None


@dataclass(frozen=True)
class ResourceName:
    """Marks a text parameter as the name of a resource.

    ``path`` is the resource part of its ARN with ``{}`` for the name; ``pattern`` is what the whole name must match;
    ``example`` is shown to people. A name that is one's own only within something else has the parameter that names
    that one in its path, too: ``service/{cluster}/{}``.
    """

    service: str
    path: str
    pattern: str
    example: str
    lookup: Lookup | None = None

    @property
    def within(self) -> tuple[str, ...]:
        """The parameters whose values its ARN needs besides the name: ``("cluster",)`` of a service."""
        return tuple(field for _, field, _, _ in Formatter().parse(self.path) if field)

    @property
    def kind(self) -> str:
        """What kind of resource it names, as the beginning of its ARN without the places: ``ec2:instance/``. Empty
        where a value may name any kind.
        """
        return f"{self.service}:{self.path.partition('{')[0].partition('*')[0]}" if "{}" in self.path else ""

    def arn(self, value: str, *, account: str, region: str, others: Mapping[str, Any] | None = None) -> str:
        """The ARN of ``value``, with ``others`` for what it is within; the partition follows from the Region."""
        path = self.path.format(value, **{name: (others or {})[name] for name in self.within})
        return f"arn:{partition_of(region)}:{self.service}:{region}:{account}:{path}"


@dataclass(frozen=True)
class Drilled(ResourceName):
    """The name of a resource that is drilled. Its ARN is the drill's own; of what contains it nothing is held."""

    of: ResourceName | None = None

    @classmethod
    def from_type(cls, kind: Any, *, tags: bool = True) -> "Drilled":
        """From a parameter type like ``TableName``; with a look at the ``tags`` of what is drilled."""
        of = next(each for each in get_args(kind) if isinstance(each, ResourceName))
        look = of.lookup if tags else None
        only_tags = look and Lookup(
            look.action,
            lambda name: look.call(drilled(name)),
            lambda answer: Surroundings(tags=look.read(answer).tags),
            look.by_arn,
            look.more,
        )
        return cls(of.service, of.path, of.pattern, of.example, only_tags, of)

    def arn(self, value: str, *, account: str, region: str, others: Mapping[str, Any] | None = None) -> str:
        """The ARN that a drill of ``value`` holds."""
        made = self.of.arn(value, account=account, region=region, others=others) if self.of else value
        return made + DRILL


def drilled(arn: str) -> str:
    """The ARN of what is drilled, of the one that the drill holds; any other is left as it is."""
    return arn.removesuffix(DRILL)


def partition_of(region: str) -> str:
    """``aws``, ``aws-cn`` or ``aws-us-gov``, by the Region's name."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def beside(arn: str, service: str, path: str) -> str:
    """The ARN of another resource in the account and Region of ``arn``; a global cluster is in no Region."""
    _, partition, _, region, account, _ = arn.split(":", 5)
    where = "" if f"{service}:{path}".startswith(_NO_REGION) else region
    return f"arn:{partition}:{service}:{where}:{account}:{path}"
