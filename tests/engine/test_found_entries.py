"""A change that an earlier life of the run left between its entry and its end: found out about, and truly told."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from nightcrew import Run
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.ledger.history import items
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.verify import verify
from tests.house import House
from tests.queues import Queue, a_queue, hidden_for, hide_for, lock_of, on_call, settings

HOURS = timedelta(hours=3)
"""By then the deadline is over, and so is the lock's lease."""


class Died(BaseException):
    """Stands for the end of the process."""


def shows(seconds: int) -> Callable[[Any], bool]:
    return lambda answer: bool(answer["Attributes"]["VisibilityTimeout"] == str(seconds))


def looks(run: Run, queue: Queue) -> str:
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30), took_effect=(settings(queue), shows(61)))
    run.prove("it is set", settings(queue), shows(61), within=timedelta(minutes=1))
    return "set"


def repeats(run: Run, queue: Queue) -> str:
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), shows(61), within=timedelta(minutes=1))
    return "set"


def admitted(house: House, queue: str) -> str:
    """A run of the house's runbook that may start, and has not."""
    (runbook,) = house.crew.installation.catalog
    answer = house.crew.dispatcher.person(runbook, {"queue": queue}, actor="ada", account=ACCOUNT, region=REGION)
    assert answer.run is not None
    return answer.run


def dies(house: House, run: str, *, sent: bool = False, times: int = 1, setting: int = 61) -> None:
    """So many lives end at a call: before it leaves the process, or when it is ``sent`` and answered."""
    left = [times]

    def die(asked: Mapping[str, Any], *_: Any) -> None:
        if left[0] and asked["Attributes"]["VisibilityTimeout"] == str(setting):
            left[0] -= 1
            raise Died

    (house.scripted.after if sent else house.scripted.script)("sqs", "SetQueueAttributes", die)
    for _ in range(times):
        with pytest.raises(Died):
            house.crew.engine.drive(run)


def lives_on(house: House, run: str) -> tuple[str, Mapping[str, Any]]:
    """The outcome of a run that is driven to its end, and the facts of its change. Its chain is verified."""
    ended = house.crew.engine.drive(run)
    assert ended.status == "SUCCEEDED", ended
    assert verify(items(house.crew.store, run)) == []
    assert house.closing(run)["outcome"] == ended.result["outcome"]
    return ended.result["outcome"], next((fact for fact in house.facts(run) if fact.get("changed") == "set it"), {})


def test_a_change_that_never_comes_through_is_left_to_a_person(house: House) -> None:
    """Its entry stands, so it counts as the chain's head, and nothing is undone: that would be a change too."""
    queue, crew = a_queue(house, "never-through"), on_call(house, repeats)
    run = admitted(crew, queue)
    dies(crew, run, times=5)
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"]) == ("failed", "unknown")
    assert "4 times" in change["person"]
    assert crew.scripted.changes() == []
    assert [entry.kind for entry in crew.entries(run)] == ["opening", "change", "closing"]


def test_a_repeated_change_is_told_as_often_as_it_may_have_been_made(house: House) -> None:
    """Each life sent it, and died before it could say so."""
    queue, crew = a_queue(house, "sent-thrice"), on_call(house, repeats)
    run = admitted(crew, queue)
    dies(crew, run, sent=True, times=3)
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"], change["interrupted"]) == ("succeeded", "repeated", 2)
    assert crew.scripted.changes() == ["sqs:SetQueueAttributes"] * 4


def test_after_the_deadline_a_change_that_was_not_made_is_not_made(house: House) -> None:
    queue, crew = a_queue(house, "late-unmade"), on_call(house, looks)
    run = admitted(crew, queue)
    dies(crew, run)
    crew.crew.installation.clock.sleep(HOURS.total_seconds())
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"]) == ("failed", "looked: it had not")
    assert "deadline" in crew.closing(run)["words"]
    assert crew.scripted.changes() == []


def test_after_the_deadline_a_change_that_was_made_is_found_and_proved(house: House) -> None:
    queue, crew = a_queue(house, "late-made"), on_call(house, looks)
    run = admitted(crew, queue)
    dies(crew, run, sent=True)
    crew.crew.installation.clock.sleep(HOURS.total_seconds())
    assert lives_on(crew, run)[1]["how"] == "looked: it had taken effect"
    assert crew.scripted.changes() == ["sqs:SetQueueAttributes"]


def test_after_the_deadline_a_change_that_nobody_can_see_is_not_repeated(house: House) -> None:
    queue, crew = a_queue(house, "late-unseen"), on_call(house, repeats)
    run = admitted(crew, queue)
    dies(crew, run, sent=True)
    crew.crew.installation.clock.sleep(HOURS.total_seconds())
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"]) == ("failed", "unknown")
    assert crew.scripted.changes() == ["sqs:SetQueueAttributes"]


def test_a_cancel_between_two_lives_holds_for_the_change_in_between(house: House) -> None:
    """Its entry stands, yet it was not made: now it is not made any more."""
    queue, crew = a_queue(house, "cancelled-between"), on_call(house, looks)
    run = admitted(crew, queue)
    dies(crew, run)
    crew.crew.store.transact([Piece("state", lock_of(queue), gate="cancel", sets={"cancel": "ada said so"})])
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"]) == ("cancelled", "looked: it had not")
    assert crew.scripted.changes() == []


@pytest.mark.parametrize("function", [looks, repeats])
def test_a_run_that_another_one_has_closed_makes_no_change_when_it_wakes(
    house: House, function: Callable[..., str]
) -> None:
    """Its lease was over, and the resource is another run's: only its own dead entry is there."""
    queue, crew = a_queue(house, f"woken-{function.__name__}"), on_call(house, function)
    run = admitted(crew, queue)
    dies(crew, run)
    woken_too_late(crew, run, queue)
    assert crew.scripted.changes() == []


def test_a_run_that_another_one_has_closed_undoes_nothing_when_it_wakes(house: House) -> None:
    """No deadline stops an undo; another owner does."""

    def regrets(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        run.require("it was a good idea", False)
        return "never"

    queue, crew = a_queue(house, "woken-undoing"), on_call(house, regrets)
    run = admitted(crew, queue)
    dies(crew, run, setting=30)
    woken_too_late(crew, run, queue)
    assert crew.scripted.changes() == ["sqs:SetQueueAttributes"]


def woken_too_late(house: House, run: str, queue: str) -> None:
    """Its lease is over, another run closes it and takes the resource; then it is driven on."""
    house.crew.installation.clock.sleep(HOURS.total_seconds())
    rival = admitted(house, queue)
    assert house.closing(run)["abandoned"] is True
    assert lives_on(house, run)[0] == "failed"
    assert (house.crew.store.get("state", lock_of(queue)) or {})["owner"] == rival


def test_an_entry_whose_reply_was_lost_is_the_head_of_the_chain(on_tables: House) -> None:
    """It was told as not written, and the next one would have taken its number."""
    queue, crew = a_queue(on_tables, "lost-reply"), on_call(on_tables, looks)
    run = admitted(crew, queue)
    events = crew.crew.store._client.meta.events
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append("the reply")
            raise ReadTimeoutError(endpoint_url="the ledger")

    events.register("after-call.dynamodb.TransactWriteItems", lose)
    outcome, change = lives_on(crew, run)
    events.unregister("after-call.dynamodb.TransactWriteItems", lose)
    assert (outcome, change["how"]) == ("succeeded", "looked: it had not; called")
    assert lost


def test_a_slip_in_a_long_wait_leaves_its_entry_in_the_chain(house: House) -> None:
    """The undo waits, so that the run comes by once more: it must know the entry then, too."""

    def slips(run: Run, queue: Queue) -> str:
        def take_it_back() -> None:
            run.wait("a moment", timedelta(minutes=1))
            run.change("set it back", hide_for(queue, 30))

        run.change("set it", hide_for(queue, 61), undo=take_it_back)
        run.wait_until("it is so", settings(queue), lambda answer: answer["nothing of the kind"])
        return "never"

    queue, crew = a_queue(house, "a-slip"), on_call(house, slips)
    run = admitted(crew, queue)
    assert lives_on(crew, run)[0] == "failed"
    assert "KeyError" in crew.closing(run)["words"]
    assert crew.closing(run)["undone"] == ["set it"]
    assert hidden_for(crew, queue) == 30


def test_a_slip_in_looking_leaves_it_to_a_person(house: House) -> None:
    """Whether the change took effect cannot be told; what came before it can."""

    def slips(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), took_effect=(settings(queue), lambda answer: answer["nothing"]))
        return "never"

    queue, crew = a_queue(house, "a-slip-in-looking"), on_call(house, slips)
    run = admitted(crew, queue)
    dies(crew, run)
    outcome, change = lives_on(crew, run)
    assert (outcome, change["how"]) == ("failed", "unknown")
    assert "KeyError" in change["person"]
