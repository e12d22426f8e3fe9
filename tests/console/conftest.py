"""A console over an installation, and somebody at a browser who is signed in there."""

from pathlib import Path

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.console.key import KeySignIn
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.demo.house import House
from nightcrew.demo.scripted import Scripted
from tests.api.conftest import ASKS, instance
from tests.console.past import ADA
from tests.console.reader import HOST, Newsroom, Reader

__all__ = ["ADA", "instance"]


@pytest.fixture
def room(house: House, tmp_path: Path) -> Newsroom:
    """One under whose policy everything runs."""
    return Newsroom.of(house, tmp_path)


@pytest.fixture
def careful(clients: ClientMaker, scripted: Scripted, catalog: Catalog, tmp_path: Path) -> Newsroom:
    """One under whose policy a restart waits for an approval."""
    scripted.reset()
    return Newsroom.of(House.build(clients, scripted, catalog, load(ASKS), SkippingClock()), tmp_path)


def signed_in(room: Newsroom, actor: str = ADA, players: tuple[str, ...] = ("bob",)) -> Reader:
    """Somebody who opened the address that the terminal printed."""
    sign_in = KeySignIn(actor, [HOST], players=players, arn=lambda name: f"arn:aws:iam::{ACCOUNT}:user/{name}")
    reader = Reader(room.console(sign_in))
    assert reader.open("/console/enter", key=sign_in.key).status == 200
    return reader


@pytest.fixture
def reader(room: Newsroom) -> Reader:
    """Ada, where everything runs."""
    return signed_in(room)


@pytest.fixture
def careful_reader(careful: Newsroom) -> Reader:
    """Ada, where a restart waits for an approval."""
    return signed_in(careful)
