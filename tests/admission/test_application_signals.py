"""Application Signals, asked for what is left of an error budget."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.application_signals import KEPT, ApplicationSignals
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import Unreachable

NOW = StoppedClock().now()
ASK = ("application-signals", "BatchGetServiceLevelObjectiveBudgetReport")


def says(aws: Scripted, *reports: dict[str, Any], errors: tuple[dict[str, Any], ...] = ()) -> None:
    """An answer for each report."""
    told = [{"Reports": [{"Arn": "arn:aws:x", "Name": "checkout", **each}]} for each in reports] or [{"Reports": []}]
    aws.answer(*ASK, *({"Timestamp": NOW, "Errors": list(errors), **each} for each in told))


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """Nothing said yet."""
    scripted.reset()
    return scripted


@pytest.mark.parametrize(
    ("report", "left"),
    [
        ({"BudgetStatus": "OK", "TotalBudgetSeconds": 2000, "BudgetSecondsRemaining": 500}, 0.25),
        ({"BudgetStatus": "OK", "TotalBudgetRequests": 1000, "BudgetRequestsRemaining": 900}, 0.9),
        ({"BudgetStatus": "BREACHED", "TotalBudgetSeconds": 100, "BudgetSecondsRemaining": -50}, -0.5),
        ({"BudgetStatus": "BREACHED", "TotalBudgetSeconds": 0, "BudgetSecondsRemaining": 0}, 0.0),
    ],
)
def test_the_share_that_is_left(aws: Scripted, report: dict[str, Any], left: float) -> None:
    """Of seconds or of requests, as the objective counts."""
    says(aws, report)
    assert ApplicationSignals(aws)("checkout", NOW) == left
    [asked] = [each.parameters for each in aws.sent]
    assert asked["SloIds"] == ["checkout"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([{"BudgetStatus": "INSUFFICIENT_DATA"}], "no data"),
        ([{"BudgetStatus": "OK"}], "no data"),
        ([], "there is no such objective"),
    ],
)
def test_without_an_answer_it_is_not_known(aws: Scripted, told: list[dict[str, Any]], words: str) -> None:
    """Never a guess: whoever asks takes it to be spent."""
    says(aws, *told)
    with pytest.raises(Unreachable, match=words):
        ApplicationSignals(aws)("checkout", NOW)


def test_an_objective_that_there_is_not_is_named_by_aws(aws: Scripted) -> None:
    """The error of its own entry."""
    says(aws, errors=({"Name": "x", "Arn": "arn:aws:x", "ErrorCode": "ResourceNotFound", "ErrorMessage": "no"},))
    with pytest.raises(Unreachable, match="ResourceNotFound"):
        ApplicationSignals(aws)("checkout", NOW)


def test_a_refusal_is_not_known_either(aws: Scripted) -> None:
    """A missing right, a throttle."""
    aws.answer(*ASK, Refusal("AccessDeniedException"))
    with pytest.raises(Unreachable, match="AccessDeniedException"):
        ApplicationSignals(aws)("checkout", NOW)


def test_an_answer_is_kept_for_a_minute(aws: Scripted) -> None:
    """A storm asks once; afterwards it is asked anew."""
    says(aws, *({"BudgetStatus": "OK", "TotalBudgetSeconds": 4, "BudgetSecondsRemaining": left} for left in (1, 2)))
    asks = ApplicationSignals(aws)
    assert [asks("checkout", NOW), asks("checkout", NOW + KEPT - timedelta(seconds=1))] == [0.25, 0.25]
    assert asks("checkout", NOW + KEPT) == 0.5
    assert len(aws.sent) == 2
