"""Tells whether the ledger is out of reach, which break-glass is for; and who has a resource when it answers again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from nightcrew.admission.request import lock_key
from nightcrew.clock import moment
from nightcrew.errors import Refused, Unreachable
from nightcrew.ledger.store import Store

NAME = "break-glass"
"""The gate that refuses it, and who declines what nobody else can be asked."""

_SERVER_ERROR = 500
_QUESTIONS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("state", {"key": "halt#0"}),
    ("ledger", {"run": "is anybody there?", "number": 0}),
)


def trouble(store: Store) -> str:
    """In which words the ledger does not answer. Raises Refused where it does, in whatever way: then there is no glass
    to break. Raises Unreachable where the caller has no credentials to ask with.
    """
    for table, key in _QUESTIONS:
        error = _silence(store, table, key) and _silence(store, table, key)  # a lost packet is no outage
        if error is None:
            continue
        cause = error.__cause__
        if isinstance(cause, ClientError):
            if cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < _SERVER_ERROR:
                # No such table, no rights, throttled: a name, a role or a minute away from an ordinary run.
                raise Refused(NAME, f"DynamoDB does answer, so this is no case for it: {error}") from error
        elif not isinstance(cause, (NoConnection, HTTPClientError)):
            raise error
        return str(error)
    raise Refused(NAME, "the ledger answers, so there is no glass to break: run it without --break-glass")


def in_the_way(store: Store, resource: str, run: str, now: datetime) -> Refused | None:
    """Another run that took the resource by the ledger, which answers again: it must end before this one goes on."""
    item = store.get("state", {"key": lock_key(resource)}) or {}
    owner = item.get("owner")
    if owner in (None, run) or moment(str(item["lease"])) < now:
        return None
    words = f"the ledger answers again, and run {owner} has the resource: let it end first"
    return Refused("lock", words, until=moment(str(item["lease"])), run=str(owner))


def _silence(store: Store, table: str, key: Mapping[str, Any]) -> Unreachable | None:
    try:
        store.get(table, key)
    except Unreachable as error:
        return error
    return None
