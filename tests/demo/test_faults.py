"""What happens when something goes wrong, and what people and the ledger are told of it."""

from pathlib import Path

import pytest

from nightcrew.demo.faults import EVENT, WORDS, stop_hangs, throttle
from nightcrew.demo.kill import DEATHS, survive
from nightcrew.ledger.history import entries
from tests.demo.conftest import Build, Own, Told


def facts(told: Told, verb: str) -> list[str]:
    """The titles of what was told of one verb, in order."""
    return [str(what[verb]) for what in told.of("fact") if verb in what]


def test_an_instance_that_does_not_stop_is_forced_to(build: Build, own: Own, told: Told) -> None:
    """After ten minutes of waiting, and then it is cured."""
    stage = build(faults=[stop_hangs])
    assert stage.event(own(EVENT)).end == "cured"
    assert facts(told, "changed") == ["stop it", "force it to stop", "start it"]
    [first, *_] = [what for what in told.of("fact") if "waited" in what]
    assert not first.get("met")


def test_throttled_calls_are_sent_again_and_throttled_polls_waited_out(build: Build, own: Own, told: Told) -> None:
    """The run does not fail for it, and says how often."""
    stage = build(faults=[throttle])
    assert stage.event(own(EVENT)).end == "cured"
    assert [what["tries"] for what in told.of("fact") if "changed" in what] == [3, 2]
    assert [what["faults"] for what in told.of("fact") if "waited" in what or "proved" in what] == [2, 3]


@pytest.mark.kill
def test_a_run_survives_that_its_runner_is_killed_twice(build: Build, own: Own, told: Told, tmp_path: Path) -> None:
    """Each change reaches the cloud once: one was not made and is made, the other was made and is not repeated."""
    journal = tmp_path / "journal.sqlite"
    stage = build(journal=journal)
    survived = survive(stage, own(EVENT), journal)
    assert survived.well
    assert survived.received == {"ec2:StopInstances": 1, "ec2:StartInstances": 1}
    assert len(told.of("killed")) == len(DEATHS)
    hows = [what["how"] for what in told.of("fact") if "changed" in what]
    assert hows == ["looked: it had not; called", "looked: it had taken effect"]
    chain = entries(stage.crew.store, str(survived.played.answer.run))
    assert [entry.kind for entry in chain].count("change") == len(hows)
    assert chain[-1].body["outcome"] == "cured"


def test_every_fault_is_told_in_words() -> None:
    """What is about to be seen is said before."""
    assert set(WORDS) == {"stop-hangs", "throttle", "kill"}
