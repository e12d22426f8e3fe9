"""Somebody at a browser without scripts: opens pages, follows links, sends the forms that the pages have."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from nightcrew.api.desk import Desk
from nightcrew.api.people import Person
from nightcrew.console.console import Console
from nightcrew.console.session import SignIn
from nightcrew.dispatch.dispatcher import Dispatcher
from tests.api.desk import HOME, Context
from tests.house import House

HOST = "127.0.0.1:8321"
SITE = f"http://{HOST}"


@dataclass(frozen=True)
class Form:
    """A form on a page: where it goes, how, and what is in its fields."""

    action: str
    method: str
    fields: Mapping[str, str]
    buttons: tuple[str, ...]


@dataclass
class Opened:
    """A page, or another answer, as it came."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str
    cookies: tuple[str, ...] = ()

    @cached_property
    def _read(self) -> "_Reading":
        read = _Reading()
        read.feed(self.text)
        return read

    @cached_property
    def words(self) -> str:
        """What one reads there, in one line."""
        return " ".join(self._read.words.split())

    @property
    def forms(self) -> list[Form]:
        """Its forms, in order."""
        return self._read.forms

    @property
    def links(self) -> dict[str, str]:
        """Where its links go, by their words."""
        return self._read.links

    def form(self, action: str) -> Form:
        """The form that goes there."""
        found = [each for each in self.forms if each.action == action]
        assert found, f"no form to {action} among {[each.action for each in self.forms]}"
        return found[0]


@dataclass
class Reader:
    """Keeps cookies, and goes where it is sent."""

    console: Console
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, at: str, **query: Any) -> Opened:
        """A page by its address."""
        address = f"{at}?{urlencode(query, doseq=True)}" if query else at
        return self._follow(self.send("GET", address))

    def submit(self, page: Opened, action: str, **fields: Any) -> Opened:
        """Send a form of the page, with these fields filled in."""
        form = page.form(action)
        filled = {**form.fields, **fields}
        if form.method == "get":
            return self.open(form.action, **filled)
        return self._follow(self.send("POST", form.action, filled))

    def send(
        self,
        method: str,
        address: str,
        form: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Opened:
        """One request, whatever it answers."""
        at = urlsplit(urljoin(SITE, address))
        sent = {"host": HOST, **({"content-type": "application/x-www-form-urlencoded"} if form is not None else {})}
        event = {
            "version": "2.0",
            "rawPath": at.path,
            "rawQueryString": at.query,
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "headers": {**sent, **(headers or {})},
            "requestContext": {"stage": "$default", "http": {"method": method, "path": at.path}},
            "body": urlencode(form, doseq=True) if form is not None else None,
            "isBase64Encoded": False,
        }
        answer = self.console(event, Context())
        for cookie in answer.get("cookies", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        headers_ = {name.lower(): str(text) for name, text in answer["headers"].items()}
        return Opened(
            int(answer["statusCode"]), str(answer["body"]), headers_, at.path, tuple(answer.get("cookies", ()))
        )

    def _follow(self, opened: Opened) -> Opened:
        for _ in range(5):
            if opened.status not in {302, 303}:
                return opened
            opened = self.send("GET", opened.headers["location"])
        raise AssertionError("it sends one in a circle")


@dataclass
class Newsroom:
    """An installation with its console. ``slips`` are what nobody meant, ``started`` the runs that were handed over."""

    house: House
    door: Dispatcher
    files: Path
    slips: list[Exception]
    started: list[str]

    @classmethod
    def of(cls, house: House, files: Path) -> "Newsroom":
        started: list[str] = []

        def start(run: str) -> None:
            started.append(run)
            house.crew.dispatcher.start(run)

        return cls(house, replace(house.crew.dispatcher, start=start), files, [], started)

    def console(self, sign_in: SignIn) -> Console:
        """Its console, behind this way to sign in."""

        def desk_for(person: Person) -> Desk:
            return Desk(self.door, person, HOME, self.files)

        return Console(desk_for, sign_in, self.house.crew.installation.clock.now, self.slips.append)

    def carry(self, run: str) -> Any:
        """The executor carries it as far as it goes."""
        return self.house.crew.engine.drive(run)

    def until_it_asks(self, run: str) -> None:
        """The executor carries it to where a person is asked."""
        self.house.crew.engine.drive(run, until=self.house.crew.installation.clock.now())


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._link: tuple[str, str] | None = None
        self._form: tuple[str, str, dict[str, str], list[str]] | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.words += " "
        if tag == "a":
            self._link = (has.get("href", ""), "")
        elif tag == "form":
            self._form = (has.get("action", ""), has.get("method", "get").lower(), {}, [])
        elif self._form is not None:
            self._field(tag, has)

    def _field(self, tag: str, has: Mapping[str, str]) -> None:
        assert self._form is not None
        fields = self._form[2]
        name = has.get("name", "")
        if tag == "input" and name and (has.get("type") not in {"checkbox", "radio"} or "checked" in has):
            fields[name] = has.get("value", "on" if has.get("type") == "checkbox" else "")
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "option" and self._select and (self._select not in fields or "selected" in has):
            fields[self._select] = has.get("value", "")
        elif tag == "button":
            self._form[3].append(name)

    def handle_endtag(self, tag: str) -> None:
        self.words += " "
        if tag == "a" and self._link is not None:
            self.links[" ".join(self._link[1].split())] = self._link[0]
            self._link = None
        elif tag == "form" and self._form is not None:
            action, method, fields, buttons = self._form
            self.forms.append(Form(action, method, fields, tuple(buttons)))
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            if self._form is not None and self._area is not None:
                # A line end at the very beginning is none of the text (HTML, 13.1.2.5).
                self._form[2][self._area] = self._form[2][self._area].removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._link is not None:
            self._link = (self._link[0], self._link[1] + data)
        if self._area is not None and self._form is not None:
            self._form[2][self._area] += data
