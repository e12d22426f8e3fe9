"""The way in on loopback: an address with a key, and one for a browser that is started with it."""

from nightcrew.console.key import KeySignIn
from tests.console.conftest import ADA
from tests.console.reader import HOST, Newsroom, Reader


def test_a_browsers_own_key_lets_in_one_time(room: Newsroom) -> None:
    """Others on the machine can read what the browser was started with: by then it opens nothing."""
    sign_in = KeySignIn(ADA, [HOST])
    console, key = room.console(sign_in), sign_in.once()
    assert Reader(console).open("/console/enter", key=key).status == 200
    assert Reader(console).open("/console/enter", key=key).status == 401


def test_the_printed_key_stays_good(room: Newsroom) -> None:
    """A person may open the address again, in another browser, too."""
    sign_in = KeySignIn(ADA, [HOST])
    console = room.console(sign_in)
    sign_in.once()
    for _ in range(2):
        assert Reader(console).open("/console/enter", key=sign_in.key).status == 200


def test_no_key_is_no_key(room: Newsroom) -> None:
    """An empty one, and one with letters that no key has."""
    sign_in = KeySignIn(ADA, [HOST])
    sign_in.once()
    for key in ("", "ключ"):
        assert Reader(room.console(sign_in)).open("/console/enter", key=key).status == 401
