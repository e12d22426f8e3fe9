"""ARC zonal shift, which moto 5.2.5 lacks, answered as AWS would where nothing goes wrong.

Every load balancer has it turned on, traffic leaves at once, and no shift expires. It is found by moto like one of its
own backends: by the URLs below. (ARC zonal shift API reference.)
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from nightcrew.clock import SystemClock
from nightcrew.demo.completing import with_service

SERVICE = "arc-zonal-shift"

url_bases = [r"https?://arc-zonal-shift\.(.+)\.(?:amazonaws\.com|api\.aws)"]


class ZonalShiftBackend(BaseBackend):
    """The shifts of an account in a Region, the newest last."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.shifts: list[dict[str, Any]] = []

    @property
    def _url_module(self) -> Any:
        # Where moto finds ``url_bases`` and ``url_paths``.
        return sys.modules[__name__]

    def active(self, arn: str | None) -> list[dict[str, Any]]:
        """Those that hold, of one resource or of all."""
        return [
            each for each in self.shifts if each["status"] == "ACTIVE" and arn in {None, each["resourceIdentifier"]}
        ]

    def zones(self, arn: str) -> list[str]:
        """The ids of the zones that a load balancer serves."""
        balancer = elbv2_backends[self.account_id][self.region_name].load_balancers.get(arn)
        if balancer is None:
            raise JsonRESTError("ResourceNotFoundException", f"no managed resource {arn}")
        return sorted({str(each.availability_zone_id) for each in balancer.subnets})


zonal_shift_backends = BackendDict(ZonalShiftBackend, SERVICE)


class ZonalShiftResponse(BaseResponse):
    """Its operations."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> ZonalShiftBackend:
        """The account's, in the Region that is asked."""
        return zonal_shift_backends[self.current_account][self.region]

    def get_managed_resource(self) -> ActionResult:
        """GetManagedResource."""
        arn = self._get_param("resourceIdentifier")
        shifts = [{**each, "appliedStatus": "APPLIED"} for each in self.backend.active(arn)]
        away = {each["awayFrom"] for each in shifts}
        weights = {zone: 0.0 if zone in away else 1.0 for zone in self.backend.zones(arn)}
        return ActionResult({"arn": arn, "appliedWeights": weights, "zonalShifts": shifts, "autoshifts": []})

    def list_zonal_shifts(self) -> ActionResult:
        """ListZonalShifts."""
        return ActionResult({"items": self.backend.active(self._get_param("resourceIdentifier"))})

    def start_zonal_shift(self) -> ActionResult:
        """StartZonalShift: one at a time."""
        arn = self._get_param("resourceIdentifier")
        if self.backend.active(arn):
            raise JsonRESTError("ConflictException", f"a shift holds already for {arn}")
        given = {name: self._get_param(name) for name in ("resourceIdentifier", "awayFrom", "comment")}
        now = SystemClock().now()
        made = {
            "zonalShiftId": str(mock_random.uuid4()),
            "startTime": now,
            "expiryTime": now,
            "status": "ACTIVE",
            **given,
        }
        self.backend.shifts.append(made)
        return ActionResult(made)

    def cancel_zonal_shift(self) -> ActionResult:
        """CancelZonalShift."""
        wanted = self._get_param("zonalShiftId")
        found = next((each for each in self.backend.active(None) if each["zonalShiftId"] == wanted), None)
        if found is None:
            raise JsonRESTError("ConflictException", f"{wanted} is not active")
        found["status"] = "CANCELED"
        return ActionResult(found)


url_paths = {
    "{0}/managedresources/(?P<resourceIdentifier>.+)$": ZonalShiftResponse.dispatch,
    "{0}/zonalshifts/?$": ZonalShiftResponse.dispatch,
    "{0}/zonalshifts/(?P<zonalShiftId>[^/]+)$": ZonalShiftResponse.dispatch,
}


@contextmanager
def whole_zonal_shifts() -> Iterator[None]:
    """For as long as the block lasts, moto knows zonal shifts."""
    with with_service(SERVICE, zonal_shift_backends, url_bases[0]):
        yield
