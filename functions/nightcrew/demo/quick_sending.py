"""How botocore sends a request, without what nobody here looks at.

botocore cleans the same dozen words of a user agent for each request, spells a hundred names of events anew for each
session and client, writes hundreds of methods for each client, asks an endpoint's rules again and again, signs what
nobody checks, and asks of a good answer by six criteria whether it is a bad one. Each request's id it has the operating
system draw.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from botocore import useragent
from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.client import ClientCreator
from botocore.compat import HTTPHeaders, get_current_datetime
from botocore.context import get_context
from botocore.endpoint import Endpoint
from botocore.exceptions import NoCredentialsError
from botocore.hooks import EVENT_ALIASES, EventAliaser
from botocore.model import OperationModel, ServiceModel
from botocore.regions import EndpointRulesetResolver
from botocore.useragent import UserAgentString

KEPT = 256
"""Endpoints of one client: one for each operation, and for each thing that its rules look at."""


@contextmanager
def quick_sending() -> Iterator[None]:
    """For as long as the block lasts, requests leave botocore sooner."""
    clean = lru_cache(256)(useragent.sanitize_user_agent_string_component)
    # It spells the same words again, with what the request itself has come to use.
    again = "rebuild_and_replace_user_agent_handler"
    with ExitStack() as stack:
        for place, name, quick in (
            (useragent, "sanitize_user_agent_string_component", clean),
            (UserAgentString, "to_string", _named(UserAgentString.to_string)),
            (UserAgentString, again, _as_it_is),
            (EventAliaser, "__init__", _spelling(EventAliaser.__init__)),
            (ClientCreator, "_create_methods", _written(ClientCreator._create_methods)),  # noqa: SLF001  for a class
            (SigV4Auth, "add_auth", _unsigned),
            (SigV4Auth, "headers_to_sign", _no_headers),
            (Endpoint, "_needs_retry", _content(Endpoint._needs_retry)),  # noqa: SLF001  the one place where it asks
            (EndpointRulesetResolver, "construct_endpoint", _placed(EndpointRulesetResolver.construct_endpoint)),
        ):
            stack.enter_context(patch.object(place, name, quick))
        stack.enter_context(patch("botocore.endpoint.uuid", _Numbers()))
        yield


class _Numbers:
    """Ids that differ."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def uuid4(self) -> str:
        """The next one."""
        return f"embedded-{next(self._next)}"


def _spelling(ordinary: Callable[..., None]) -> Callable[..., None]:
    """How an event is called by another name depends on nothing but the aliases: all emitters remember it together."""
    known: dict[str, str] = {}

    def made(self: EventAliaser, event_emitter: Any, event_aliases: dict[str, str] | None = None) -> None:
        ordinary(self, event_emitter, event_aliases)
        if not self._alias_name_cache and event_aliases in (None, EVENT_ALIASES):
            self._alias_name_cache = known

    return made


def _written(ordinary: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A method of a client depends on nothing but its operation: all classes of a service's clients share them."""
    known: dict[tuple[str, str, int], dict[str, Any]] = {}

    def methods(self: ClientCreator, model: ServiceModel) -> dict[str, Any]:
        key = (model.service_name, str(model.api_version), len(model.operation_names))
        if key not in known:
            known[key] = ordinary(self, model)
        return dict(known[key])

    return methods


def _named(ordinary: Callable[[UserAgentString], str]) -> Callable[[UserAgentString], str]:
    """A client's user agent changes with what a request has come to use, and with nothing else."""

    def to_string(self: UserAgentString) -> str:
        context = get_context()
        key = (vars(self)["_client_config"], frozenset(context.features) if context else None)
        known: dict[Any, str] = vars(self).setdefault("nightcrew_known", {})
        if key not in known:
            known[key] = ordinary(self)
        return known[key]

    return to_string


def _as_it_is(self: UserAgentString, operation_name: str, request: Any, **_: Any) -> None:
    del self, operation_name, request


def _unsigned(self: SigV4Auth, request: Any) -> None:
    """It says who asks, when, and for which service and Region; a signature is checked by nobody."""
    if self.credentials is None:
        raise NoCredentialsError
    request.context["timestamp"] = get_current_datetime().strftime(SIGV4_TIMESTAMP)
    self._modify_request_before_signing(request)
    self._inject_signature_to_request(request, "embedded")


def _no_headers(*_: Any) -> HTTPHeaders:
    return HTTPHeaders()


def _content(ordinary: Callable[..., bool]) -> Callable[..., bool]:
    """A good answer is not asked for again. S3 alone has errors among its good answers."""

    def needs_retry(
        self: Endpoint,
        attempts: int,
        operation_model: OperationModel,
        request_dict: dict[str, Any],
        response: Any = None,
        caught_exception: Exception | None = None,
    ) -> bool:
        good = response is not None and caught_exception is None and response[0].status_code < 300
        if good and operation_model.service_model.service_name != "s3":
            return False
        return ordinary(self, attempts, operation_model, request_dict, response, caught_exception)

    return needs_retry


def _placed(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """A client's endpoint depends on the operation, and on those of its members that the rules look at."""

    def construct_endpoint(
        self: EndpointRulesetResolver, operation_model: OperationModel, call_args: Any, request_context: Any
    ) -> Any:
        model = operation_model.service_model.service_name
        if model in ("s3", "s3control") or operation_model.operation_context_parameters:
            return ordinary(self, operation_model, call_args, request_context)
        members = [(call_args or {}).get(each.member_name) for each in operation_model.context_parameters]
        key = (operation_model.name, *map(repr, members))
        known: dict[Any, Any] = vars(self).setdefault("nightcrew_known", {})
        if key not in known:
            if len(known) >= KEPT:
                known.clear()
            known[key] = ordinary(self, operation_model, call_args, request_context)
        return known[key]

    return construct_endpoint
