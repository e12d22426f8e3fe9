"""Commands typed with ``--url``, by people whom the gateway knows."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cli.deployed import Deployed
from tests.cli.desk import Seen, typed
from tests.cli.gateway import Gateway

RUNBOOK = "restart-ec2-instance"

Person = Callable[[str], dict[str, Any]]


@pytest.fixture
def person(deployed: Deployed, gateway: Gateway) -> Person:
    """Somebody of that name, with credentials of their own."""

    def made(name: str) -> dict[str, Any]:
        keys = {"AWS_ACCESS_KEY_ID": f"AKIA{name.upper()}", "AWS_SECRET_ACCESS_KEY": f"of {name}"}
        return gateway.knows({**deployed.environment, **keys}, f"arn:aws:iam::123456789012:user/{name}")

    return made


def asked(gateway: Gateway, person: Mapping[str, Any], *words: str, code: int = 0, **more: Any) -> Seen:
    """A command of somebody's, which must end so."""
    seen = typed("--url", gateway.url, *words, **{**person, **more})
    assert seen.code == code, (seen.out, seen.err)
    return seen


def started(gateway: Gateway, person: Mapping[str, Any], deployed: Deployed, *more: str, code: int = 0) -> Seen:
    """A run by hand, on an instance of its own."""
    instance = deployed.demo.instance()
    return asked(gateway, person, "run", RUNBOOK, "--instance-id", instance, "--reason", "hangs", *more, code=code)
