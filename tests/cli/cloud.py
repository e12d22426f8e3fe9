"""A cloud that is served on this machine, as tests of the command line see it."""

import inspect
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore import hooks
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import accepts_kwargs
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from werkzeug.serving import WSGIRequestHandler

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import IMAGE
from nightcrew.ledger.store import Store, client_config

REGION = "eu-central-1"
"""Not the one of the other tests: the backends are shared in a process, and these tables are emptied."""


class Quiet(WSGIRequestHandler):
    """Does not log each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@dataclass(frozen=True)
class Sent:
    """A request as it comes in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answered = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


@dataclass
class Stall:
    """Where requests pass. One whose body has these words is held back until it is let go, so that who sent it can be
    caught in the middle; or ``meanwhile`` happens before it is answered.
    """

    words: bytes = b""
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    meanwhile: Callable[[], None] | None = None
    one_at_a_time: Any = field(default_factory=threading.RLock)  # what an alarm's state sets off asks moto, too
    """moto reads what another thread writes."""
    instead: Callable[[Sent], Answered | None] | None = None
    """Answers what this process sends, and moto has no server for; None leaves it to moto."""

    def on(self, words: str, meanwhile: Callable[[], None] | None = None) -> None:
        """From now on hold back what has these words; or the first that has, while ``meanwhile`` is done."""
        self.words = words.encode()
        self.meanwhile = meanwhile
        self.reached.clear()
        self.go.clear()

    def off(self) -> None:
        """Let everything through."""
        self.words = b""
        self.instead = None
        self.go.set()

    def passing(self, body: bytes) -> None:
        """Let a request pass, at its time."""
        if not self.words or self.words not in body:
            return
        self.reached.set()
        if self.meanwhile is None:
            self.go.wait(30)
        else:
            self.words = b""
            self.meanwhile()


_LONG, _SHORT = b'"WaitTimeSeconds": 1', b'"WaitTimeSeconds": 0'
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/([^/]+)/")


@contextmanager
def at_once(endpoint: str, stall: Stall) -> Iterator[None]:
    """What this process sends to the served cloud takes no way over a socket: it is moto's as for all other tests.

    For clients that are made while it lasts. Other processes are served over HTTP.
    """

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if not request.url.startswith(f"{endpoint}/"):
            return None
        path, headers = (
            request.url.removeprefix(endpoint),
            {each: _text(request.headers[each]) for each in request.headers},
        )
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        stall.passing(body)
        answered = stall.instead(Sent(str(request.method), path, headers, body)) if stall.instead else None
        if answered is not None:
            status, told, content = answered
            return AWSResponse(request.url, status, told, MockRawResponse(content))
        found = _SCOPE.search(headers.get("Authorization", ""))
        assert found is not None, f"nobody signed {path}"
        region, service = found.groups()
        as_asked = request.url
        request.url = f"https://{service}.{region}.amazonaws.com{path}"
        request.body = body.replace(_LONG, _SHORT)  # nobody sends a letter while SQS would wait for one
        try:
            with stall.one_at_a_time:
                return botocore_stubber("before-send", request)
        except NotImplementedError:
            return AWSResponse(as_asked, 501, {}, MockRawResponse(b""))  # as a server has it
        finally:
            request.url = as_asked  # moto's own handler comes next, and shall see nothing of AWS's

    handler = ("before-send", send)
    BUILTIN_HANDLERS.insert(0, handler)
    with (
        patch.object(Session, "create_client", _made_once(endpoint, Session.create_client)),
        patch.object(hooks, "accepts_kwargs", _takes_keywords),
    ):
        yield
    BUILTIN_HANDLERS.remove(handler)


def _made_once(endpoint: str, ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """A command is a process, and makes its clients once; here a process is hundreds of commands. Those that ask the
    served cloud for the same thing, from the same surroundings, have one client together.
    """
    made: dict[Any, Any] = {}

    def create_client(
        self: Session, service_name: str, region_name: str | None = None, *, config: Config, **given: Any
    ) -> Any:
        if endpoint not in (given.get("endpoint_url"), os.environ.get("AWS_ENDPOINT_URL")):
            return ordinary(self, service_name, region_name, config=config, **given)
        around = sorted(pair for pair in os.environ.items() if pair[0].startswith(("AWS_", "HOME")))
        wishes = vars(config)["_user_provided_options"]
        key = (service_name, region_name, self.get_config_variable("profile"), repr((wishes, given, around)))
        if key not in made:
            made[key] = ordinary(self, service_name, region_name, config=config, **given)
        return made[key]

    return create_client


def _takes_keywords(handler: Any) -> bool:
    """As botocore asks of a hundred handlers for each session, without a signature of each."""
    code = getattr(handler, "__code__", None)
    return bool(code.co_flags & inspect.CO_VARKEYWORDS) if code else bool(accepts_kwargs(handler))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@dataclass(frozen=True)
class Demo:
    """A cloud that is served, and what a test needs of it."""

    endpoint: str
    journal: Path
    stall: Stall
    clients: ClientMaker

    @property
    def store(self) -> Store:
        """Its ledger."""
        return Store(self.client("dynamodb"))

    def client(self, service: str) -> Any:
        """A client of one's own."""
        return self.clients(service, client_config() if service == "dynamodb" else READING)

    def instance(self) -> str:
        """A running instance of this test's own."""
        made = self.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
        return str(made["Instances"][0]["InstanceId"])

    def arn(self, instance: str) -> str:
        """Its ARN."""
        return f"arn:aws:ec2:{REGION}:123456789012:instance/{instance}"
