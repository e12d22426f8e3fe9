"""The process that a cloud lives in: moto behind a tap, which logs each request, refuses by rule, and saves by fork.

It serves one request after another. Asked to save, the process stands still as it is, and copies of it serve, one after
the other, until one is told that what was saved is not needed any more.
"""

import gc
import io
import json
import os
import signal
import socket
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from moto import backends
from moto.core import responses, utils
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from nightcrew.demo.embedded import REGION, embedded_cloud
from tests.kill.cloud import OURS, entry_in

_RESTORE, _DROP, _GONE = 0, 1, 2
"""How a copy ends: for another one of the same, for one of what was saved before that, for none."""


class _Handler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The tap keeps the log."""


class _Tap:
    """Stands before moto: logs, refuses by rule, and takes what is asked of the process itself."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._log: list[dict[str, Any]] = []
        self._rules: list[dict[str, Any]] = []
        self._undoing = False
        self.asked = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["PATH_INFO"].startswith(OURS):
            return self._own(environ["PATH_INFO"].removeprefix(OURS), body, start_response)
        who, operation, life = (*str(environ.get("HTTP_X_NIGHTCREW", "")).split(), "", "", "")[:3]
        status = ["500"]

        def begin(line: str, *rest: Any) -> Any:
            status[0] = line
            return start_response(line, *rest)

        entry = entry_in(operation, body) if who == "ledger" else None
        refusal = self._refusal(operation, body) if who == "cloud" else None
        if refusal is not None:
            answer = _refused(operation, refusal, begin)
        else:
            answer = b"".join(self._app({**environ, "wsgi.input": io.BytesIO(body)}, begin))
        if who:
            code = int(status[0].split()[0])
            self._log.append({"life": int(life), "who": who, "operation": operation, "status": code, "entry": entry})
        self._undoing |= bool(entry and entry["undoing"])
        return [answer]

    def _own(self, what: str, body: bytes, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer: Any = None
        if what == "log":
            answer = self._log
        elif what == "save":
            self._rules = json.loads(body)
        self.asked = what
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _refusal(self, operation: str, body: bytes) -> str | None:
        for rule in self._rules:
            due = rule["operation"] == operation and rule["containing"].encode() in body and rule["times"] != 0
            if due and not (rule["until_undo"] and self._undoing):
                rule["times"] = rule["times"] and rule["times"] - 1
                return str(rule["code"])
        return None


def _refused(operation: str, code: str, start_response: Callable[..., Any]) -> bytes:
    if operation.startswith("ec2:"):
        start_response("400 Bad Request", [("Content-Type", "text/xml")])
        error = f"<Errors><Error><Code>{code}</Code><Message>by rule</Message></Error></Errors>"
        return f"<Response>{error}<RequestID>refused-by-rule</RequestID></Response>".encode()
    start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
    return json.dumps({"__type": code, "message": "by rule"}).encode()


def serve(listening: socket.socket, tests: int, services: Collection[str]) -> None:
    """Serve an empty cloud until asked to end, or the process ``tests`` is gone; never returns.

    ``services``, by the names in their permissions, are loaded before; others when they are first asked.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with embedded_cloud(), _quick_look_up():
        moto = DomainDispatcherApplication(create_backend_app)
        for service in services:
            backend = moto.get_backend_for_host(service) or moto.get_backend_for_host(
                f"{service}.{REGION}.amazonaws.com"
            )
            if backend is not None:
                moto.app_instances[backend] = create_backend_app(backend)
        tap = _Tap(moto)
        host, port = listening.getsockname()
        server = make_server(host, port, tap, request_handler=_Handler, fd=listening.fileno())
        server.timeout = 5
        depth = 0
        while True:
            server.handle_request()
            if tap.asked == "save":
                gc.disable()
                gc.freeze()
                depth += 1
                _stand_still()
            elif tap.asked == "restore":
                os._exit(_RESTORE)
            elif tap.asked == "empty":
                os._exit(_DROP if depth > 1 else _RESTORE)
            elif tap.asked == "end" or not _lives(tests):
                os._exit(_GONE)
            tap.asked = ""


def _stand_still() -> None:
    """Stay as the cloud that was saved, while one copy of it after another serves; returns in each copy."""
    while (copy := os.fork()) != 0:
        ended = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        if ended != _RESTORE:
            os._exit(_RESTORE if ended == _DROP else _GONE)


@contextmanager
def _quick_look_up() -> Iterator[None]:
    """Moto lists its own directory, and the methods of a class, anew for each request: a fifth of its time."""
    folders = tuple(backends.list_of_moto_modules())
    with (
        patch.object(backends, "list_of_moto_modules", lambda: folders),
        patch.object(responses, "method_names_from_class", cache(utils.method_names_from_class)),
    ):
        yield


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
