"""Kills a scenario at one point after the other, two kills at a time, and judges each."""

import faulthandler
import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from tests.kill.cloud import Cloud
from tests.kill.found import UNKNOWN, Found
from tests.kill.judge import beside
from tests.kill.lane import Lane
from tests.kill.lives import Astray, Kill
from tests.kill.points import in_order
from tests.kill.scenario import Scenario


@dataclass(frozen=True)
class Judged:
    """One kill: its row of the report, and what was wrong."""

    row: Mapping[str, Any]
    wrongs: Sequence[str]

    def __str__(self) -> str:
        return f"killed {self.row['point']}: {'; '.join(self.wrongs)}"


@dataclass(frozen=True)
class Hunt:
    """A scenario, arranged in each lane's cloud; ``points`` are those of its undisturbed run."""

    scenario: Scenario
    lanes: Sequence[Lane]
    room: Path
    points: tuple[str, ...]
    undisturbed: Found

    def kill(self, kills: Sequence[Kill]) -> list[Judged]:
        """Judge each kill; each lane is a process of its own and takes every second one."""
        # pytest would show where this waits, after two minutes; that a life hangs, each of them sees to itself.
        faulthandler.cancel_dump_traceback_later()
        children: dict[int, Path] = {}
        for number, lane in enumerate(self.lanes):
            log = self.room / f"lane-{number}.jsonl"
            log.write_text("")
            if (child := os.fork()) == 0:
                self._work(lane, kills[number :: len(self.lanes)], log)
            children[child] = log
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert not any(codes), f"a lane ended with {codes}"
        lines = [json.loads(line) for log in children.values() for line in log.read_text().splitlines()]
        judged = {line["row"]["point"]: Judged(**line) for line in lines}
        return [judged[kill.words] for kill in kills]

    def _work(self, lane: Lane, kills: Sequence[Kill], log: Path) -> None:
        try:
            for number, kill in enumerate(kills):
                judged = self._judged(lane, kill, self.room / f"{log.stem}-{number}")
                with log.open("a") as file:
                    file.write(json.dumps(vars(judged)) + "\n")
            os._exit(0)
        except BaseException:  # noqa: BLE001  a forked test must never come back to pytest
            traceback.print_exc()
        finally:
            os._exit(1)

    def _judged(self, lane: Lane, kill: Kill, room: Path) -> Judged:
        row = {"runbook": self.scenario.runbook, "scenario": self.scenario.words, "point": kill.words}
        try:
            told, found = lane.play(kill, room)
        except Astray as astray:
            return Judged(row, [str(astray)])
        wrongs = [*found.wrongs(), *beside(self.undisturbed, kill, found, self.scenario.lost_news)]
        stopped = any(change.how == UNKNOWN for change in found.changes)
        if len(told) <= len(kill.points) and not stopped and not kill.zombie:
            wrongs.append(f"it never came to the point of life {len(told)}")
        return Judged({**row, **found.row(), "lives": len(told)}, wrongs)


Ready = Callable[[Scenario], AbstractContextManager[Hunt]]
"""Makes a hunt for one scenario: the fixture ``ready``."""


@contextmanager
def hunting(
    scenario: Scenario, clouds: Sequence[Cloud], catalog: Catalog, policy: Policy, room: Path
) -> Iterator[Hunt]:
    """Arrange a scenario in each cloud, let a run pass undisturbed in each, and be ready to kill."""
    lanes = [Lane(scenario, cloud, catalog, policy) for cloud in clouds]
    try:
        points, undisturbed = zip(*(_undisturbed(lane, room / "undisturbed") for lane in lanes), strict=True)
        assert len(set(points)) == 1, f"the points are not the same from run to run: {points}"
        for found in undisturbed:
            assert found.outcome == scenario.outcome, f"without any kill it ends as {found.outcome}: {found.words}"
            assert not found.wrongs(), f"without any kill: {'; '.join(found.wrongs())}"
        yield Hunt(scenario, lanes, room, points[0], undisturbed[0])
    finally:
        for cloud in clouds:
            cloud.end()


def _undisturbed(lane: Lane, room: Path) -> tuple[tuple[str, ...], Found]:
    lane.arrange()
    (told,), found = lane.play(Kill(), room)
    lane.warm(told)
    return in_order(told.points), found
