"""Upload: what ran under break-glass goes into the ledger, as it is, once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.follow_ups import listed
from nightcrew.admission.policy import Policy
from nightcrew.admission.request import lock_key
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import StoppedClock, stamp
from nightcrew.dispatch.upload import is_left, upload
from nightcrew.errors import Unreachable
from nightcrew.knowledge.search.late import late_since
from nightcrew.ledger.book import put_once
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import history, items
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.verify import verify
from tests.dispatch.glass import Interrupted, Laptop, declared, longer, queue_of
from tests.queues import Queue, hide_for, settings


@pytest.fixture
def laptop(tmp_path: Path, clients: ClientMaker, auto_policy: Policy) -> Laptop:
    return Laptop(tmp_path, clients, auto_policy, declared(longer))


@pytest.fixture
def table(clients: ClientMaker) -> Store:
    """The ledger, in DynamoDB."""
    return Store(clients("dynamodb", client_config()))


def test_a_run_is_put_into_the_ledger_as_it_is(laptop: Laptop, clients: ClientMaker, table: Store) -> None:
    """Item by item the same; history finds it, marked, and its chain is whole."""
    queue = queue_of(clients, "upload-whole")
    run, _ = laptop.ran(queue)
    done = upload(run, laptop.store, table, "here")
    assert (done.put, done.there, done.whole) == (4, 0, True)
    assert items(table, run) == items(laptop.store, run)
    assert not verify(items(table, run))
    arn = str(laptop.entries(run)[0].body["resource"])
    (row,) = history(table, now=laptop.clock.now(), resource=arn).rows
    assert (row.run, row.outcome, row.break_glass) == (run, "succeeded", True)
    (by_symptom, *_) = history(table, now=laptop.clock.now(), symptom="break-glass:longer").rows
    assert by_symptom.break_glass


def test_who_searches_is_told_where_something_came_late(laptop: Laptop, clients: ClientMaker) -> None:
    """Its week, once all of it is there; again where it is uploaded again, since that may have died before."""
    run, _ = laptop.ran(queue_of(clients, "upload-late"))
    there, later = MemoryStore(), StoppedClock(laptop.clock.now() + timedelta(weeks=3))
    for _ in range(2):
        upload(run, laptop.store, there, "here", later)
        assert late_since(there, later.now()) == (week(laptop.entries(run)[-1].at),)
        later.sleep(3600)


def test_twice_is_safe(laptop: Laptop, clients: ClientMaker, table: Store) -> None:
    run, _ = laptop.ran(queue_of(clients, "upload-twice"))
    store = laptop.store
    assert is_left(run, store, "here")
    upload(run, store, table, "here")
    before = items(table, run)
    again = upload(run, store, table, "here")
    assert (again.put, again.there, again.whole) == (0, 4, True)
    assert items(table, run) == before
    assert not is_left(run, store, "here")
    assert is_left(run, store, "another ledger")


@pytest.mark.parametrize("after", range(5))
def test_an_upload_that_is_interrupted_goes_on(laptop: Laptop, clients: ClientMaker, after: int) -> None:
    """After any of its writes; history shows the run only once all of it is there."""
    run, _ = laptop.ran(queue_of(clients, f"upload-interrupted-{after}"))
    there = Interrupted(after)
    with pytest.raises(Unreachable):
        upload(run, laptop.store, there, "here")
    assert history(there, now=laptop.clock.now()).rows == ()
    assert is_left(run, laptop.store, "here")
    there.left = -1
    done = upload(run, laptop.store, there, "here")
    assert done.whole
    assert done.put + done.there == 4
    assert items(there, run) == items(laptop.store, run)


@pytest.mark.parametrize("number", [0, 2, 3])
def test_an_entry_with_other_content_is_told_and_never_overwritten(
    laptop: Laptop, clients: ClientMaker, table: Store, number: int
) -> None:
    """What comes after it is not sent; and it is said each time."""
    run, _ = laptop.ran(queue_of(clients, f"upload-conflict-{number}"))
    mine = laptop.entries(run)[number]
    other = Entry(run, number, mine.kind, mine.at, {**mine.body, "words": "another story"}, mine.previous)
    table.transact([put_once(other)])
    for _ in range(2):
        done = upload(run, laptop.store, table, "here")
        assert not done.whole
        assert done.wrong == [f"entry {number}: the ledger has another one there ({mine.kind}); it was left as it is"]
        assert table.get("ledger", {"run": run, "number": number}) == other.to_item()
        assert len(items(table, run)) == number + 1
    assert is_left(run, laptop.store, "here")


def test_a_run_that_has_not_ended_is_not_sent(laptop: Laptop, clients: ClientMaker) -> None:
    run = str(laptop.start(queue_of(clients, "upload-open")).run)
    there = MemoryStore()
    done = upload(run, laptop.store, there, "here")
    assert (done.open, done.whole, items(there, run)) == (True, False, [])


def test_a_chain_that_somebody_touched_is_not_sent(laptop: Laptop, clients: ClientMaker) -> None:
    """It is said what is wrong with it."""
    run, _ = laptop.ran(queue_of(clients, "upload-touched"))
    key = {"run": run, "number": 1}
    first = laptop.store.get("ledger", key) or {}
    body = str(first["body"]).replace('"60"', '"61"')
    laptop.store.transact([Piece(table="ledger", key=key, gate="test", sets={"body": body})])
    there = MemoryStore()
    done = upload(run, laptop.store, there, "here")
    assert done.wrong == ["entry 1: was edited: its content does not give its hash"]
    assert items(there, run) == []


def test_a_refusal_is_sent_too(laptop: Laptop, clients: ClientMaker) -> None:
    """Why something was not done can be looked up."""
    queue = queue_of(clients, "upload-refused")
    laptop.ran(queue)
    refused = str(laptop.start(queue).run)
    there = MemoryStore()
    assert upload(refused, laptop.store, there, "here").put == 1
    (row,) = history(there, now=laptop.clock.now()).rows
    assert (row.gate, row.break_glass) == ("cool-down", True)


def test_the_cool_down_of_the_resource_counts_from_its_last_change(laptop: Laptop, clients: ClientMaker) -> None:
    """A later one that the ledger knows of stays."""
    run, _ = laptop.ran(queue_of(clients, "upload-cool"))
    first, *_ = chain = laptop.entries(run)
    changed = stamp([entry for entry in chain if entry.kind == "change"][-1].at)
    key = {"key": lock_key(str(first.body["resource"]))}
    there = MemoryStore()
    upload(run, laptop.store, there, "here")
    assert there.get("state", key) == {"changed_at": changed, **key}
    later, known = MemoryStore(), stamp(chain[-1].at + timedelta(hours=1))
    later.transact([Piece(table="state", key=key, gate="test", sets={"changed_at": known})])
    upload(run, laptop.store, later, "here")
    assert (later.get("state", key) or {})["changed_at"] == known


def test_what_is_to_be_started_later_is_handed_over_once(laptop: Laptop, clients: ClientMaker) -> None:
    """The team's sweep starts it through all gates; nobody does on this machine."""

    def with_later(run: Run, queue: Queue) -> str:
        """Puts it back tomorrow."""
        run.change("set it", hide_for(queue, 60))
        run.later("put it back", "with-later", {"queue": queue}, after=timedelta(days=1))
        run.prove("it is set", settings(queue), _set, within=timedelta(minutes=1))
        return "set"

    laptop.book = declared(with_later)
    run, _ = laptop.ran(queue_of(clients, "upload-later"))
    there = Interrupted(3)  # two entries, and the follow-up
    with pytest.raises(Unreachable):
        upload(run, laptop.store, there, "here")
    there.left = -1
    assert upload(run, laptop.store, there, "here").follow_ups == 1
    (due,) = listed(there)
    assert (due.runbook, due.what["run"], due.due > laptop.clock.now()) == ("with-later", run, True)
    again = upload(run, laptop.store, there, "here")
    assert again.follow_ups == 0


def _set(answer: Any) -> bool:
    return bool(answer["Attributes"]["VisibilityTimeout"] == "60")
