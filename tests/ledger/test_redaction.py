"""A secret's name is enough to keep its value out of the ledger."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from nightcrew.ledger.redaction import redact

SECRETS = frozenset({"MasterUserPassword", "token"})
NAMES = some.sampled_from(["MasterUserPassword", "masteruserpassword", "TOKEN", "DBInstanceIdentifier", "Tokens"])
VALUES = some.recursive(
    some.just("s3cret") | some.integers(),
    lambda inner: some.lists(inner) | some.dictionaries(NAMES, inner),
    max_leaves=20,
)


def test_values_under_secret_names_are_redacted_at_any_depth() -> None:
    call = {
        "DBInstanceIdentifier": "db-1",
        "MasterUserPassword": "s3cret",
        "Nested": [{"Token": {"Value": "s3cret"}}, ("plain", {"tokens": 2})],
    }
    assert redact(call, SECRETS) == {
        "DBInstanceIdentifier": "db-1",
        "MasterUserPassword": "redacted",
        "Nested": [{"Token": "redacted"}, ["plain", {"tokens": 2}]],
    }
    assert call["MasterUserPassword"] == "s3cret"


def test_without_secrets_nothing_changes() -> None:
    assert redact({"token": [1, None]}, frozenset()) == {"token": [1, None]}


def under_secret_names(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for member in value for found in under_secret_names(member)]
    if isinstance(value, dict):
        named = [member for name, member in value.items() if name.lower() in {"masteruserpassword", "token"}]
        return named + [found for member in value.values() for found in under_secret_names(member)]
    return []


@settings(max_examples=40)
@given(VALUES)
def test_nothing_is_left_under_a_secret_name(value: Any) -> None:
    assert set(under_secret_names(redact(value, SECRETS))) <= {"redacted"}
