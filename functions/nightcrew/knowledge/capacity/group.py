"""A group whose size can be set, as it is now, and the metrics that say what it needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.wanted import Sizes

_Each = TypeVar("_Each")

HOUR = 3600
"""Seconds: each metric is asked for by the hour."""

NOT_HERE = "it is not in this account and Region, or it is gone"
NOT_READ = "its sizes could not be read"


@dataclass(frozen=True)
class Group:
    """``of`` says what it is made of, instances or tasks; ``serving`` how many serve, ``cpu`` at how many percent.

    Where CloudWatch has nothing of ``serving``, ``fixed`` stands for it, how many are desired now; None where that
    would be no more than a guess, and ``remedy`` says what would give it figures.
    """

    of: str
    sizes: Sizes
    serving: Metric
    cpu: Metric
    fixed: int | None = None
    remedy: str = ""


def batches(items: Sequence[_Each], most: int) -> Iterator[Sequence[_Each]]:
    """As many at a time as one request takes."""
    for begin in range(0, len(items), most):
        yield items[begin : begin + most]


def is_beside(arn: str, resource: str) -> bool:
    """Whether two ARNs are of one account and Region."""
    return arn.split(":", 5)[3:5] == resource.split(":", 5)[3:5]
