"""The way of a request from botocore to moto, without a web server's detours.

moto 5.2.5 asks two hundred patterns whose a URL is, has werkzeug's test client make a WSGI request of each, draws each
answer's id letter by letter, and looks for all services there are before it loads the model of one; botocore cleans the
same dozen words of a user agent for each request, spells a hundred names of events anew for each session and client,
and signs what nobody checks.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from io import BytesIO
from typing import Any
from unittest.mock import patch

from botocore import useragent
from botocore.auth import SigV4Auth
from botocore.compat import HTTPHeaders
from botocore.hooks import EVENT_ALIASES, EventAliaser
from moto import backend_index
from moto.core import botocore_stubber
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.loaders import create_loader
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, Request, environ_key_for_header
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random


@contextmanager
def quick_requests() -> Iterator[None]:
    """For as long as the block lasts, requests reach moto sooner; they say the same."""
    clean = lru_cache(256)(useragent.sanitize_user_agent_string_component)
    plain = classmethod(_plainly(Request.__dict__["from_primitives"].__func__))
    with ExitStack() as stack:
        stack.enter_context(patch.object(useragent, "sanitize_user_agent_string_component", clean))
        stack.enter_context(patch.object(Request, "from_primitives", plain))
        stack.enter_context(patch("moto.core.responses.gen_amzn_requestid_long", _request_id))
        stack.enter_context(patch.object(botocore_stubber, "backend_index", _Index))
        stack.enter_context(patch.object(BotocoreStubber, "process_request", _by_host(BotocoreStubber.process_request)))
        stack.enter_context(patch.object(EventAliaser, "__init__", _spelling(EventAliaser.__init__)))
        stack.enter_context(patch("moto.core.utils.create_loader", cache(create_loader)))
        method = lru_cache(4096)(camelcase_to_underscores)
        stack.enter_context(patch("moto.core.responses.camelcase_to_underscores", method))
        for name in ("canonical_request", "signature"):
            stack.enter_context(patch.object(SigV4Auth, name, _unsigned))
        stack.enter_context(patch.object(SigV4Auth, "headers_to_sign", _no_headers))
        # It spells the same words again, with what the request itself has come to use.
        again = "rebuild_and_replace_user_agent_handler"
        stack.enter_context(patch.object(useragent.UserAgentString, again, _as_it_is))
        yield


def _spelling(ordinary: Callable[..., None]) -> Callable[..., None]:
    """How an event is called by another name depends on nothing but the aliases: all emitters remember it together."""
    known: dict[str, str] = {}

    def made(self: EventAliaser, event_emitter: Any, event_aliases: dict[str, str] | None = None) -> None:
        ordinary(self, event_emitter, event_aliases)
        if not self._alias_name_cache and event_aliases in (None, EVENT_ALIASES):
            self._alias_name_cache = known

    return made


def _unsigned(*_: Any) -> str:
    return "embedded"


def _no_headers(*_: Any) -> HTTPHeaders:
    return HTTPHeaders()


def _as_it_is(self: useragent.UserAgentString, operation_name: str, request: Any, **_: Any) -> None:
    del self, operation_name, request


def _request_id(headers: dict[str, Any] | None = None) -> str:
    made = f"{mock_random.getrandbits(208):052X}"
    if headers is not None:
        headers["x-amzn-requestid"] = made
    return made


_ITS: ContextVar[list[Any] | None] = ContextVar("its", default=None)
"""The patterns that the request on its way fits."""


class _Patterns:
    """moto's patterns; of a request that was looked up, those that it fits, in moto's order."""

    def __iter__(self) -> Iterator[Any]:
        its = _ITS.get()
        return iter(backend_index.backend_url_patterns if its is None else its)


class _Index:
    backend_url_patterns = _Patterns()


def _by_host(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """What goes to a service's root is found by its host."""
    known: dict[str, list[Any]] = {}

    def process_request(self: BotocoreStubber, request: Any) -> Any:
        url = request.url
        if not url.endswith(".amazonaws.com/") or url.count("/") != 3:
            return ordinary(self, request)
        if url not in known:
            known[url] = [each for each in backend_index.backend_url_patterns if each[1].match(url)]
        token = _ITS.set(known[url])
        try:
            return ordinary(self, request)
        finally:
            _ITS.reset(token)

    return process_request


def _plainly(ordinary: Callable[..., Request]) -> Callable[..., Request]:
    """What is posted to the root, as most services have it, has no path that could be spelled in two ways."""

    def from_primitives(
        kind: type[Request], method: str, url: str, headers: Mapping[str, Any], body: Any = None
    ) -> Any:
        scheme, _, place = url.partition("://")
        host = place.removesuffix("/")
        special = {"/", "?", ":", "_", "@", "["}.intersection(host) or not host.isascii() or host != host.lower()
        if method != "POST" or special or host == place or not isinstance(body, bytes | str):
            return ordinary(kind, method, url, headers, body)
        sent = body.encode() if isinstance(body, str) else body
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "SERVER_NAME": host,
            "SERVER_PORT": "443" if scheme == "https" else "80",
            "HTTP_HOST": host,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": BytesIO(sent),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            PRESERVED_HEADER_NAMES_ENVIRON_KEY: {},
        }
        for name, value in headers.items():
            if "_" in name or name.lower() == "transfer-encoding":
                return ordinary(kind, method, url, headers, body)
            environ[environ_key_for_header(name)] = value.decode() if isinstance(value, bytes) else value
        environ["CONTENT_LENGTH"] = str(len(sent))
        request = kind(environ)
        vars(request)["url_root"] = f"{scheme}://{host}/"
        return request

    return from_primitives
