"""What a runbook declares secret stands in no answer: neither in a plan, nor in what was wrong with a value."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadParameter
from nightcrew.ledger.redaction import REDACTED, redact


def hidden(value: Mapping[str, Any], runbook: Runbook) -> dict[str, Any]:
    """A copy without what the runbook declares secret."""
    found: dict[str, Any] = redact(value, runbook.secret)
    return found


def hidden_of(value: Mapping[str, Any], catalog: Catalog, name: str) -> dict[str, Any]:
    """The same, by the runbook of this name; of one that is gone nobody knows what it kept secret."""
    return hidden(value, catalog[name]) if name in catalog else dict(value)


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
