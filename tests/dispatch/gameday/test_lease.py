"""Whose a fault is: who plays has a lease on its note, and what a dead process left is anybody's to take back."""

from dataclasses import replace

import pytest

from nightcrew.dispatch.gameday import note
from nightcrew.dispatch.gameday.play import abandoned, play
from nightcrew.errors import Refused
from tests.dispatch.gameday.conftest import Build


def test_one_that_is_played_still_is_nobody_elses(build: Build) -> None:
    """Until its lease is over; or somebody says that it is to be taken back now."""
    field = build()
    now = field.ground.clock.now()
    ready = field.ready("set-alarm")
    mine = note.Note("t-1", "set-alarm", ready.game_day.fault, "bob", now, now + note.LEASE, {"state": "OK"})
    note.write(field.ground.store, mine)
    assert abandoned(field.ground) is None
    with pytest.raises(Refused, match="is played now, by bob"):
        play(field.ground, ready)
    found = note.find(field.ground.store)
    assert found is not None
    assert (found.token, found.by) == (mine.token, mine.by)
    field.ground.clock.sleep(note.LEASE.total_seconds())
    assert abandoned(field.ground) is not None
    assert note.find(field.ground.store) is None


def test_a_note_may_be_taken_back_before_its_lease_is_over(build: Build) -> None:
    """Who knows better says so."""
    field = build()
    now = field.ground.clock.now()
    fault = field.ready("set-alarm").game_day.fault
    note.write(field.ground.store, note.Note("t", "x", fault, "bob", now, now + note.LEASE, {"state": "OK"}))
    assert abandoned(field.ground, now=True) is not None


def test_who_was_thought_dead_stops(build: Build) -> None:
    """Somebody took its fault back meanwhile: it watches no more, and touches no other's note."""
    field = build()

    def asleep(seconds: float) -> None:
        field.ground.clock.sleep(600)
        if abandoned(field.ground) is not None:
            now = field.ground.clock.now()
            other = replace(field.ready("set-alarm").game_day.fault)
            note.write(
                field.ground.store, note.Note("other", "y", other, "bob", now, now + note.LEASE, {"state": "OK"})
            )

    told = play(replace(field.ground, pause=asleep), field.ready("stop-instance"))
    assert told.stopped == "somebody else took it back"
    found = note.find(field.ground.store)
    assert found is not None
    assert found.token == "other"


def test_a_lease_is_renewed_while_it_is_played(build: Build) -> None:
    """A long one belongs to who plays it, to its end."""
    field, leases = build(within="10m"), []

    def pausing(seconds: float) -> None:
        field.ground.clock.sleep(seconds)
        found = note.find(field.ground.store)
        leases.append(found is not None and found.lease > field.ground.clock.now())

    play(replace(field.ground, pause=pausing), field.ready("stop-instance"))
    assert len(leases) >= 20
    assert all(leases)
