"""The pages over a socket, as a browser on this machine asks for them."""

import socket
import struct
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from nightcrew.console.loopback import HOST, Loopback

AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: what is closed is gone, and whoever writes to it hears so."""


def test_who_goes_away_in_the_middle_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    """A browser does so whose reader pressed twice: nothing is told on the terminal, and others are answered."""
    gone, asked = threading.Event(), threading.Event()

    def answer(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        asked.set()
        gone.wait(10)
        return {"statusCode": 200, "headers": {}, "body": "a page " * 200_000}

    loopback = Loopback()
    with loopback.serving(answer):
        with socket.create_connection((HOST, loopback.port)) as impatient:
            impatient.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            impatient.sendall(b"GET /console HTTP/1.1\r\nHost: x\r\n\r\n")
            asked.wait(10)
        gone.set()
        with socket.create_connection((HOST, loopback.port)) as other:
            other.sendall(b"GET /console HTTP/1.1\r\nHost: x\r\n\r\n")
            assert other.recv(12) == b"HTTP/1.1 200"
    assert capfd.readouterr().err == ""


def test_a_form_that_is_too_long_is_not_read() -> None:
    """Nobody fills this process's memory."""
    loopback = Loopback()
    with loopback.serving(lambda event, context: {}), socket.create_connection((HOST, loopback.port)) as sender:
        sender.sendall(b"POST /console/halt HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")
        assert sender.recv(12) == b"HTTP/1.1 413"
