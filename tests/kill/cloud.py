"""The cloud that outlives the killed: moto in a process of its own, which logs each request that reaches it.

It serves one request after another, so the log's order is the order of things, and asking for the log waits for what a
dying process had on its way. Arranged once and saved, the cloud is put back to that before each kill, by ``fork``: each
kill meets the same world, down to the ids.
"""

import gc
import io
import json
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from nightcrew.aws.kinds import is_read
from nightcrew.demo.embedded import embedded_cloud

WHO = "X-Nightcrew"
"""The header by which a life says who sends what: ``cloud ec2:StopInstances 2``. Without it nothing is logged."""

_OURS = "/nightcrew/"


@dataclass(frozen=True)
class Refuse:
    """A rule of the cloud: it refuses these requests before they change anything.

    ``containing`` is text of the request's body; ``times`` is how often (None: always); ``until_undo``: only as long as
    no undo stands in the ledger.
    """

    operation: str
    code: str
    containing: str = ""
    times: int | None = None
    until_undo: bool = False


@dataclass(frozen=True)
class Seen:
    """A request that reached the cloud, in the order in which it did.

    ``who`` is "ledger" or "cloud" (a runbook's), ``life`` the number of the life that sent it; ``entry`` is the ledger
    entry in it, as ``entry_in`` tells it.
    """

    life: int
    who: str
    operation: str
    status: int
    entry: dict[str, Any] | None = None

    @property
    def changes(self) -> bool:
        """Whether a runbook sent it to change something."""
        return self.who == "cloud" and not is_read(*self.operation.split(":"))

    @property
    def accepted(self) -> bool:
        """Whether the cloud did what it was asked for."""
        return self.status < 300


class Cloud:
    """A cloud in another process; ``endpoint`` is where it listens. One socket serves one cloud after another."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._pid: int | None = None

    def begin(self) -> None:
        """An empty cloud begins."""
        tests = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _serve(self._socket, tests)

    def end(self) -> None:
        """The cloud ends, as it was and as it is."""
        if self._pid is not None:
            self._ask("end")
            os.waitpid(self._pid, 0)
            self._pid = None

    def close(self) -> None:
        self.end()
        self._socket.close()

    def save(self, rules: Iterable[Refuse] = ()) -> None:
        """What is there now is what ``restore`` puts back; the rules hold from now on."""
        self._ask("save", [vars(rule) for rule in rules])

    def restore(self) -> None:
        """All is as it was when it was saved."""
        self._ask("restore")

    def log(self) -> list[Seen]:
        """What reached the cloud since it was saved or put back."""
        return [Seen(**line) for line in self._ask("log")]

    def _ask(self, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(f"{self.endpoint}{_OURS}{what}", json.dumps(body).encode())  # noqa: S310  loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  as above
            return json.loads(answer.read())


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
        if environ["PATH_INFO"].startswith(_OURS):
            return self._own(environ["PATH_INFO"].removeprefix(_OURS), body, start_response)
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


def entry_in(operation: str, body: bytes | str) -> dict[str, Any] | None:
    """The ledger entry that a request would put: ``{"kind", "title", "undoing"}``."""
    asked = json.loads(body)
    items = asked.get("TransactItems", []) if operation.endswith("TransactWriteItems") else [{"Put": asked}]
    for item in items:
        put = item.get("Put", {}).get("Item", {})
        if "kind" in put and "body" in put:
            said = json.loads(put["body"]["S"])
            return {
                "kind": put["kind"]["S"],
                "title": said.get("title", ""),
                "undoing": bool(said.get("undoing")),
            }
    return None


def _refused(operation: str, code: str, start_response: Callable[..., Any]) -> bytes:
    if operation.startswith("ec2:"):
        start_response("400 Bad Request", [("Content-Type", "text/xml")])
        error = f"<Errors><Error><Code>{code}</Code><Message>by rule</Message></Error></Errors>"
        return f"<Response>{error}<RequestID>refused-by-rule</RequestID></Response>".encode()
    start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
    return json.dumps({"__type": code, "message": "by rule"}).encode()


def _serve(listening: socket.socket, tests: int) -> None:
    """Serve until asked to end, or the process of the tests is gone; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with embedded_cloud():
        tap = _Tap(DomainDispatcherApplication(create_backend_app))
        host, port = listening.getsockname()
        server = make_server(host, port, tap, request_handler=_Handler, fd=listening.fileno())
        server.timeout = 5
        saved = False
        while True:
            server.handle_request()
            if not _lives(tests):
                os._exit(1)
            if tap.asked == "end" or (saved and tap.asked == "restore"):
                os._exit(0 if tap.asked == "restore" else 1)
            if tap.asked == "save":
                saved = True
                gc.disable()
                gc.freeze()
                _go_back_whenever_asked()
            tap.asked = ""


def _go_back_whenever_asked() -> None:
    """Stand still as the cloud that was saved, while one copy of it after another serves; returns in each copy."""
    while (copy := os.fork()) != 0:
        if os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) != 0:
            os._exit(0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
