"""The pages on loopback: a small server that hands each request over as API Gateway would."""

import re
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nightcrew.console.asked import MOST
from nightcrew.errors import BadInput

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds that a connection may say nothing."""

NOTICED = 0.1
"""Seconds until it sees that nobody serves any more."""

Answering = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


class Loopback:
    """A port that is ours; ``serving`` answers there. Raises BadInput where the port is taken."""

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise BadInput("--port", port, f"a free port of {HOST} ({error.strerror})") from error
        self.port = int(self._server.server_address[1])

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser may call it."""
        return (f"{HOST}:{self.port}", f"localhost:{self.port}")

    @property
    def address(self) -> str:
        """``http://127.0.0.1:8321``."""
        return f"http://{HOST}:{self.port}"

    @contextmanager
    def serving(self, answer: Answering) -> Iterator[None]:
        """Answers, in threads of its own, while the block lasts."""
        self._server.answer = answer
        thread = threading.Thread(target=self._server.serve_forever, args=(NOTICED,), name="console", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Answering

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who goes away in the middle of an answer, as a browser does whose reader was impatient, is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = PATIENCE

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_GET  # noqa: N815  so the library calls them

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  so the library calls it
        """Whoever serves says what it wants to say."""

    def version_string(self) -> str:
        return "nightcrew"

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MOST:
            self.close_connection = True
            self.send_error(413)
            return
        if not self.path.startswith("/"):
            self.close_connection = True
            self.send_error(400)
            return
        sent = self.server.answer(self._event(self.rfile.read(int(length))), None)
        body = str(sent["body"]).encode()
        self.send_response(int(sent["statusCode"]))
        for name, text in sent["headers"].items():
            self.send_header(name, str(text))
        for cookie in sent.get("cookies", ()):
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _event(self, body: bytes) -> dict[str, Any]:
        """As an HTTP API sends it, payload format version 2.0 (API Gateway developer guide)."""
        path, _, query = self.path.partition("?")
        http = {"method": self.command, "path": path, "protocol": self.request_version}
        return {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {name.lower(): text for name, text in self.headers.items()},
            "requestContext": {"stage": "$default", "http": http},
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
        }
