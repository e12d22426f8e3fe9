"""Forms: what a parameter that may be absent, or that is a time, takes."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest

from nightcrew.authoring.form import Form
from nightcrew.aws.arns import ResourceName
from nightcrew.errors import BadParameter

Table = Annotated[str, ResourceName("dynamodb", "table/{}", pattern="[a-z]{3,}", example="orders")]


def restore(
    run: Any, table: Table, to: datetime | None = None, target: Table | None = None, within: timedelta | None = None
) -> None:
    """A runbook's signature."""


@pytest.fixture
def form() -> Form:
    return Form(restore)


def test_what_may_be_absent_is_absent_without_a_word(form: Form) -> None:
    """Given or not, nothing is None."""
    nothing = {"to": None, "target": None, "within": None}
    assert form.validate({"table": "orders"}) == {"table": "orders", **nothing}
    assert form.validate({"table": "orders", **nothing}) == {"table": "orders", **nothing}


def test_what_may_be_absent_is_checked_where_it_is_given(form: Form) -> None:
    """As if it had to be given: read as the same type, and refused by the same rule."""
    checked = form.validate({"table": "orders", "target": "copies", "within": "90s", "to": "2026-11-21T04:00:00+01:00"})
    assert checked["target"] == "copies"
    assert checked["within"] == timedelta(seconds=90)
    assert checked["to"] == datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("target", "no/slash", "it must be like orders"),
        ("within", "soon", "it must be a duration like 90s, 10m, 2h or 7d"),
        ("within", "9" * 30 + "d", "it must be a duration like 90s, 10m, 2h or 7d"),
        ("to", "yesterday", "it must be a time with its zone, like 2026-11-21T03:00:00Z"),
        ("to", "2026-11-21T03:00:00", "it must be a time with its zone, like 2026-11-21T03:00:00Z"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(form: Form, field: str, value: str, allowed: str) -> None:
    """A time without its zone could be any of twenty-five."""
    with pytest.raises(BadParameter) as wrong:
        form.validate({"table": "orders", field: value})
    assert (wrong.value.field, wrong.value.value, wrong.value.allowed) == (field, value, allowed)


def test_what_is_dumped_is_read_back_the_same(form: Form) -> None:
    """The run reads its parameters from its opening entry."""
    given = {"table": "orders", "target": "copies", "within": "10h", "to": "2026-11-21T03:00:00Z"}
    checked = form.validate(given)
    assert form.validate(form.dump(checked)) == checked


def test_the_first_resource_is_the_runs_own(form: Form) -> None:
    """Another one that may be absent is known to be a resource, too."""
    assert list(form.resources) == ["table", "target"]
