"""The catalog refuses what would silently be something else, and says where it stands."""

import inspect
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew import Alarm, Run, runbook
from nightcrew.authoring.catalog import OURS, Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadDeclaration, Unknown
from tests.queues import Queue

RESTART = Catalog.load([OURS])["restart-ec2-instance"]


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


def test_what_is_loaded_first_keeps_its_name_and_the_other_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team's package must not be able to replace one of ours, nor to put it out of work."""
    place = tmp_path / "second_hand"
    place.mkdir()
    (place / "__init__.py").touch()
    (place / "one.py").write_text(Path(inspect.getfile(RESTART.function)).read_text())
    monkeypatch.syspath_prepend(tmp_path)
    loaded = Catalog.load([OURS, "second_hand"])
    assert loaded[RESTART.name] is RESTART
    assert [name for name in loaded.broken if name.startswith("second_hand")] == ["second_hand.one"]
    assert str(RESTART.where) in loaded.broken["second_hand.one"]


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
