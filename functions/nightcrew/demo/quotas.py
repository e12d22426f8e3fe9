"""What moto lacks about quotas: moto 5.2.5 knows those of VPC only, and none that was asked for.

The account may run 1,152 vCPUs of each class of instances, and has asked for nothing more.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend
from moto.servicequotas.responses import ServiceQuotasResponse

from nightcrew.aws.ec2_quotas import VCPU_QUOTAS
from nightcrew.demo.completing import with_methods

VCPUS = 1152.0


@contextmanager
def whole_quotas() -> Iterator[None]:
    """For as long as the block lasts, moto knows how many vCPUs an account may run, and lists these quotas."""
    ordinary = ServiceQuotasBackend.get_service_quota

    def quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if service_code != "ec2":
            return ordinary(self, service_code, quota_code)
        return _quota(quota_code)

    listings = {"list_service_quotas": _applied, "list_requested_service_quota_change_history": _requested}
    with ExitStack() as stack:
        stack.enter_context(patch.object(ServiceQuotasBackend, "get_service_quota", quota))
        stack.enter_context(with_methods(ServiceQuotasResponse, listings))
        yield


def _quota(code: str) -> dict[str, Any]:
    return {"ServiceCode": "ec2", "QuotaCode": code, "Value": VCPUS, "Unit": "None", "GlobalQuota": False}


def _applied(self: ServiceQuotasResponse) -> ActionResult:
    if self._get_param("ServiceCode") != "ec2":
        raise NoSuchResource
    listed = [
        {
            **_quota(each.code),
            "QuotaName": f"Running On-Demand {each.kind.partition('/')[0]} instances",
            "Adjustable": True,
            "UsageMetric": {
                "MetricNamespace": "AWS/Usage",
                "MetricName": "ResourceCount",
                "MetricDimensions": {"Service": "EC2", "Type": "Resource", "Resource": "vCPU", "Class": each.kind},
                "MetricStatisticRecommendation": "Maximum",
            },
        }
        for each in VCPU_QUOTAS
    ]
    return ActionResult({"Quotas": listed})


def _requested(self: ServiceQuotasResponse) -> ActionResult:
    del self
    return ActionResult({"RequestedQuotas": []})
