"""The gates as they hold during a run: each change asks for them once more, in the transaction of its intent."""

from typing import Any

import pytest

from nightcrew import Run
from nightcrew.ledger.transaction import Piece
from tests.house import House
from tests.queues import Queue, a_queue, hidden_for, hide_for, lock_of, on_call


def twice(run: Run, queue: Queue) -> str:
    """Changes the queue twice."""
    run.change("first", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.change("second", hide_for(queue, 62), undo=hide_for(queue, 61))
    return "changed"


def meanwhile(house: House, queue: str, **sets: Any) -> None:
    """While a change is under way, somebody writes this to the queue's lock."""

    def write(*_: Any) -> None:
        house.crew.store.transact([Piece("state", lock_of(queue), gate="lock", sets=sets)])

    house.scripted.after("sqs", "SetQueueAttributes", write)


@pytest.fixture
def night(house: House) -> House:
    """A house with that runbook."""
    return on_call(house, twice)


def test_a_cancelled_run_makes_no_further_change_and_undoes(night: House) -> None:
    """The cancel is seen at the next change, and stops no undo."""
    queue = a_queue(night, "during-cancelled")
    meanwhile(night, queue, cancel="ada said so")
    run, ended = night.start("twice", queue=queue)
    assert (ended["outcome"], ended["words"]) == ("cancelled", "ada said so")
    assert night.closing(run)["undone"] == ["first"]
    assert len(night.scripted.changes()) == 2, "the first change, and what takes it back"
    assert hidden_for(night, queue) == 30


def test_a_run_that_lost_its_lock_changes_nothing_and_undoes_nothing(night: House) -> None:
    """The resource is another run's by now: an undo would be a change of it, too."""
    queue = a_queue(night, "during-lost")
    meanwhile(night, queue, owner="another-run")
    run, ended = night.start("twice", queue=queue)
    assert ended["outcome"] == "failed"
    assert "another-run has the lock now" in ended["words"]
    assert night.closing(run)["not_undone"] == [{"title": "first", "words": "left as it is"}]
    assert len(night.scripted.changes()) == 1
    assert (night.crew.store.get("state", lock_of(queue)) or {})["owner"] == "another-run"


def test_a_change_begins_the_cool_down(night: House) -> None:
    """It is written with the change's intent, so that a run that crashes afterwards leaves it too."""
    queue = a_queue(night, "during-cooling")
    night.start("twice", queue=queue)
    answer, _ = night.crew.person("twice", queue=queue)
    assert (answer.kind, answer.gate) == ("refused", "cool-down")
