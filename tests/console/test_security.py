"""What keeps a page its reader's own."""

import pytest

from tests.console.conftest import signed_in
from tests.console.reader import Newsroom, Reader


def test_nobody_sees_a_page_without_signing_in(room: Newsroom) -> None:
    """Without the cookie there is the way in, and nothing else."""
    stranger = Reader(signed_in(room).console)
    opened = stranger.open("/console")
    assert opened.status == 401
    assert "Sign in" in opened.words
    assert "Waits for a person" not in opened.words


def test_a_wrong_key_lets_nobody_in(room: Newsroom) -> None:
    """It answers as without one, and sets no cookie."""
    stranger = Reader(signed_in(room).console)
    assert stranger.open("/console/enter", key="guessed").status == 401
    assert not stranger.cookies


def test_another_host_is_not_us(reader: Reader) -> None:
    """A name of somebody else's that leads to this machine gets nothing (DNS rebinding)."""
    opened = reader.send("GET", "/console", headers={"host": "evil.example:8321"})
    assert opened.status == 422
    assert "Waits" not in opened.words


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_form_does_nothing(reader: Reader, room: Newsroom, site: str) -> None:
    """Even with the token, a form that the browser says comes from elsewhere is not taken."""
    form = reader.open("/console/halt").form("/console/halt")
    sent = reader.send("POST", "/console/halt", {**form.fields, "reason": "x"}, headers={"sec-fetch-site": site})
    assert sent.status == 403
    assert not reader.open("/console/halt").text.count('class="halted"')


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_form_without_the_sessions_token_does_nothing(reader: Reader, token: str) -> None:
    """Browsers that do not say where a form comes from are held by the token."""
    sent = reader.send("POST", "/console/halt", {"reason": "x", "token": token})
    assert sent.status == 403
    assert not reader.open("/console/halt").text.count('class="halted"')


def test_each_answer_lets_nothing_foreign_in(reader: Reader) -> None:
    """No inline script or style, no frame, no guessing of types, nothing kept by caches in between."""
    for at in ("/console", "/console/nowhere", "/console/static/nothing.css"):
        headers = reader.open(at).headers
        assert "default-src 'none'" in headers["content-security-policy"], at
        assert "unsafe" not in headers["content-security-policy"], at
        assert headers["x-content-type-options"] == "nosniff", at
        assert headers["cache-control"] == "no-store", at


def test_the_cookie_is_the_browsers_alone(room: Newsroom) -> None:
    """No script reads it, and no other site's request carries it."""
    reader = signed_in(room)
    entered = reader.send("GET", f"/console/enter?key={reader.console.sign_in.key}")  # type: ignore[attr-defined]
    assert entered.cookies[0].endswith("; Path=/console; HttpOnly; SameSite=Strict")
