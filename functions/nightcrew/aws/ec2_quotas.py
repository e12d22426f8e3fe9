"""How many vCPUs of On-Demand Instances an account may run, by the families of instance types.

Sources: EC2 user guide, "Amazon EC2 instance type quotas"; CloudWatch user guide, "AWS usage metrics": the vCPUs in
use are ``AWS/Usage ResourceCount``, each five minutes or less.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloudwatch import lately

_quotas = calls("service-quotas")
_ec2 = calls("ec2")


@dataclass(frozen=True)
class VcpuQuota:
    """One quota: its code in Service Quotas, its class in ``AWS/Usage``, and the families whose instances share it."""

    code: str
    kind: str
    families: tuple[str, ...]


VCPU_QUOTAS = (
    VcpuQuota("L-1216C47A", "Standard/OnDemand", ("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z")),
    VcpuQuota("L-DB2E81BA", "G/OnDemand", ("g", "gr", "vt")),
    VcpuQuota("L-417A185B", "P/OnDemand", ("p",)),
    VcpuQuota("L-7295265B", "X/OnDemand", ("x",)),
)


def quota_of(types: Iterable[str]) -> VcpuQuota | None:
    """The quota that all these types share: of ``["m5.large", "t3.micro"]`` the standard one. None where they share
    none, or it is not known here.
    """
    families = {re.split(r"[^a-z]", each, maxsplit=1)[0] for each in types}
    return next((quota for quota in VCPU_QUOTAS if families and families <= set(quota.families)), None)


def allowed(code: str) -> Call:
    """The read of how many vCPUs the account may run; ``quota_value`` picks it."""
    return _quotas.get_service_quota(ServiceCode="ec2", QuotaCode=code)


def quota_value(answer: Any) -> float:
    """The value of a GetServiceQuota answer."""
    return float(answer["Quota"]["Value"])


def in_use(kind: str, now: datetime) -> Call:
    """The read of how many vCPUs of that class run; ``cloudwatch.latest`` picks it."""
    usage = {"Service": "EC2", "Type": "Resource", "Resource": "vCPU", "Class": kind}
    return lately("ResourceCount", usage, now, namespace="AWS/Usage")


def sizes(types: list[str]) -> Call:
    """The read of how large these types are; ``most_vcpus`` picks the largest."""
    return _ec2.describe_instance_types(InstanceTypes=types)


def most_vcpus(answer: Any) -> int:
    """The vCPUs of the largest type of a DescribeInstanceTypes answer."""
    return max(int(each["VCpuInfo"]["DefaultVCpus"]) for each in answer["InstanceTypes"])
