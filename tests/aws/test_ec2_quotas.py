"""vCPU quotas: which one instance types share, and what AWS's answers say."""

import pytest

from nightcrew.aws.ec2_quotas import most_vcpus, quota_of, quota_value


@pytest.mark.parametrize(
    ("types", "code"),
    [
        (["t3.micro", "m5.large", "c7g.xlarge"], "L-1216C47A"),
        (["im4gn.large", "i4i.large"], "L-1216C47A"),
        (["g5.xlarge"], "L-DB2E81BA"),
        (["p4d.24xlarge"], "L-417A185B"),
        (["m5.large", "g5.xlarge"], None),
        (["u-6tb1.metal"], None),
        (["inf2.xlarge"], None),
        (["mac1.metal"], None),
        ([], None),
    ],
)
def test_types_share_a_quota_by_their_families_or_none_is_known(types: list[str], code: str | None) -> None:
    """An unknown family must not pass as a standard one: ``inf`` is not ``i``, ``mac`` is not ``m``."""
    found = quota_of(types)
    assert (found.code if found else None) == code


def test_the_largest_type_counts() -> None:
    types = [{"InstanceType": "a", "VCpuInfo": {"DefaultVCpus": many}} for many in (2, 8, 4)]
    assert most_vcpus({"InstanceTypes": types}) == 8


def test_a_quota_is_its_value() -> None:
    assert quota_value({"Quota": {"QuotaCode": "L-1216C47A", "Value": 64.0}}) == 64.0
