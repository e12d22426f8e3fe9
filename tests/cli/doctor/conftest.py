"""A stack that is well, whatever was broken before."""

from collections.abc import Iterator

import pytest

from nightcrew.aws.cloud import ClientMaker
from nightcrew.demo.scripted import Scripted
from tests.cli.clinic import Clinic, healthy


@pytest.fixture(scope="session")
def made(clients: ClientMaker, scripted: Scripted) -> Clinic:
    """One stack for all that is broken here, one piece after the other."""
    return healthy(clients, scripted)


@pytest.fixture
def clinic(made: Clinic) -> Iterator[Clinic]:
    """It, and it is well."""
    made.well()
    yield made
    made.scripted.reset()
