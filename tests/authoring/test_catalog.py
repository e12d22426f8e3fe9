"""The catalog refuses what would silently be something else, and says where it stands."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Alarm, Run, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadDeclaration, Unknown
from tests.queues import Queue


def declared(**given: Any) -> Runbook:
    """A runbook named clear-queue, another one each time."""

    def clear_queue(run: Run, queue: Queue) -> str:
        """Clears a queue."""
        return queue

    usual = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1), "permissions": ["sqs:PurgeQueue"]}
    made: Runbook = runbook(**{**usual, **given})(clear_queue)
    return made


def test_two_runbooks_of_one_name_are_refused_with_both_places() -> None:
    """The second would be run where the first was meant."""
    first, second = declared(), declared(risk="data-loss")
    with pytest.raises(BadDeclaration) as refused:
        Catalog([first, second])
    assert "clear-queue" in str(refused.value)
    assert str(refused.value).count(first.where) == 2, "both stand on one line here"


def test_one_runbook_that_two_modules_know_is_one() -> None:
    """A package may import what another one declares."""
    one = declared()
    assert list(Catalog([one, one])) == ["clear-queue"]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(Unknown, match="clear-queue"):
        Catalog([declared()])["clear-queues"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"family": "reboot"}, "family"),
        ({"risk": "none"}, "risk"),
        ({"permissions": ["sqs:*"]}, "without wildcards"),
        ({"permissions": []}, "each call that the runbook sends"),
        ({"triggers": [Alarm("AWS/SQS", "Age", direction="high", topic="QueueName")]}, "a parameter of the function"),
        ({"triggers": [Alarm("AWS/SQS", "Age", direction="high")]}, "each parameter that has no default: queue"),
    ],
)
def test_a_declaration_that_does_not_hold_together_is_refused_with_file_and_line(
    given: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadDeclaration, match=words) as refused:
        declared(**given)
    assert f"{__file__}:" in str(refused.value)
