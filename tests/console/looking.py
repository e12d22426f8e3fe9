"""Somebody at a browser who may look, and nothing else."""

from dataclasses import replace

from nightcrew.api.people import Person, Right
from nightcrew.console.asked import Asked
from nightcrew.console.key import KeySignIn
from nightcrew.console.session import Session
from nightcrew.demo.embedded import ACCOUNT
from tests.console.reader import HOST, Newsroom, Reader

VERA = f"arn:aws:iam::{ACCOUNT}:user/vera"


class _Looks(KeySignIn):
    """Lets in as the other does, to look."""

    def session(self, asked: Asked) -> Session | None:
        found = super().session(asked)
        return replace(found, person=Person(found.person.actor, frozenset({Right.VIEW}))) if found else None


def looking(room: Newsroom) -> Reader:
    """A viewer."""
    sign_in = _Looks(VERA, [HOST])
    reader = Reader(room.console(sign_in))
    assert reader.open("/console/enter", key=sign_in.key).status == 200
    return reader
