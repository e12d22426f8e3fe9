"""A run is killed before and after each of its checkpoints, and a second life brings it to its end."""

import os
from pathlib import Path

import pytest

from nightcrew.authoring.steps import Interrupted, Json, Steps
from nightcrew.clock import SkippingClock
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.local.journal import Watch
from tests.engine.engines import CRASHED, Tally, handler

POINTS = 22
"""How often the watch is told something in one life: twice for each of 11 updates."""


CHANGES = ("stop it", "start it")


def run(path: Path, tally: Tally, watch: Watch | None = None) -> Json:
    def change(steps: Steps, title: str) -> Json:
        try:
            return steps.once(title, lambda: tally.mark(title))
        except Interrupted:
            return "unknown"

    def body(steps: Steps) -> Json:
        return [
            steps.repeat("find it", lambda: "found"),
            change(steps, "stop it"),
            steps.poll("it has stopped", lambda state: ([*(state or []), "looked"], None if state else 30)),
            steps.pause("settle", 3600),
            change(steps, "start it"),
        ]

    clock = SkippingClock()
    journal = Journal(path / "journal.db", clock, watch)
    engine = LocalEngine(handler(body), journal, clock)
    engine.start("run", {})
    ended = engine.drive("run")
    journal.close()
    assert ended.status == "SUCCEEDED", ended.error
    return ended.result


def test_one_life_has_as_many_points_as_are_killed_below(tmp_path: Path) -> None:
    told: list[str] = []

    result = run(tmp_path, Tally(tmp_path / "tally"), lambda name, point, detail: told.append(detail))

    assert result == ["found", 1, ["looked", "looked"], None, 1]
    assert len(told) == POINTS


@pytest.mark.kill
@pytest.mark.parametrize("last", range(1, POINTS + 1))
def test_a_killed_run_ends_well_and_makes_no_change_twice(tmp_path: Path, last: int) -> None:
    tally = Tally(tmp_path / "tally")
    killed = Tally(tmp_path / "killed")
    told: list[str] = []

    def watch(name: str, point: str, detail: str) -> None:
        told.append(f"{point} {detail}")
        if len(told) == last:
            killed.mark(told[-1])
            os._exit(CRASHED)

    child = os.fork()
    if child == 0:
        try:
            run(tmp_path, tally, watch)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == CRASHED

    found, stopped, looked, paused, started = run(tmp_path, tally)

    assert [found, looked, paused] == ["found", ["looked", "looked"], None]
    for title, outcome in zip(CHANGES, (stopped, started), strict=True):
        inside = killed.all()[0] in {f"after STEP START {title}", f"before STEP SUCCEED {title}"}
        assert outcome == ("unknown" if inside else 1)
        assert tally.of(title) == (0 if killed.all()[0] == f"after STEP START {title}" else 1)
