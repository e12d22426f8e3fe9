"""The cloud of each test of a runbook: nearly empty."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from moto.backends import get_backend

from nightcrew.demo.embedded import ACCOUNT

SERVICES = (
    "application-autoscaling",
    "autoscaling",
    "cloudwatch",
    "ecs",
    "elasticache",
    "elbv2",
    "kinesis",
    "lambda",
    "rds",
    "s3",
)


@pytest.fixture(autouse=True)
def _nearly_empty(cloud: None) -> None:
    """What earlier tests made goes: moto looks through all of it for each answer, which took half of the time."""
    del cloud
    for service in SERVICES:
        for backend in backends(service):
            backend.reset()
    for backend in backends("ec2"):
        if len(backend.reservations) + len(backend.vpcs) > 20:  # takes 2 ms: it makes the default subnets
            backend.reset()


def backends(service: str) -> Iterator[Any]:
    """Those that have been asked for something, in all Regions."""
    of: Callable[[str], Any] = cast(Any, get_backend)  # its types list each service
    yield from list(of(service)[ACCOUNT].values())
