"""``freezes:`` in the policy's file: its three forms, and the errors with line, field and what is allowed."""

import pytest

from nightcrew.admission.policy import When
from nightcrew.admission.policy_compiled import compiled, from_compiled
from nightcrew.admission.policy_file import load
from nightcrew.errors import BadPolicy

GOOD = """\
freezes:
  - name: the sale
    from: 2026-11-20T18:00
    to: 2026-11-23T08:00
    zone: Europe/Berlin
  - name: nights
    days: [fri, sat]
    from: "22:00"
    to: "06:00"
    zone: Europe/Berlin
    when: {risk: disruptive, account: "123456789012"}
  - name: the calendar
    calendar: arn:aws:ssm:eu-west-1:123456789012:document/ops
"""


def freezes(lines: str) -> str:
    """One freeze, as flow text."""
    return f"freezes:\n  - {{{lines}}}\n"


def test_a_freeze_is_once_or_weekly_or_a_calendar() -> None:
    """Each with its own number, line, and what it is about; without ``when`` it is about everything."""
    once, weekly, calendar = load(GOOD).freezes
    assert (once.name, once.begins, once.ends, once.zone) == (
        "the sale",
        "2026-11-20T18:00",
        "2026-11-23T08:00",
        "Europe/Berlin",
    )
    assert (weekly.days, weekly.begins, weekly.ends) == (("fri", "sat"), "22:00", "06:00")
    assert weekly.when == When(risk="disruptive", account="123456789012")
    assert (calendar.calendar, calendar.zone, calendar.when) == (
        "arn:aws:ssm:eu-west-1:123456789012:document/ops",
        "UTC",
        When(),
    )
    assert [freeze.line for freeze in (once, weekly, calendar)] == [2, 6, 12]
    assert str(weekly) == "freezes[1] (nights)"


def test_a_policy_without_freezes_has_none() -> None:
    """Also where all its lines are comments."""
    assert load("defaults: {}\n").freezes == ()
    assert load("freezes:\n  # - name: none now\n").freezes == ()


def test_a_compiled_policy_has_the_same_freezes() -> None:
    """What decides at night is what was checked by day."""
    policy = load(GOOD)
    assert from_compiled(compiled(policy)).freezes == policy.freezes


@pytest.mark.parametrize(
    ("lines", "field", "allowed"),
    [
        ("from: '22:00', to: '06:00', days: [fri]", "freezes[0].name", "it must be there"),
        ("name: x", "freezes[0].from", "it must be there, where no calendar is named"),
        ("name: x, from: 2026-11-20T18:00", "freezes[0].to", "it must be there, where no calendar is named"),
        ("name: x, from: '22:00', to: '06:00'", "freezes[0].from", "a date with a time, or days"),
        ("name: x, days: [fri], from: 2026-11-20T18:00, to: '06:00'", "freezes[0].from", "a time of day like 09:00"),
        ("name: x, days: [friday], from: '22:00', to: '06:00'", "freezes[0].days[0]", "mon"),
        ("name: x, days: [fri], from: '25:00', to: '06:00'", "freezes[0].from", "a time that there is"),
        ("name: x, from: 2026-02-30T18:00, to: 2026-03-01T18:00", "freezes[0].from", "a time that there is"),
        ("name: x, from: 2026-11-20T18:00, to: 2026-11-20T18:00", "freezes[0].to", "a time after 2026-11-20T18:00"),
        ("name: x, from: 2026-11-20T18:00, to: 2026-11-19T18:00", "freezes[0].to", "a time after 2026-11-20T18:00"),
        ("name: x, from: tomorrow, to: 2026-11-20T18:00", "freezes[0].from", "a time of day like 09:00, or a date"),
        ("name: x, from: '22:00', to: '06:00', days: [fri], zone: Mars/Base", "freezes[0].zone", "Europe/Berlin"),
        ("name: x, calendar: ops, days: [fri]", "freezes[0]", "either a calendar, or from and to"),
        ("name: x, calendar: ops, when: {resource_tag: {a: b}}", "freezes[0].when", "no resource_tag"),
        ("name: x, calendar: ops, until: never", "freezes[0].until", "name"),
        ("name: x, calendar: ops, when: {families: restart}", "freezes[0].when.families", "family"),
    ],
)
def test_an_error_names_its_line_its_field_and_what_is_allowed(lines: str, field: str, allowed: str) -> None:
    """As everywhere in the file."""
    with pytest.raises(BadPolicy) as error:
        load(freezes(lines), "night.yaml")
    assert error.value.field == field
    assert allowed in error.value.allowed
    assert error.value.line == 2
    assert str(error.value).startswith("night.yaml:2: ")


def test_a_freeze_of_a_runbook_that_is_not_there_is_an_error() -> None:
    """Misspelt, it would freeze nothing."""
    policy = load(freezes("name: x, calendar: ops, when: {runbook: restart-ec2-instanse}"))
    with pytest.raises(BadPolicy) as error:
        policy.check_against({"restart-ec2-instance"})
    assert error.value.field == "freezes[0].when.runbook"
    assert "restart-ec2-instance" in error.value.allowed
