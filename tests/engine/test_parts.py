"""One runbook as a part of another: one ledger, one undo path, one plan."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run, runbook
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadDeclaration
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings

MINUTE = timedelta(minutes=1)
DECLARED: dict[str, Any] = {
    "family": "restart",
    "risk": "low",
    "by_hand": MINUTE,
    "permissions": ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
}


@runbook(**DECLARED)
def stronger(run: Run, queue: Queue, seconds: int = 62) -> str:
    """The stronger remedy."""
    run.change("set it", hide_for(queue, seconds), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda answer: str(seconds) in str(answer), within=MINUTE)
    return f"set to {seconds}"


def goes_on(run: Run, queue: Queue) -> str:
    """What did not help is followed by something stronger."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    if not run.wait_until("it helps", settings(queue), lambda _: False, within=timedelta(seconds=1), missed=False):
        return run.runbook(stronger, queue=queue)
    return "helped"


def test_what_did_not_help_goes_on_to_something_stronger(house: House) -> None:
    """In one ledger: the part's titles say whose they are, and its proof is the run's."""
    shift = Shift.build(house, goes_on, parts=[stronger])
    run = shift.by_hand()
    ended = shift.through(run)
    assert (ended["outcome"], ended["words"]) == ("succeeded", "set to 62")
    changes = [entry.body["title"] for entry in shift.house.entries(run) if entry.kind == "change"]
    assert changes == ["set it", "stronger: set it"]
    assert hidden_for(shift.house, shift.queue) == 62


def fails_after(run: Run, queue: Queue) -> str:
    """Its part did well, and then it fails."""
    run.change("set it", hide_for(queue, 61), undo=lambda: run.change("set it back", hide_for(queue, 30)))
    run.runbook(stronger, queue=queue, seconds=63)
    run.require("it is over", False)
    return ""


def test_the_undos_of_both_are_run_in_reverse(house: House) -> None:
    """The part's own first."""
    shift = Shift.build(house, fails_after, parts=[stronger])
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "failed"
    assert shift.house.closing(run)["undone"] == ["stronger: set it", "set it"]
    assert hidden_for(shift.house, shift.queue) == 30


def straight(run: Run, queue: Queue) -> str:
    """Nothing but its part."""
    return run.runbook(stronger, queue=queue)


def test_a_plan_shows_the_changes_of_a_part_among_the_others(house: House) -> None:
    """Under the titles that the run will use; and nothing is changed."""
    shift = Shift.build(house, straight, parts=[stronger])
    planned = shift.house.plan("remedy", queue=shift.queue)
    assert [line["title"] for line in planned.changes] == ["stronger: set it"]
    assert hidden_for(shift.house, shift.queue) == 30


def elsewhere(run: Run, queue: Queue) -> str:
    """Its part would be about another queue."""
    return run.runbook(stronger, queue=f"{queue}-other")


def test_a_part_is_about_the_runs_own_resource(house: House) -> None:
    """That is what the run holds: nothing else is touched."""
    shift = Shift.build(house, elsewhere, parts=[stronger])
    ended = shift.through(shift.by_hand())
    assert ended["outcome"] == "failed"
    assert "must be about the run's own resource" in ended["words"]
    assert shift.house.scripted.changes() == []


def declared(**more: Any) -> Callable[[Callable[..., Any]], Runbook]:
    return runbook(**{**DECLARED, **more})


def test_a_runbook_may_do_what_its_parts_may() -> None:
    part = declared(permissions=["sqs:PurgeQueue"], secret=["Token"])(straight)
    whole = declared(parts=[part], secret=["Key"])(goes_on)
    assert whole.permissions == ("sqs:GetQueueAttributes", "sqs:PurgeQueue", "sqs:SetQueueAttributes")
    assert whole.secret == {"Key", "Token"}


@pytest.mark.parametrize(
    ("part", "words"), [({"risk": "data-loss"}, "risk"), ({"deadline": timedelta(hours=2)}, "deadline")]
)
def test_a_part_may_be_neither_riskier_nor_longer_than_the_whole(part: dict[str, Any], words: str) -> None:
    within = declared(**part)(straight)
    with pytest.raises(BadDeclaration, match=words):
        declared(parts=[within])(goes_on)
