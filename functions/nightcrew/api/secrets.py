"""What a runbook declares secret stands in no answer: neither in a plan, nor in what was wrong with a value."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadParameter, Unknown
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.redaction import REDACTED, redact


def hidden(value: Mapping[str, Any], runbook: Runbook) -> dict[str, Any]:
    """A copy without what the runbook declares secret."""
    found: dict[str, Any] = redact(value, runbook.secret)
    return found


def hidden_of(value: Mapping[str, Any], catalog: Catalog, name: str) -> dict[str, Any]:
    """The same, by the runbook of this name; of one that is gone nobody knows what it kept secret: its parameters are
    not shown.
    """
    secret = _secret_of(catalog, name)
    found: dict[str, Any] = redact(value, secret) if secret is not None else _closed(value)
    return found


def hidden_entries(entries: Sequence[Entry], catalog: Catalog) -> tuple[Entry, ...]:
    """A run's entries without what its runbook declares secret: an opening holds the parameters as they were given,
    since the executor needs them. Their hashes are those of what stands in the ledger: verify before.
    """
    name = next((str(entry.body["runbook"]) for entry in entries if "runbook" in entry.body), "")
    secret = _secret_of(catalog, name)
    if secret is None:  # what was called was made clean as it was written
        return tuple(replace(each, body=_closed(each.body)) if each.kind in _AS_GIVEN else each for each in entries)
    return tuple(replace(each, body=redact(each.body, secret)) for each in entries) if secret else tuple(entries)


_AS_GIVEN = ("opening", "refusal")
"""Entries that hold parameters as they were given."""


def _secret_of(catalog: Catalog, name: str) -> frozenset[str] | None:
    """None for a runbook that is gone, or cannot be loaded."""
    try:
        return catalog[name].secret
    except Unknown:
        return None


def _closed(value: Any) -> Any:
    """A copy in which no parameter has its value any more, at any depth; their names stay."""
    if isinstance(value, Mapping):
        return {key: _unsaid(each) if key == "parameters" else _closed(each) for key, each in value.items()}
    return [_closed(each) for each in value] if isinstance(value, list | tuple) else value


def _unsaid(given: Any) -> Any:
    return dict.fromkeys(given, REDACTED) if isinstance(given, Mapping) else REDACTED


@contextmanager
def careful(runbook: Runbook) -> Iterator[None]:
    """A value that is refused is named in the error, unless it is secret, or may be: one under a name that the runbook
    does not know could be a secret under a mistyped one.
    """
    try:
        yield
    except BadParameter as bad:
        name = bad.field.partition(".")[0]
        if name in runbook.secret or (name not in runbook.form.hints and bad.value is not None):
            raise BadParameter(bad.field, REDACTED, bad.allowed) from None
        raise
