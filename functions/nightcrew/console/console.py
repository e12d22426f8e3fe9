"""A request for a page to its answer: who asks, whether the form is ours, whether they may; then its view.

Whatever goes wrong becomes a page that says it, and what nobody meant tells the function's log.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.halts import halts
from nightcrew.api.people import Person
from nightcrew.api.problem import Problem, problem_of
from nightcrew.console import static_files
from nightcrew.console.answers import Answer, File, GoTo, Page
from nightcrew.console.asked import Asked, asked_of
from nightcrew.console.done import signed, told
from nightcrew.console.pages import page_at
from nightcrew.console.rendering import render
from nightcrew.console.security import HEADERS, HTTPS_ONLY, Forged, check
from nightcrew.console.session import Session, SignIn
from nightcrew.console.words import address

HTML = "text/html; charset=utf-8"
HOME = "/console"
PROBLEM = "problem"
"""The page of what went wrong."""

STRANGERS = "try again in a while; the log says more"
"""What somebody hears of our troubles who is not signed in."""

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")
"""In a file's name: who may append to the ledger may call a run as they like."""


@dataclass
class Console:
    """``slip`` is told, for the log, what nobody meant or reached; ``answered`` who asked what, and the status.

    ``now`` is the installation's time, for pages of nobody's.
    """

    desk_for: Callable[[Person], Desk]
    sign_in: SignIn
    now: Callable[[], datetime]
    slip: Callable[[Exception], None]
    answered: Callable[[str, str, int], None] = lambda actor, what, status: None

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The answer, as API Gateway wants it (payload format version 2.0)."""
        request = str(getattr(context, "aws_request_id", "") or "")
        session: Session | None = None
        asked = Asked("GET", "/")
        try:
            asked = asked_of(event)
            session = self.sign_in.session(asked)
            answer = self._answer(asked, session)
        except Exception as error:  # noqa: BLE001  a reader is answered, whatever happened
            answer = self._trouble(error, request, asked, session)
        try:
            sent = self._sent(answer, asked, session)
        except Exception as error:  # noqa: BLE001  a template's slip, too
            sent = self._sent(self._trouble(error, request, asked, session), asked, None)
        self.answered(session.person.actor if session else "", f"{asked.method} {asked.path}", int(sent["statusCode"]))
        return sent if asked.method != "HEAD" else {**sent, "body": ""}

    def _answer(self, asked: Asked, session: Session | None) -> Answer:
        if asked.path == "/":
            return GoTo(HOME)
        if asked.path.startswith(static_files.AT):
            return static_files.static(asked.path.removeprefix(static_files.AT))
        own = self.sign_in.answer(asked)
        if own is not None:
            return own
        page, place = page_at(asked.method, asked.path)
        if session is None:
            return self.sign_in.unknown(asked)
        check(asked, session)
        session.person.must(page.right)
        return page.view(self.desk_for(session.person), asked.at(place))

    def _trouble(self, error: Exception, request: str, asked: Asked, session: Session | None) -> Page:
        found = _forged(error) if isinstance(error, Forged) else problem_of(error, request)
        if found.status >= 500:
            self.slip(error)
            if session is None:  # AWS's own words name roles, tables and the account
                found = Problem(found.status, "strangers", "Not now", STRANGERS)
        values = {"problem": found, "sent": asked.method == "POST"}
        return Page(PROBLEM, found.title, values, found.status)

    def _sent(self, answer: Answer, asked: Asked, session: Session | None) -> dict[str, Any]:
        headers = {**HEADERS, "Cache-Control": "no-store", **(HTTPS_ONLY if self.sign_in.secure else {})}
        match answer:
            case GoTo():
                return _response(303, "", {**headers, "Location": self._at(answer, session)}, answer.cookies)
            case File():
                name = _NO_NAME.sub("-", answer.name or "")
                named = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
                kind = {"Content-Type": answer.kind, "Cache-Control": answer.cache}
                return _response(200, answer.text, {**headers, **kind, **named})
            case Page():
                body = render(answer, session, self.now(), self._more(answer, asked, session))
                return _response(answer.status, body, {**headers, "Content-Type": HTML})

    def _at(self, answer: GoTo, session: Session | None) -> str:
        if answer.said is None or session is None:
            return answer.path
        return address(answer.path, said=signed(answer.said, answer.path, session, self.now()))

    def _more(self, page: Page, asked: Asked, session: Session | None) -> dict[str, Any]:
        given = asked.wanted("said") if session is not None and page.status < 400 else None
        said = told(given, asked.path, session, self.now()) if given and session is not None else None
        # What went wrong may be that the halts cannot be read.
        stands = halts(self.desk_for(session.person)) if session is not None and page.template != PROBLEM else []
        players = self.sign_in.players if session is not None else ()
        leave = session.leave if session is not None else None
        return {"here": page.template, "said": said, "halted": stands, "players": players, "leave": leave}


def _forged(error: Forged) -> Problem:
    return Problem(403, "forged", "Not from this page", str(error))


def _response(status: int, body: str, headers: Mapping[str, str], cookies: tuple[str, ...] = ()) -> dict[str, Any]:
    made: dict[str, Any] = {"statusCode": status, "headers": dict(headers), "body": body, "isBase64Encoded": False}
    return {**made, "cookies": list(cookies)} if cookies else made
