"""Signing in where the console is deployed: by the issuer, and by nothing else. IAM identities open no page.

API Gateway lets requests for pages through unasked: its JWT authorizer reads a header that browsers do not send with a
link, and no cookie. So each page is behind ``session``, which ``Console`` asks before it looks for a view.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from nightcrew.clock import Clock
from nightcrew.console import static_files
from nightcrew.console.answers import Answer, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.oidc.attempt import HOME, Attempt, local, too_many
from nightcrew.console.oidc.failed import IssuerTrouble, NotSignedIn
from nightcrew.console.oidc.issuer import Issuer
from nightcrew.console.oidc.people import People, actor_of
from nightcrew.console.oidc.sessions import COOKIE, Kept, Sessions
from nightcrew.console.security import check
from nightcrew.console.session import Session
from nightcrew.console.words import address

ENTER, BACK, LEAVE, LEFT = (f"{HOME}/{each}" for each in ("enter", "signed-in", "leave", "left"))
OWN = frozenset({ENTER, BACK, LEAVE, LEFT})

BEGUN_ELSEWHERE = "this sign-in was not begun in this browser, or too long ago"


class OidcSignIn:
    """``url`` is the console's own address, ``https://console.example.com``: nothing that a request says decides where
    a browser is sent. ``told`` hears, for the log, who was signed in and out, and why somebody was not.
    """

    secure = True
    players: tuple[str, ...] = ()

    def __init__(
        self,
        url: str,
        issuer: Issuer,
        sessions: Sessions,
        people: People,
        clock: Clock,
        told: Callable[[str, str], None],
    ) -> None:
        self._url, self._issuer, self._sessions, self._people = url, issuer, sessions, people
        self._clock, self._told = clock, told

    def session(self, asked: Asked) -> Session | None:
        """By the cookie, with what the person may now. Raises Unreachable."""
        if asked.path in OWN or asked.path.startswith(static_files.AT):
            return None  # nobody is asked for there: no read of the table
        return self._known(asked)

    def answer(self, asked: Asked) -> Answer | None:
        """The way to the issuer, the way back, and the way out."""
        own = {
            ("GET", ENTER): self._enter,
            ("GET", BACK): self._back,
            ("POST", LEAVE): self._leave,
            ("GET", LEFT): self._left,
        }
        found = own.get((asked.method, asked.path))
        return found(asked) if found is not None else None

    def unknown(self, asked: Asked) -> Answer:
        """Who follows a link is sent to the issuer, and comes back to where it leads. A form, or a page that refreshes
        itself, is not: nothing was done, and it says so.
        """
        to = _wanted(asked)
        if asked.method == "GET" and asked.headers.get("sec-fetch-mode", "navigate") == "navigate":
            return GoTo(self._entrance(to))
        words = "Your session is over, or you have none: nothing was done."
        return self._page("Sign in", words, to if asked.method == "GET" else HOME, 401)

    def _enter(self, asked: Asked) -> Answer:
        attempt = Attempt.new(_to(asked.wanted("to") or ""), self._clock.now())
        try:
            return GoTo(self._issuer.address(attempt), cookies=(*too_many(asked.cookies), attempt.cookie))
        except IssuerTrouble as trouble:
            return self._trouble(trouble, attempt.to)

    def _back(self, asked: Asked) -> Answer:
        attempt = Attempt.of(asked.cookies, asked.wanted("state") or "", self._clock.now())
        if attempt is None:
            return self._trouble(NotSignedIn(BEGUN_ELSEWHERE), HOME)
        try:
            claims = self._issuer.who(attempt, asked.wanted)
        except NotSignedIn as trouble:
            return self._trouble(trouble, attempt.to)
        self._sessions.end(asked.cookies.get(COOKIE, ""))  # of who was signed in here before, wherever that cookie went
        cookie = self._sessions.begin(claims)
        self._told("signed in", actor_of(self._issuer.host, claims))
        return GoTo(_to(attempt.to), cookies=(cookie, attempt.used))

    def _leave(self, asked: Asked) -> Answer:
        session = self._known(asked)
        if session is None:
            return GoTo(LEFT)
        check(asked, session)
        gone = self._sessions.end(asked.cookies.get(COOKIE, ""))
        self._told("signed out", session.person.actor)
        return GoTo(LEFT, cookies=(gone,))

    def _left(self, asked: Asked) -> Answer:
        del asked
        words = "You are signed out here. The issuer may know you still, and let you in without asking."
        return self._page("Signed out", words, HOME, 200)

    def _known(self, asked: Asked) -> Session | None:
        kept: Kept | None = self._sessions.find(asked.cookies.get(COOKIE, ""))
        if kept is None:
            return None
        return Session(self._people.person(self._issuer.host, kept.claims), kept.token, leave=LEAVE)

    def _trouble(self, trouble: NotSignedIn, to: str) -> Page:
        self._told("not signed in", str(trouble))
        status = 503 if isinstance(trouble, IssuerTrouble) else 403
        return self._page("Not signed in", f"You are not signed in: {trouble}.", to, status)

    def _page(self, title: str, words: str, to: str, status: int) -> Page:
        values = {"words": words, "enter": self._entrance(to), "issuer": self._issuer.host}
        return Page("sign_in", title, values, status)

    def _entrance(self, to: str) -> str:
        """At our own address, whatever the one by which somebody came: the cookie must be of the host to which the
        issuer sends them back.
        """
        return self._url + address(ENTER, to=None if to == HOME else to)


def _to(path: str) -> str:
    """A page of the console that is none of these: coming back to the way in would lead in a circle."""
    to = local(path)
    return HOME if urlsplit(to).path.rstrip("/") in OWN else to


def _wanted(asked: Asked) -> str:
    query = urlencode([(name, text) for name, texts in asked.query.items() for text in texts])
    return _to(f"{asked.path}?{query}" if query else asked.path)
