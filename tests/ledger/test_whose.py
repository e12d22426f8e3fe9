"""Whose run it is, as far as a row tells."""

import pytest

from nightcrew.clock import SystemClock
from nightcrew.ledger.rows import index_attributes
from nightcrew.ledger.whose import started_by

HAND = "by hand:restart-ec2-instance"
ADA = "arn:aws:sts::123456789012:assumed-role/Admin/ada"
LONG = "arn:aws:sts::123456789012:assumed-role/Admin/ada.lovelace-of-the-night@example.com"


def in_a_row(actor: str) -> str:
    """What an index holds of this actor."""
    return str(index_attributes("20261121-030004-k3f9qa", SystemClock().now(), {"actor": actor})["actor"])


@pytest.mark.parametrize("person", [ADA, "ada", "Ada", "ada (Admin)"])
def test_a_person_is_known_by_arn_name_and_role(person: str) -> None:
    """In capitals or not."""
    assert started_by(person, HAND, in_a_row(ADA))


@pytest.mark.parametrize("person", ["da", "bada", "ada (Ops)", "Admin", ADA.replace("Admin", "Ops"), "ada/ada"])
def test_another_name_that_ends_alike_is_another_person(person: str) -> None:
    assert not started_by(person, HAND, in_a_row(ADA))


def test_of_a_name_longer_than_a_row_its_end_tells() -> None:
    actor = in_a_row(LONG)
    assert actor.startswith("…")
    for person in (LONG, "ada.lovelace-of-the-night@example.com"):
        assert started_by(person, HAND, actor)
    assert not started_by("bob.of-the-day@example.com", HAND, actor)


def test_who_is_no_arn_is_known_by_the_name() -> None:
    assert started_by("ada", HAND, "ada")
    assert not started_by("ad", HAND, "ada")


@pytest.mark.parametrize("symptom", [None, "AWS/EC2:StatusCheckFailed_Instance:high"])
def test_nobody_started_what_an_alarm_started(symptom: str | None) -> None:
    """An alarm may be called as a person is."""
    assert not started_by("ada", symptom, "…the alarm of/ada")


def test_what_ran_under_break_glass_was_started_by_somebody() -> None:
    assert started_by("ada", "break-glass:restart-ec2-instance", in_a_row(ADA))


@pytest.mark.parametrize("person", ["ada@example.com", "oidc:login.example.com:ada@example.com"])
def test_who_came_by_a_browser_is_known_by_the_address(person: str) -> None:
    for actor in ("oidc:login.example.com:ada@example.com", in_a_row("oidc:login.example.com:ada@example.com")):
        assert started_by(person, HAND, actor)
    assert not started_by(person, HAND, in_a_row("oidc:login.example.com:bob@example.com"))
