"""How moto receives a request, without a web server's detours.

moto 5.2.5 asks two hundred patterns whose a URL is, and spells the patterns of a service anew to find the one door
behind it; it has werkzeug's test client make a WSGI request, which werkzeug then reads; it asks three times which
operation a path means; it looks for accounts and Regions under a lock, among all that were ever asked for; it draws
each answer's id letter by letter, lists a service's errors for each error, and looks for all services there are before
it loads the model of one.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from typing import Any
from unittest.mock import patch

from moto import backend_index, backends
from moto.core import responses
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.errors import ErrorLookupFactory
from moto.core.loaders import create_loader
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request, normalize_request
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.moto_api import recorder
from moto.moto_api._internal import mock_random
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from nightcrew.demo.quick_wsgi import plainly

_errors = ErrorLookupFactory._create_error_lut  # noqa: SLF001  it makes them anew for each error
Door = Callable[[Request, str, Any], Any]


@contextmanager
def quick_arrivals() -> Iterator[None]:
    """For as long as the block lasts, requests come to moto's doors sooner."""
    lower = lru_cache(4096)(camelcase_to_underscores)
    action = "_get_action_from_method_and_request_uri"
    with ExitStack() as stack:
        for place, name, quick in (
            (Request, "from_primitives", classmethod(plainly(Request.__dict__["from_primitives"].__func__))),
            (BotocoreStubber, "process_request", _by_host(BotocoreStubber.process_request)),
            (BaseResponse, action, _once(getattr(BaseResponse, action))),
            (BackendDict, "__getitem__", _there(BackendDict.__getitem__)),
            (AccountSpecificBackend, "__getitem__", _there(AccountSpecificBackend.__getitem__)),
            (ErrorLookupFactory, "_create_error_lut", staticmethod(cache(_errors))),
            (responses, "gen_amzn_requestid_long", _request_id),
            (responses, "camelcase_to_underscores", lower),
            (responses, "http_date", _to_the_second(http_date)),
        ):
            stack.enter_context(patch.object(place, name, quick))
        stack.enter_context(patch("moto.sqs.models.camelcase_to_underscores", lower))
        stack.enter_context(patch("moto.core.utils.create_loader", cache(create_loader)))
        yield


def _by_host(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """A host is always the same service's, and a service's doors stay where they are."""
    services: dict[str, list[str]] = {}
    known = 0  # patterns: the embedded cloud adds some of its own

    def serving(root: str) -> list[str]:
        nonlocal known
        if known != len(backend_index.backend_url_patterns):
            known = len(backend_index.backend_url_patterns)
            services.clear()
        if root not in services:
            services[root] = [name for name, pattern in backend_index.backend_url_patterns if pattern.match(root)]
        return services[root]

    @cache
    def doors(urls: Callable[..., Any], service: str) -> list[tuple[re.Pattern[str], Door]]:
        return [(re.compile(url), door) for url, door in urls(service).items()]

    def process_request(self: BotocoreStubber, request: Any) -> Any:
        clean = request.url.partition("?")[0]
        scheme, _, place = clean.partition("://")
        host = place.partition("/")[0]
        for service in serving(f"{scheme}://{host}/") if host.endswith(".amazonaws.com") else ():
            for pattern, door in doors(_urls, service):
                if pattern.match(clean):
                    return _answer(door, normalize_request(request))
        return ordinary(self, request)

    return process_request


def _urls(service: str) -> dict[str, Door]:
    of: Any = backends.get_backend  # its types list each service
    all_of_them = of(service)
    if not isinstance(all_of_them, BackendDict):
        return dict(all_of_them["global"].urls)
    its = all_of_them[DEFAULT_ACCOUNT_ID]
    return dict(its["us-east-1" if "us-east-1" in its else "aws"].urls)


def _answer(door: Door, request: Request) -> Any:
    try:
        recorder._record_request(request)  # noqa: SLF001  as moto does
        return door(request, request.raw_url, request.headers)
    except HTTPException as problem:
        return problem.code, problem.get_headers(), problem.get_body()


def _once(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """What a path means is found out once for each request."""

    def action(self: BaseResponse, request: Request) -> Any:
        found = vars(request).get("nightcrew_action")
        if found is None:
            found = vars(request)["nightcrew_action"] = ordinary(self, request), self.uri_match
        name, self.uri_match = found
        return name

    return action


def _there(ordinary: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """What is there is given; what is not is made as ever. Whoever forgets one forgets the other, too."""

    def get(self: dict[str, Any], key: str) -> Any:
        found = self.get(key)
        return ordinary(self, key) if found is None else found

    return get


def _to_the_second(ordinary: Callable[..., str]) -> Callable[..., str]:
    """A second has one name."""
    spelled = lru_cache(16)(ordinary)
    return lambda at: spelled(at.replace(microsecond=0))


def _request_id(headers: dict[str, Any] | None = None) -> str:
    made = f"{mock_random.getrandbits(208):052X}"
    if headers is not None:
        headers["x-amzn-requestid"] = made
    return made
