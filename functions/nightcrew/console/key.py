"""Signing in on loopback: the address that the terminal prints has a key, and who has it is who started the console.

Another user of this machine can reach the port, and so can a page in this browser: the one has no key, the other no
cookie of ours (its requests are from another site), and neither has the host's name right (DNS rebinding).
"""

import hmac
import secrets
from collections.abc import Callable, Collection, Sequence

from nightcrew.api.people import Person, Right
from nightcrew.console.answers import Answer, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.security import check
from nightcrew.console.session import Session
from nightcrew.errors import BadInput

ENTER, PLAY = "/console/enter", "/console/play"


class KeySignIn:
    """``hosts`` are what the browser may call us: ``127.0.0.1:8321``. ``actor`` is the caller's ARN. In a demo one
    person plays several ``players``; ``arn`` gives their ARN.
    """

    secure = False

    def __init__(
        self,
        actor: str,
        hosts: Collection[str],
        *,
        players: Sequence[str] = (),
        arn: Callable[[str], str] = str,
    ) -> None:
        self._actor, self._hosts, self._arn = actor, frozenset(hosts), arn
        self.players = tuple(players)
        self.key, self._value, self._token = (secrets.token_urlsafe(32) for _ in range(3))
        # A browser keeps cookies by host without the port: two consoles would take each other's.
        self._cookie = f"nightcrew-{min(hosts, default='').rpartition(':')[2]}"
        self._playing: str | None = None
        self._once: set[str] = set()

    def once(self) -> str:
        """A key that lets in one time: for a browser that is started with it, since others on this machine can read
        what a process was started with.
        """
        key = secrets.token_urlsafe(32)
        self._once.add(key)
        return key

    def session(self, asked: Asked) -> Session | None:
        """Whoever has the cookie. Raises BadInput for a host that is not ours."""
        if asked.headers.get("host", "") not in self._hosts:
            raise BadInput("host", asked.headers.get("host", "")[:100], f"one of {', '.join(sorted(self._hosts))}")
        given = asked.cookies.get(self._cookie, "")
        if not hmac.compare_digest(given.encode(), self._value.encode()):
            return None
        actor = self._arn(self._playing) if self._playing is not None else self._actor
        return Session(Person(actor, frozenset(Right)), self._token)

    def answer(self, asked: Asked) -> Answer | None:
        """The way in, by the address that was printed; and who is played."""
        if asked.path == ENTER and asked.method == "GET":
            return self._enter(asked)
        if asked.path == PLAY and asked.method == "POST" and self.players:
            return self._play(asked)
        return None

    def unknown(self, asked: Asked) -> Answer:
        """Where the way in is."""
        del asked
        return Page("enter", "Sign in", status=401)

    def _enter(self, asked: Asked) -> Answer:
        given = asked.wanted("key") or ""
        spent = [key for key in self._once if hmac.compare_digest(given.encode(), key.encode())]
        if not spent and not hmac.compare_digest(given.encode(), self.key.encode()):
            return self.unknown(asked)
        self._once.difference_update(spent)
        cookie = f"{self._cookie}={self._value}; Path=/console; HttpOnly; SameSite=Strict"
        return GoTo("/console", cookies=(cookie,))

    def _play(self, asked: Asked) -> Answer:
        session = self.session(asked)
        if session is None:
            return self.unknown(asked)
        check(asked, session)
        name = asked.given("player")
        if name is not None and name not in self.players:
            raise BadInput("player", name, f"one of {', '.join(self.players)}, or nobody")
        self._playing = name
        return GoTo("/console", said="plays")
