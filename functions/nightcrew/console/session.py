"""Who looks at pages: a session, and what each way to sign in has to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from nightcrew.api.people import Person
from nightcrew.console.answers import Answer
from nightcrew.console.asked import Asked


@dataclass(frozen=True)
class Session:
    """``token`` stands in each form of this session, and nowhere else: another site's form cannot have it. ``leave`` is
    where a form ends it, where one can sign out.
    """

    person: Person
    token: str
    leave: str | None = None


class SignIn(Protocol):
    """A way to sign in. ``secure``: pages are served by HTTPS alone."""

    @property
    def secure(self) -> bool: ...

    @property
    def players(self) -> Sequence[str]:
        """In a demo, whom one person may play; empty elsewhere."""

    def session(self, asked: Asked) -> Session | None:
        """Whose request this is; None for nobody known."""

    def answer(self, asked: Asked) -> Answer | None:
        """The sign-in's own pages; None where the path is none of them. Raises BadInput, Refused."""

    def unknown(self, asked: Asked) -> Answer:
        """What somebody sees who has to sign in first."""
