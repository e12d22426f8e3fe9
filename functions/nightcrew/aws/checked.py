"""Parameters of text that are checked before a run is admitted: what they hold stands in the ledger from then on."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

MOST = 8 * 1024
"""Characters of JSON that a call may carry: they stand in the opening entry, and each KB of it costs."""

_NAMED = re.compile(r"pass(word|wd|phrase)|secret|token|credential|(api|access|private)[-_ ]?key", re.IGNORECASE)
_POINTS = re.compile(r"(arn|name|id|path|url|ref|version)$", re.IGNORECASE)
"""``SecretArn`` says where a secret is, and holds none."""
_PLAIN = re.compile(r"[0-9]{1,4}|true|false", re.IGNORECASE)
"""``TokenBuckets: "3"`` is a setting."""
_LOOKS = re.compile(
    r"\{\{\s*(resolve:|ssm-secure:)|-----BEGIN|\b(AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}"
)
"""References that AWS would resolve, keys, and the tokens that people paste most."""
_PAIR = re.compile(rf"([\w.-]*(?:{_NAMED.pattern})[\w.-]*[\"']?\s*[:=]\s*[\"']?)([^\s\"',;&]+)", re.IGNORECASE)
_LONG = re.compile(r"\b[A-Za-z0-9+/_-]{40,}={0,2}")

REDACTED = "redacted"


@dataclass(frozen=True)
class Checked:
    """Marks a text parameter: ``wrong`` says what is wrong with a value, as "it must …", or None. An error tells the
    value only where it ``may_be_told``.
    """

    wrong: Callable[[str], str | None]
    words: str
    example: str
    may_be_told: bool = False

    def __call__(self, value: str) -> str:
        """The value. Raises ValueError with what is wrong; never with the value, which may not be told."""
        wrong = self.wrong(value)
        if wrong is not None:
            raise ValueError(wrong)
        return value


def like(pattern: str, words: str, example: str) -> Checked:
    """For a text that must match a pattern, like a name; unlike a ``ResourceName`` it is nothing that a run locks."""

    def wrong(text: str) -> str | None:
        return None if re.fullmatch(pattern, text) else f"it must be {words}, like {example}"

    return Checked(wrong, words, example, may_be_told=True)


def secret_in(value: Any, name: str = "") -> str | None:
    """The name under which a secret seems to stand, at any depth; None where none does."""
    if isinstance(value, Mapping):
        return next((found for key, part in value.items() if (found := secret_in(part, str(key)))), None)
    if isinstance(value, list):
        return next((found for part in value if (found := secret_in(part, name))), None)
    if not isinstance(value, str):
        return None
    if value.lstrip()[:1] in {"{", "["} and (inner := _parsed(value)) is not None:
        return secret_in(inner, name)
    if value and not _PLAIN.fullmatch(value) and _NAMED.search(name) and not _POINTS.search(name):
        return name
    return (name or "it") if _LOOKS.search(value) else None


def _parsed(text: str) -> Any:
    """What a text is as JSON, which some calls want inside of JSON; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def without_secrets(text: object, most: int = 300) -> str:
    """A message as the ledger may keep it: the beginning, and what looks like a secret replaced."""
    known = _PAIR.sub(rf"\g<1>{REDACTED}", _LOOKS.sub(REDACTED, str(text or "")))
    return _LONG.sub(REDACTED, known)[:most]


def object_of(text: str) -> dict[str, Any]:
    """The JSON object that a checked text is."""
    found: dict[str, Any] = json.loads(text)
    return found


def _wrong(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "it must be JSON"
    if not isinstance(value, dict):
        return 'it must be a JSON object, like {"Mode": "fast"}'
    if len(text) > MOST:
        return f"it must have {MOST} characters at most, not {len(text)}"
    found = secret_in(value)
    if found is not None:
        return (
            f"it must hold no secret, and {found} looks like one: it would stand in the ledger; give where it is kept"
        )
    return None


JsonObject = Annotated[str, Checked(_wrong, "a JSON object without secrets", '{"Mode": "fast"}')]
"""A JSON object as text."""
