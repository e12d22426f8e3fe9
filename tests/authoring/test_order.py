"""What comes before what, and until when: a change's intent, a wait's end."""

from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.ledger.history import entries
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call, settings


def test_the_intent_of_a_change_is_in_the_ledger_before_its_call(house: House) -> None:
    """Whatever happens to the call, or to us at that moment, the ledger tells of it."""
    told: list[list[str]] = []
    runs: list[str] = []

    def look(_: Any) -> None:
        written = entries(night.crew.store, runs[0])
        told.append([str(entry.body["title"]) for entry in written if entry.kind == "change"])

    def changes(run: Run, queue: Queue) -> str:
        runs.append(run.id)
        run.change("first", hide_for(queue, 61))
        run.change("second", hide_for(queue, 62))
        return ""

    night = on_call(house, changes)
    queue = a_queue(night, "order-intent")
    night.scripted.script("sqs", "SetQueueAttributes", look)
    night.start("changes", queue=queue)
    assert told == [["first"], ["first", "second"]]


def test_a_wait_ends_with_its_run(house: House) -> None:
    """However long it was declared: after the run's deadline the lock may be another run's."""

    def waits(run: Run, queue: Queue) -> str:
        run.wait("a while", timedelta(minutes=4))
        run.wait_until("it never is", settings(queue), lambda _: False, within=timedelta(minutes=4, seconds=30))
        return ""

    night = on_call(house, waits, deadline=timedelta(minutes=5))
    run, ended = night.start("waits", queue=a_queue(night, "order-wait"))
    assert ended["outcome"] == "failed"
    opened, closed = night.entries(run)[0].at, night.entries(run)[-1].at
    assert timedelta(minutes=5) <= closed - opened < timedelta(minutes=6)
