"""Runs that are carried on in one process, whoever hands them over: a page's start, an answer, a deadline."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from nightcrew.admission.approvals import decide, find
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.console.local import carried_by
from nightcrew.demo.embedded import Crew, crew
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.local import Journal
from nightcrew.engine.local.worker import Means, Worker, pending
from nightcrew.ledger.history import tail
from tests.api.conftest import ASKS
from tests.cli.cloud import Demo
from tests.cli.night import ADA, NAME

BOB = "arn:aws:iam::123456789012:user/bob"


@dataclass
class Shop:
    """An installation under whose policy a restart waits for an approval, and its worker."""

    demo: Demo
    team: Crew
    journal: Journal
    slips: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        means = Means(self.team.engine, self.journal, self.team.store, self.team.installation.clock)
        self.worker = Worker(means, self.slips.append)

    @property
    def door(self) -> Dispatcher:
        return carried_by(self.worker, self.team.dispatcher)

    def asks(self) -> str:
        """A run that waits for an approval."""
        run = str(self.door.person(NAME, {"instance_id": self.demo.instance()}, **ADA).run)
        self.worker.work(0)
        assert pending(run, self.team.store, self.journal) is not None
        return run

    def approve(self, run: str) -> tuple[str, object]:
        """What Bob's approval has to be answered with."""
        question = find(self.team.store, run)
        assert question is not None
        now = self.team.installation.clock.now()
        decided = decide(self.team.store, run, by=BOB, approve=True, now=now, plan=question.hash)
        return str(decided.callback), decided.value

    def outcome(self, run: str) -> object:
        """How it ended, if it did."""
        last = tail(self.team.store, run)
        return last.body.get("outcome") if last is not None else None


@pytest.fixture
def shop(demo: Demo, catalog: Catalog) -> Iterator[Shop]:
    team = crew(load(ASKS), clients=demo.clients, journal=demo.journal, catalog=catalog)
    with closing(Journal(demo.journal, team.installation.clock)) as journal:
        yield Shop(demo, team, journal)


def test_a_run_is_carried_to_where_a_person_is_asked_and_from_the_answer_to_its_end(shop: Shop) -> None:
    """No time to decide passes in between, though the clock skips waits."""
    run = shop.asks()
    shop.worker.work(0)
    assert shop.outcome(run) is None
    assert shop.door.installation.answer(*shop.approve(run)) is True
    shop.worker.work(0)
    assert shop.outcome(run) == "succeeded"
    assert shop.slips == []


def test_what_nobody_answers_in_time_goes_on(shop: Shop) -> None:
    """Declined by nobody, as on AWS: whoever works there looks now and then."""
    run = shop.asks()
    shop.team.installation.clock.sleep(3600)
    shop.worker.work(0)
    assert shop.outcome(run) == "declined"


def test_a_run_that_another_process_drives_is_left_to_it(shop: Shop) -> None:
    """It hears the answer there; to drive it here, too, would take it away from the other one."""
    run = shop.asks()
    other = shop.journal.begin(run)
    assert other is not None
    assert shop.worker.answer(*shop.approve(run)) is True
    shop.worker.work(0)
    assert shop.journal.holds(other)


def test_an_answer_to_nobody_is_no_failure(shop: Shop) -> None:
    """A callback of another machine's journal."""
    assert shop.worker.answer("nobody", {}) is False


def test_a_run_that_cannot_be_carried_keeps_none_from_it(shop: Shop) -> None:
    """It is told, and the next one has its turn."""
    shop.worker.take("nowhere")
    run = str(shop.door.person(NAME, {"instance_id": shop.demo.instance()}, **ADA).run)
    shop.worker.work(0)
    shop.worker.work(0)
    assert [str(each) for each in shop.slips] == ["the journal has no run nowhere"]
    assert pending(run, shop.team.store, shop.journal) is not None


def test_who_waits_for_work_can_be_woken(shop: Shop) -> None:
    """A process that is to end does not sit out its patience."""
    before = shop.team.installation.clock.now()
    shop.worker.wake()
    shop.worker.work(60)
    assert (shop.team.installation.clock.now() - before).total_seconds() < 30
