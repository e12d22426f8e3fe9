"""What somebody gets who is not signed in, or sends what no page sends: an answer, and nothing of ours in it."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from nightcrew.console.loopback import HOST as HERE
from nightcrew.console.loopback import Loopback
from nightcrew.console.oidc.sessions import COOKIE
from nightcrew.errors import Denied
from tests.console.reader import Newsroom, Reader
from tests.console.stack import stack_of

ROLE = "arn:aws:sts::123456789012:assumed-role/nightcrew-ApiRole/api"


def test_a_stranger_is_not_told_what_aws_said(room: Newsroom) -> None:
    """Whoever sends a made-up cookie has the table asked: what it answers names the account, the role and the table."""

    def refuses(table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        raise Denied(f"{ROLE} may not dynamodb:GetItem on table/{table}")

    with stack_of(room) as stack:
        stranger = stack.browser()
        stack.table.get = refuses  # type: ignore[method-assign]
        stranger.cookies[COOKIE] = "A" * 43
        page = stranger.open("/console/history")
    assert page.status == 503
    assert "Try again" in page.words
    assert "123456789012" not in page.text
    assert [str(each) for each in room.slips] == [f"{ROLE} may not dynamodb:GetItem on table/state"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET http://127.0.0.1/console HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413"),
    ],
)
def test_what_no_browser_sends_is_refused_in_silence(
    sent: bytes, status: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Another user of this machine can say anything to the port: the terminal of who serves it stays clean."""
    loopback = Loopback()
    with loopback.serving(lambda event, context: {}), socket.create_connection((HERE, loopback.port)) as sender:
        sender.sendall(sent)
        assert sender.recv(12) == b"HTTP/1.1 " + status
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["runbook", "resource", "symptom", "person"])
def test_a_name_that_is_longer_than_any_key_is_asked_of_no_table(reader: Reader, name: str) -> None:
    """DynamoDB would refuse it, and the page would call that our fault: it is said at its field."""
    page = reader.open("/console/history", **{name: "x" * 501})
    assert page.status == 422
    assert "500 characters at most" in page.words


def test_a_long_name_in_a_path_is_of_no_page(reader: Reader) -> None:
    for at in ("/console/runs/", "/console/approvals/", "/console/runbooks/"):
        page = reader.open(at + "x" * 501)
        assert page.status == 404
        assert "here is no such page" in page.words


def test_a_reason_leaves_room_for_the_next_halt(reader: Reader) -> None:
    """All halts stand in one item, which has an end, and on each page: nobody fills them by one reason."""
    form = reader.open("/console/halt")
    page = reader.submit(form, "/console/halt", reason="x" * 1001)
    assert page.status == 422
    assert "1000 characters at most" in page.words
    assert 'class="halted"' not in page.text
    assert reader.submit(form, "/console/halt", reason="x" * 1000).status == 200
