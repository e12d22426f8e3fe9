"""What moto lacks about quotas: moto 5.2.5 knows those of VPC only. The account may run 1,152 vCPUs of each class."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.servicequotas.models import ServiceQuotasBackend

VCPUS = 1152.0


@contextmanager
def whole_quotas() -> Iterator[None]:
    """For as long as the block lasts, moto knows how many vCPUs an account may run."""
    ordinary = ServiceQuotasBackend.get_service_quota

    def quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if service_code != "ec2":
            return ordinary(self, service_code, quota_code)
        return {"ServiceCode": "ec2", "QuotaCode": quota_code, "Value": VCPUS, "Unit": "None", "GlobalQuota": False}

    with patch.object(ServiceQuotasBackend, "get_service_quota", quota):
        yield
