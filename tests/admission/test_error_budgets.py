"""Error budgets of policy: when little is left, less runs by itself; what cannot be asked counts as spent."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nightcrew.admission.error_budgets import Budgets, limited
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_compiled import compiled, from_compiled
from nightcrew.admission.policy_file import load
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.clock import StoppedClock
from nightcrew.errors import BadPolicy, Unreachable
from tests.admission.conftest import Make

NOW = StoppedClock().now()
ANY = "error_budgets:\n  - {slo: checkout, below: 20%, autonomy: approve}\n"
BUT_RESTARTS = "error_budgets:\n  - {slo: checkout, below: 20%, autonomy: approve, except: {family: restart}}\n"


def left(share: float) -> Budgets:
    return lambda slo, now: share


def away(slo: str, now: datetime) -> float:
    raise Unreachable("ThrottlingException")


def at(ask: Make, level: Level = Level.AUTO, **more: object) -> Request:
    asked = ask()
    settings = replace(asked.settings, autonomy=Setting(level, "rules[0]"))
    return replace(asked, settings=settings, **more)  # type: ignore[arg-type]


def level(request: Request) -> Level:
    return request.settings.autonomy.value


@pytest.mark.parametrize(
    ("share", "then"),
    [(0.9, Level.AUTO), (0.2, Level.AUTO), (0.19, Level.APPROVE), (0.0, Level.APPROVE), (-1.5, Level.APPROVE)],
)
def test_below_its_share_a_person_is_asked(ask: Make, share: float, then: Level) -> None:
    """At the share itself not yet; overdrawn all the more."""
    assert level(limited(load(ANY), at(ask), NOW, left(share))) is then


def test_the_reason_names_the_line_and_what_is_left(ask: Make) -> None:
    """It stands in the opening entry."""
    found = limited(load(ANY), at(ask), NOW, left(0.125))
    because = "error_budgets[0] (checkout): 12 % left, below 20 %, which lowers auto from rules[0]"
    assert found.settings.autonomy.because == because


def test_who_is_asked_has_the_time_to_answer(ask: Make) -> None:
    """A run that waits for a person must not lose its lease before the answer may come."""
    asked = at(ask)
    found = limited(load(ANY), asked, NOW, left(0.0))
    patience = asked.settings.approval.value
    assert patience > timedelta(0)
    assert (found.deadline, found.lease) == (asked.deadline + patience, asked.lease + patience)


def test_two_persons_time_is_not_added_twice(ask: Make) -> None:
    """Risk data-loss asks in any case: its time was added already."""
    asked = at(ask, risk="data-loss")
    assert limited(load(ANY), asked, NOW, left(0.0)).deadline == asked.deadline


@pytest.mark.parametrize("share", [0.9, 0.0])
def test_a_budget_only_lowers(ask: Make, share: float) -> None:
    """What policy only lets observe is not raised by a budget, low or not."""
    assert level(limited(load(ANY), at(ask, Level.OBSERVE), NOW, left(share))) is Level.OBSERVE


def test_what_cannot_be_read_counts_as_spent(ask: Make) -> None:
    """And the reason says why."""
    found = limited(load(ANY), at(ask), NOW, away)
    assert level(found) is Level.APPROVE
    assert "ThrottlingException" in found.settings.autonomy.because


def test_where_nobody_can_ask_it_counts_as_spent(ask: Make) -> None:
    """A place without Application Signals lets nothing run on the strength of it."""
    assert level(limited(load(ANY), at(ask), NOW, None)) is Level.APPROVE


def test_restarts_may_be_left_out(ask: Make) -> None:
    """``except``: restart at once, everything else asks."""
    policy = load(BUT_RESTARTS)
    assert level(limited(policy, at(ask, family="restart"), NOW, left(0.0))) is Level.AUTO
    assert level(limited(policy, at(ask, family="failover"), NOW, left(0.0))) is Level.APPROVE


def test_only_what_it_covers_is_asked_about(ask: Make) -> None:
    """No question is put where the answer changes nothing."""
    asked: list[str] = []

    def count(slo: str, now: datetime) -> float:
        asked.append(slo)
        return 1.0

    policy = load("error_budgets:\n  - {slo: checkout, below: 20%, autonomy: approve, when: {family: failover}}\n")
    limited(policy, at(ask, family="restart"), NOW, count)
    limited(load(ANY), at(ask, Level.APPROVE), NOW, count)
    assert asked == []


def test_the_lowest_of_several_holds(ask: Make) -> None:
    """Two objectives, both low."""
    both = f"{ANY}  - {{slo: search, below: 50%, autonomy: suggest}}\n"
    assert level(limited(load(both), at(ask), NOW, left(0.1))) is Level.SUGGEST
    assert level(limited(load(both), at(ask), NOW, left(0.3))) is Level.SUGGEST
    assert level(limited(load(both), at(ask), NOW, left(0.6))) is Level.AUTO


def test_a_long_reason_is_cut(ask: Make) -> None:
    """The opening entry has room for a line."""
    arn = "arn:aws:application-signals:eu-west-1:123456789012:slo/" + "x" * 300
    found = limited(load(ANY.replace("checkout", arn)), at(ask), NOW, left(0.0))
    assert len(found.settings.autonomy.because) <= 200


def test_a_compiled_policy_has_the_same() -> None:
    """Intake reads the compiled one."""
    policy: Policy = load(
        """
error_budgets:
  - slo: checkout
    below: 20%
    autonomy: approve
    when: {risk: disruptive}
    except: {family: restart}
    resources: ["arn:aws:ecs:*:*:service/prod/*"]
"""
    )
    assert policy.error_budgets
    assert from_compiled(compiled(policy)).error_budgets == policy.error_budgets


@pytest.mark.parametrize(
    ("line", "field", "allowed"),
    [
        ("{slo: a, below: 20, autonomy: approve}", "error_budgets[0].below", "from 1% to 100%"),
        ("{slo: a, below: 0%, autonomy: approve}", "error_budgets[0].below", "from 1% to 100%"),
        ("{slo: a, below: 120%, autonomy: approve}", "error_budgets[0].below", "from 1% to 100%"),
        ("{slo: a*, below: 20%, autonomy: approve}", "error_budgets[0].slo", "name or ARN"),
        ("{slo: a, below: 20%, autonomy: auto}", "error_budgets[0].autonomy", "only lower"),
        ("{slo: a, below: 20%}", "error_budgets[0].autonomy", "it must be there"),
        ("{slo: a, below: 20%, autonomy: approve, unless: {}}", "error_budgets[0]", "one of"),
        (
            "{slo: a, below: 20%, autonomy: approve, when: {resource_tag: {a: b}}}",
            "error_budgets[0].when",
            "before hold",
        ),
        ("{slo: a, below: 20%, autonomy: approve, except: {family: reboot}}", "error_budgets[0].except", "one of"),
        (
            "{slo: a, below: 20%, autonomy: approve, resources: [web]}",
            "error_budgets[0].resources",
            "a pattern of ARNs",
        ),
    ],
)
def test_what_is_not_allowed_names_its_place(line: str, field: str, allowed: str) -> None:
    """File, line, field, value, and what is allowed."""
    with pytest.raises(BadPolicy) as bad:
        load(f"error_budgets:\n  - {line}\n")
    assert str(bad.value.field).startswith(field)
    assert allowed in bad.value.allowed


def test_a_runbook_that_there_is_not_is_refused() -> None:
    """A slip in its name would limit nothing."""
    policy = load("error_budgets:\n  - {slo: a, below: 20%, autonomy: approve, except: {runbook: restart-it}}\n")
    with pytest.raises(BadPolicy, match="restart-it"):
        policy.check_against({"restart-ec2-instance"})
