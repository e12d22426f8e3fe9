"""`nightcrew resume`: what a dead process left is carried on, or closed. Real ones die in test_run and
test_break_glass.
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from nightcrew.demo import served
from nightcrew.demo.embedded import crew
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.local import Journal
from nightcrew.ledger.history import entries, running
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.cli.night import ADA, NAME


def admitted(demo: Demo) -> str:
    """A run that was admitted, and whose process then died: nothing of it has happened."""
    started: list[str] = []
    dispatcher = Dispatcher(crew(load(""), clients=demo.clients).installation, started.append)
    run = dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA).run
    assert started == [run]
    return str(run)


class Died(BaseException):
    """A process that ends in the middle of a step."""


def died(demo: Demo, before: str) -> str:
    """A run whose process died right before it made this change: its entry stands, its call was never sent."""

    def watch(kind: str, what: Mapping[str, Any]) -> None:
        if kind == "change" and what["title"] == before:
            raise Died

    made = crew(load(""), clients=demo.clients, journal=demo.journal, watch=watch)
    run = str(made.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA).run)
    with pytest.raises(Died):
        made.engine.drive(run)
    return run


def test_it_tells_what_it_carries_on(demo: Demo) -> None:
    run = died(demo, "stop it")
    result = typed("--demo", "resume", run)
    assert result.code == 0
    assert f"carrying on {run}" in result.out
    assert "succeeded" in result.out
    assert f"nightcrew --demo show {run}" in result.out


def test_nothing_left_is_nothing_to_do(demo: Demo) -> None:
    del demo
    result = typed("--demo", "resume")
    assert (result.code, result.out) == (0, "Nothing to carry on.\n")
    assert typed("--demo", "resume", "--json").json == []


def test_a_run_that_ended_is_left_alone(demo: Demo) -> None:
    run = typed("--demo", "run", NAME, "--instance-id", demo.instance(), "--json").json["run"]
    before = entries(demo.store, run)
    result = typed("--demo", "resume", run)
    assert result.code == 0
    assert "it has ended already" in result.out
    assert entries(demo.store, run) == before


def test_a_run_that_was_admitted_and_never_started_is_started(demo: Demo) -> None:
    """Its process died between the ledger and the journal."""
    run = admitted(demo)
    result = typed("--demo", "resume", "--json")
    assert result.code == 0
    assert [(each["run"], each["outcome"]) for each in result.json] == [(run, "succeeded")]


def test_a_run_of_another_journal_is_left_while_its_lease_lasts(demo: Demo) -> None:
    """Whoever drives it may be alive: it is told, and not touched."""
    run = died(demo, "start it")
    demo.journal.unlink()
    result = typed("--demo", "resume", run)
    assert result.code == 6
    assert "the journal here does not know it" in result.out
    assert [row.run for row in running(demo.store)] == [run]


def test_a_run_that_cannot_be_carried_on_is_closed_as_abandoned(demo: Demo) -> None:
    """Its lease is over, and nobody has its journal: that is said, and its lock is released."""
    run = died(demo, "start it")
    demo.journal.unlink()
    served.moved(timedelta(hours=2).total_seconds())
    result = typed("--demo", "resume")
    assert result.code == 1
    assert f"{run} cannot be carried on" in result.err
    assert "closed as abandoned" in result.err
    last = entries(demo.store, run)[-1]
    assert (last.kind, last.body["outcome"], last.body["abandoned"]) == ("closing", "failed", True)
    assert running(demo.store) == []


def test_a_run_whose_execution_failed_is_closed(demo: Demo) -> None:
    """The journal says that it failed, and the ledger that it is open."""
    run = died(demo, "start it")
    with closing(Journal(demo.journal, SkippingClock())) as journal:
        invocation = journal.begin(run)
        assert invocation is not None
        assert journal.finish(invocation, "FAILED", error="the disk was full")
    result = typed("--demo", "resume", "--json")
    assert result.code == 1
    assert result.json[0]["outcome"] == "failed"
    assert "abandoned" in result.json[0]["words"]


def test_a_run_that_there_is_not_is_wrong_usage(demo: Demo) -> None:
    del demo
    result = typed("--demo", "resume", "20261121-030004-k3f9qa2m")
    assert result.code == 2
    assert "there is no run 20261121-030004-k3f9qa2m" in result.err
