"""What must never be written down is replaced before it reaches an entry or a checkpoint."""

from collections.abc import Mapping
from typing import Any

REDACTED = "redacted"


def redact(value: Any, secrets: frozenset[str]) -> Any:
    """A copy of ``value`` in which what stands under a key in ``secrets`` is the text "redacted", at any depth.

    Upper and lower case are the same: AWS writes ``MasterUserPassword``, a runbook ``master_user_password`` needs its
    own name. A secret that stands elsewhere, inside a longer text say, is not seen.
    """
    return _redacted(value, frozenset(name.casefold() for name in secrets))


def _redacted(value: Any, secrets: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: REDACTED if isinstance(key, str) and key.casefold() in secrets else _redacted(member, secrets)
            for key, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_redacted(member, secrets) for member in value]
    return value
