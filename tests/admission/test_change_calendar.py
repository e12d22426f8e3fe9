"""SSM Change Calendars: asked at the moment of a start, and closed where they cannot be asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from nightcrew.admission.change_calendar import KEPT, UNTOLD, ChangeCalendar
from nightcrew.admission.freezes import frozen
from nightcrew.admission.gates.freeze import Freeze as Gate
from nightcrew.admission.policy_file import load
from nightcrew.clock import StoppedClock, moment
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import Unreachable
from tests.admission.conftest import Make

POLICY = load("freezes:\n  - {name: the sale, calendar: ops}\n")
NOW = StoppedClock().now()
SOON = "2026-11-21T03:00:10Z"
MONDAY = "2026-11-23T06:00:00Z"


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """Nothing said yet."""
    scripted.reset()
    return scripted


def says(aws: Scripted, *answers: Any) -> None:
    """What SSM answers, one after the other."""
    aws.answer("ssm", "GetCalendarState", *answers)


def questions(aws: Scripted) -> list[Any]:
    return [dict(each.parameters) for each in aws.sent if each.operation == "GetCalendarState"]


@pytest.mark.parametrize(
    ("answer", "until"),
    [
        ({"State": "OPEN", "NextTransitionTime": MONDAY}, None),
        ({"State": "OPEN"}, None),
        ({"State": "CLOSED", "NextTransitionTime": MONDAY}, moment(MONDAY)),
        ({"State": "CLOSED"}, NOW + UNTOLD),
        ({"State": "CLOSED", "NextTransitionTime": "2026-11-20T00:00:00Z"}, NOW + UNTOLD),
        ({"State": "SOMETHING NEW", "NextTransitionTime": MONDAY}, moment(MONDAY)),
    ],
)
def test_it_tells_until_when_a_calendar_is_closed(
    aws: Scripted, answer: dict[str, str], until: datetime | None
) -> None:
    """At the moment that is asked about. Only an open calendar is open."""
    says(aws, answer)
    assert ChangeCalendar(aws)("ops", NOW) == until
    assert questions(aws) == [{"CalendarNames": ["ops"], "AtTime": "2026-11-21T03:00:00Z"}]


def test_an_answer_is_kept_shortly(aws: Scripted) -> None:
    """A storm asks once; a freeze that somebody declares now holds half a minute later at the latest."""
    says(aws, {"State": "OPEN"}, {"State": "CLOSED", "NextTransitionTime": MONDAY})
    calendar = ChangeCalendar(aws)
    assert [calendar("ops", NOW + timedelta(seconds=each)) for each in (0, 10, 29)] == [None] * 3
    assert calendar("ops", NOW + KEPT) == moment(MONDAY)
    assert len(questions(aws)) == 2


def test_an_answer_is_never_kept_past_its_own_end(aws: Scripted) -> None:
    """The freeze begins in ten seconds."""
    says(aws, {"State": "OPEN", "NextTransitionTime": SOON}, {"State": "CLOSED", "NextTransitionTime": MONDAY})
    calendar = ChangeCalendar(aws)
    assert calendar("ops", NOW) is None
    assert calendar("ops", moment(SOON)) == moment(MONDAY)


def test_calendars_are_told_apart(aws: Scripted) -> None:
    says(aws, {"State": "OPEN"}, {"State": "CLOSED", "NextTransitionTime": MONDAY})
    calendar = ChangeCalendar(aws)
    assert (calendar("ops", NOW), calendar("other", NOW), calendar("ops", NOW)) == (None, moment(MONDAY), None)


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidDocument", "UnsupportedCalendarException"])
def test_a_calendar_that_cannot_be_read_counts_as_closed_and_the_refusal_says_so(
    aws: Scripted, code: str, ask: Make
) -> None:
    """And a storm does not ask it 10,000 times."""
    says(aws, Refusal(code), {"State": "OPEN"})
    calendar = ChangeCalendar(aws)
    with pytest.raises(Unreachable, match=code):
        calendar("ops", NOW)
    (freeze,) = frozen(POLICY, ask(), NOW, calendar)
    assert freeze.until == NOW + UNTOLD
    assert freeze.name == f"the sale (its calendar ops cannot be read, so it counts as closed: {code})"
    assert len(questions(aws)) == 1
    assert frozen(POLICY, ask(), NOW + KEPT, calendar) == ()


def test_the_gate_refuses_with_the_calendars_end(aws: Scripted, ask: Make) -> None:
    says(aws, {"State": "CLOSED", "NextTransitionTime": MONDAY})
    request = replace(ask(), frozen=frozen(POLICY, ask(), NOW, ChangeCalendar(aws)))
    refusal = Gate().look(request, NOW)
    assert refusal is not None
    assert (refusal.gate, refusal.until) == ("freeze", moment(MONDAY))


def test_a_policy_that_names_no_calendar_asks_none(ask: Make) -> None:
    """Nor does it make a client: that would cost a cold start."""
    window = load("freezes:\n  - {name: x, from: 2026-11-20T00:00, to: 2026-11-22T00:00, zone: UTC}\n")

    def nobody(service: str, config: Any) -> Any:
        raise AssertionError(service)

    assert len(frozen(window, ask(), NOW, ChangeCalendar(nobody))) == 1
    assert frozen(load(""), ask(), NOW, ChangeCalendar(nobody)) == ()


def test_where_nobody_can_ask_a_calendar_it_counts_as_closed(ask: Make) -> None:
    (freeze,) = frozen(POLICY, ask(), NOW, None)
    assert "nobody here can ask its calendar ops" in freeze.name
