"""A request for a page, as a view reads it: everything in it is untrusted text."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote

from nightcrew.api.asked import LONGEST
from nightcrew.errors import BadInput

MOST = 64 * 1024
"""Bytes of a form: more than any page sends."""

MOST_FIELDS = 200
FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """``place`` are the names in the path, ``query`` and ``form`` have all values of each field, as they were sent."""

    method: str
    path: str
    query: Fields = field(default_factory=dict)
    form: Fields = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)

    def at(self, place: Mapping[str, str]) -> "Asked":
        """The same, with the names that its path has."""
        return replace(self, place=dict(place))

    def wanted(self, name: str) -> str | None:
        """A field of the address, without blanks around it; None where it is missing or empty."""
        return _first(self.query, name)

    def given(self, name: str) -> str | None:
        """A field of the form, likewise."""
        return _first(self.form, name)

    def must(self, name: str, allowed: str) -> str:
        """A field of the form that must be there. Raises BadInput, which says what is ``allowed``."""
        text = self.given(name)
        if text is None:
            raise BadInput(name, "", allowed)
        return text

    @property
    def changes(self) -> bool:
        """Whether it is to change anything: such a request has a token."""
        return self.method not in {"GET", "HEAD"}


def asked_of(event: Mapping[str, Any]) -> Asked:
    """Of an event of an HTTP API, payload format version 2.0 (API Gateway developer guide). Raises BadInput where its
    form cannot be read.
    """
    http = event["requestContext"]["http"]
    stage = str(event["requestContext"].get("stage") or "$default")
    path = str(event["rawPath"]).removeprefix("" if stage == "$default" else f"/{stage}")
    headers = {str(name).lower(): str(text) for name, text in (event.get("headers") or {}).items()}
    method = str(http["method"]).upper()
    return Asked(
        method=method,
        path=path.rstrip("/") or "/",
        query=_fields(str(event.get("rawQueryString") or "")),
        form=_form(event, headers) if method == "POST" else {},
        cookies=_cookies([str(each) for each in event.get("cookies") or ()] or [headers.get("cookie", "")]),
        headers=headers,
    )


def placed(pattern: str, path: str) -> dict[str, str] | None:
    """The names in a path that fits: of ``/runs/{run}`` one segment each, decoded. None where it does not fit."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    names: dict[str, str] = {}
    for part, text in zip(wanted, given, strict=True):
        if part.startswith("{"):
            name = unquote(text)
            if not 0 < len(name) <= LONGEST:
                return None
            names[part[1:-1]] = name
        elif part != text:
            return None
    return names


def _first(fields: Fields, name: str) -> str | None:
    texts = fields.get(name, ())
    return texts[0].strip() or None if texts else None


def _form(event: Mapping[str, Any], headers: Mapping[str, str]) -> Fields:
    kind = headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if kind != FORM:
        raise BadInput("content-type", kind[:80], f"a form, as {FORM}")
    text = str(event.get("body") or "")
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
        if len(body) > MOST:
            raise BadInput("form", f"{len(body)} bytes", f"at most {MOST} bytes")
        return _fields(body.decode("utf-8"))
    except (binascii.Error, UnicodeError) as error:
        raise BadInput("form", None, "text in UTF-8") from error


def _fields(text: str) -> Fields:
    try:
        found = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise BadInput("form", None, f"at most {MOST_FIELDS} fields") from error
    return {name: tuple(texts) for name, texts in found.items()}


def _cookies(texts: list[str]) -> dict[str, str]:
    """Those that can be read: other programs on this host may have set what cannot."""
    found: dict[str, str] = {}
    for text in ";".join(texts).split(";"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(text.strip()).items()}
        except CookieError:
            continue
    return found
