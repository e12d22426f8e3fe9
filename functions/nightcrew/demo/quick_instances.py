"""How moto looks for an instance: it copies all reservations there are by Python's own detour, and to start one it asks
hundreds of offers of instance types by a function that is made for each.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.ec2.models.instance_types import InstanceTypeOfferingBackend
from moto.ec2.models.instances import InstanceBackend, Reservation
from moto.ec2.utils import filter_reservations


@contextmanager
def quick_instances() -> Iterator[None]:
    """For as long as the block lasts, instances are found sooner."""
    offers = InstanceTypeOfferingBackend.matches_filters
    with ExitStack() as stack:
        stack.enter_context(patch.object(InstanceBackend, "all_reservations", _all_reservations))
        stack.enter_context(patch.object(InstanceTypeOfferingBackend, "matches_filters", _matching(offers)))
        yield


def _all_reservations(self: InstanceBackend, filters: Any = None) -> list[Reservation]:
    """Copies, since who asks takes instances out of them."""
    copies = [_copy(each) for each in self.reservations.copy().values()]
    return copies if filters is None else filter_reservations(copies, filters)


def _copy(reservation: Reservation) -> Reservation:
    made = Reservation.__new__(Reservation)
    vars(made).update(vars(reservation))
    return made


def _matching(ordinary: Callable[..., bool]) -> Callable[..., bool]:
    def matches(self: InstanceTypeOfferingBackend, offer: dict[str, Any], filters: Any, location_type: str) -> bool:
        if len(filters) == 1 and "instance-type" in filters:
            return offer.get("InstanceType") in filters["instance-type"]
        return ordinary(self, offer, filters, location_type)

    return matches
