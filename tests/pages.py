"""A page of an application, served on this machine: what it says, and who asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@dataclass
class Application:
    """``statuses`` are what it answers, one after the other, the last one from then on; ``asked`` are the paths."""

    statuses: list[int]
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def application(*statuses: int) -> Iterator[Application]:
    """An application that answers so, at ``url``, for as long as the block lasts."""
    made = Application(list(statuses))

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(made.statuses.pop(0) if len(made.statuses) > 1 else made.statuses[0])
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/health"
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield made
        finally:
            server.shutdown()
            serving.join()
